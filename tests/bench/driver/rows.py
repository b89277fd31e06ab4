# SPDX-License-Identifier: MIT
"""The rows of rows.tsv, and their targets."""

import dataclasses
import fnmatch
import re

VARIANTS = ("native", "floor", "uring", "obvious", "ring", "direct", "auto", "ahead",
            "eatmydata", "late")
# Variants of a few rows only, which have no column of their own.
RARE = ("uring", "ahead", "eatmydata", "late")
FIGURES = ("wall", "cpu", "ns", "KiB", "us")


@dataclasses.dataclass
class Target:
    """subject <= factor * base + constant; base may be None, or VARIANT@ROW."""

    text: str
    subject: str
    factor: float = 1.0
    base: str | None = None
    constant: float = 0.0

    def base_variant(self):
        return self.base.split("@")[0] if self.base else None

    def base_row(self):
        return self.base.split("@")[1] if self.base and "@" in self.base else None


@dataclasses.dataclass
class Row:
    name: str
    group: str
    figure: str
    command: list
    variants: list
    targets: list


def parse_target(text):
    name = r"[a-z]+(?:@[^+*]+)?"
    number = r"[0-9]+(?:\.[0-9]+)?"
    match = re.fullmatch(rf"([a-z]+)<=(?:({number})\*)?({name})(?:\+({number}))?", text)
    if match:
        subject, factor, base, constant = match.groups()
        return Target(text, subject, float(factor or 1), base, float(constant or 0))
    match = re.fullmatch(rf"([a-z]+)<=({number})", text)
    if match:
        return Target(text, match[1], constant=float(match[2]))
    raise ValueError(f"not a target: {text}")


def read(path):
    """All rows, in order; ValueError with the line when one makes no sense."""
    classes, rows = {}, {}
    for number, line in enumerate(open(path, encoding="utf-8"), 1):
        line = line.rstrip("\n")
        if not line or line.startswith("#"):
            continue
        try:
            kind, name, *rest = line.split("\t")
            if kind == "class":
                variants, targets = rest
                classes[name] = (variants.split(), [parse_target(t) for t in targets.split()])
                if not set(variants.split()) <= set(VARIANTS):
                    raise ValueError(f"not all variants: {variants}")
            elif kind == "row" and name not in rows:
                group, figure, command = rest
                if figure not in FIGURES:
                    raise ValueError(f"not a figure: {figure}")
                rows[name] = Row(name, group, figure, command.split(), *classes[group])
            else:
                raise ValueError(f"not a new row: {line}")
        except (ValueError, KeyError) as error:
            raise ValueError(f"{path}:{number}: {error}") from None
    return list(rows.values())


def select(rows, patterns):
    """Those that match one of the patterns, and those they are compared with."""
    if not patterns:
        return rows
    names = {r.name for r in rows if any(fnmatch.fnmatchcase(r.name, p) for p in patterns)}
    names |= {t.base_row() for r in rows if r.name in names for t in r.targets}
    return [r for r in rows if r.name in names]


def blocks(rows):
    """Lists of rows to be measured in turns: those that are compared with each other."""
    found = {}
    for row in rows:
        bases = [t.base_row() for t in row.targets if t.base_row()]
        found[row.name] = found[bases[0]] if bases else []
        found[row.name].append(row)
    return [block for name, block in found.items() if block[0].name == name]
