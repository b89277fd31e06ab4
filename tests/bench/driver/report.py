# SPDX-License-Identifier: MIT
"""The results as text and as JSON."""

import json

from rows import RARE, VARIANTS

MARKS = {(True, False): "ok", (True, True): "ok, within the spread",
         (False, False): "MISS", (False, True): "MISS, within the spread"}


def number(value):
    for digits, below in ((2, 10), (1, 100)):
        if abs(value) < below:
            return f"{value:.{digits}f}"
    return f"{value:.0f}"


def unit(row):
    return {"wall": "ns", "cpu": "ns"}.get(row.figure, row.figure)


def heading():
    return (f"{'':24} {'':4} " + "".join(f"{variant:>19}" for variant in VARIANTS
                                        if variant not in RARE))


def cell(result, variant):
    """The median, the spread in per cent, and the quotient to the native call."""
    if variant not in result.samples:
        return f"{'-':>19}"
    spread = result.spread(variant)
    text = number(spread.median)
    if spread.median > 0:
        text += f" ±{50 * (spread.high - spread.low) / spread.median:.0f}%"
    if variant != "native" and result.samples.get("native") and result.row.figure != "KiB":
        quotient = result.paired(variant, result.samples["native"], lambda a, b: a / b)
        text += f" x{quotient.median:.2f}"
    return f"{text:>19}"


def verdict_line(verdict):
    spread = verdict.spread
    sign = "+" if verdict.kind == "difference" else ""
    figures = [f"{v:{sign}.3f}" if verdict.kind == "quotient" else f"{v:{sign}.1f}"
               for v in (spread.median, spread.low, spread.high)]
    return (f"    {verdict.target.text:40} {figures[0]:>10} ({figures[1]} to {figures[2]})  "
            f"{MARKS[verdict.met, verdict.close]}")


def floor_line(result, verdicts):
    """How far running ahead is from the floor, where that is no target."""
    if not {"ahead", "floor"} <= set(result.samples):
        return
    if any(v and v.target.text.endswith("*floor") for v in verdicts):
        return
    spread = result.paired("ahead", result.samples["floor"], lambda a, b: a / b)
    yield (f"    {'ahead/floor':40} {spread.median:>10.3f} ({spread.low:.3f} to "
           f"{spread.high:.3f})  no target")


def share_lines(result):
    """Where not nearly all calls of the route "ring" went by ring, and why; auto's choice."""
    for variant in ("ring", "auto"):
        counts = result.shares.get(variant)
        # Calls of families that do not take part are none of its business.
        counts = {reason: n for reason, n in (counts or {}).items() if reason != "setting"}
        if not counts:
            continue
        share = counts.get("ring", 0) / sum(counts.values())
        if variant == "auto" or share < 0.95:
            most = max((r for r in counts if r != "ring"), key=counts.get, default=None)
            yield (f"    {variant}: {100 * share:.0f} % of the calls by ring"
                   + (f"; direct mostly: {most}" if most else ""))


def missing_lines(missing):
    """One line for each reason."""
    for why in dict.fromkeys(missing.values()):
        variants = " ".join(variant for variant in missing if missing[variant] == why)
        yield f"    left out: {variants}: {why}"


def row_text(result, verdicts):
    variants = [v for v in VARIANTS if v not in RARE or v in result.samples]
    lines = [f"{result.row.name:24} {unit(result.row):4} "
             + "".join(cell(result, v) for v in variants)]
    lines += [verdict_line(v) for v in verdicts if v]
    lines += floor_line(result, verdicts)
    lines += share_lines(result)
    lines += missing_lines(result.missing)
    return "\n".join(lines)


def markdown_cell(row, variant):
    found = row["variants"].get(variant)
    if not found:
        return "-"
    return number(found["median"]) + ("" if row["figure"] == "KiB" or variant == "native"
                                      else factor(row, variant))


def factor(row, variant):
    native = row["variants"].get("native")
    if not native or not native["median"]:
        return ""
    return f" ({row['variants'][variant]['median'] / native['median']:.2f})"


def markdown_target(target):
    digits = 2 if target["kind"] == "quotient" else 1
    mark = "" if target["met"] else "**"
    return f"{mark}{target['median']:.{digits}f}{mark} of {target['limit']:g}"


def write_markdown(path, rows):
    """The medians, in brackets as quotients to native, and the targets; misses are bold."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("| row | unit | " + " | ".join(VARIANTS) + " | targets |\n")
        file.write("|---" * (len(VARIANTS) + 3) + "|\n")
        for row in rows:
            cells = [row["name"], row["unit"], *(markdown_cell(row, v) for v in VARIANTS),
                     ", ".join(f"{t['target'].split('<=')[0]} {markdown_target(t)}"
                               for t in row["targets"]) or "-"]
            file.write("| " + " | ".join(cells) + " |\n")


def as_data(result, verdicts):
    row = result.row
    return {
        "name": row.name,
        "class": row.group,
        "figure": row.figure,
        "unit": unit(row),
        "command": " ".join(row.command),
        "variants": {
            variant: {**vars(result.spread(variant)), "samples": samples,
                      "calls": dict(result.shares.get(variant) or {})}
            for variant, samples in result.samples.items()},
        "missing": result.missing,
        "targets": [
            {"target": v.target.text, "kind": v.kind, "limit": v.limit, **vars(v.spread),
             "met": v.met} for v in verdicts if v],
    }


def write_json(path, machine, rows):
    with open(path, "w", encoding="utf-8") as file:
        json.dump({"machine": machine, "rows": rows}, file, indent=1)
        file.write("\n")
