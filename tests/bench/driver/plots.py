# SPDX-License-Identifier: MIT
"""Plots of the results as SVG, where gnuplot is there: points with their quartiles."""

import os
import re
import shutil
import subprocess

from rows import VARIANTS
from summary import Spread

PREAMBLE = """\
set terminal svg size 1100,520 font 'sans,11' background 'white'
set output {output}
set title {title} noenhanced
set ylabel {ylabel}
set grid ytics
set key outside right top noenhanced
set termoption noenhanced
"""
NAMED = "set xtics rotate by -50\nset xrange [-0.7:{last}.7]\n"


def quotients(row, variant):
    """To the native call, round by round."""
    samples = [row["variants"].get(v, {}).get("samples") for v in (variant, "native")]
    if not all(samples) or not all(samples[1]):
        return None
    return Spread.of([a / b for a, b in zip(*samples)])


def against_native(rows, variants):
    """By variant, a point for each row."""
    return {v: [(i, row["name"], quotients(row, v)) for i, row in enumerate(rows)]
            for v in variants}


def against_target(rows, target):
    found = [(row["name"], t) for row in rows for t in row["targets"] if t["target"] == target]
    return {target: [(i, name, Spread(t["median"], t["low"], t["high"]))
                     for i, (name, t) in enumerate(found)]}


def over_number(rows, pattern, variants):
    """What a call takes, over the number at the end of the row's name."""
    points = {v: [] for v in variants}
    for row in rows:
        match = re.fullmatch(pattern, row["name"])
        for variant in variants if match else ():
            if variant in row["variants"]:
                found = row["variants"][variant]
                points[variant].append((int(match[1]), "",
                                        Spread(found["median"], found["low"], found["high"])))
    return points


def quoted(text):
    return "'" + text.replace("'", "''") + "'"


def style(key):
    """A variant looks the same in every plot."""
    number = VARIANTS.index(key) + 1 if key in VARIANTS else 1
    return f"linetype {number} pointtype {number + 3} pointsize 0.7"


def write_points(path, series):
    """One block a series, as gnuplot's index counts them."""
    with open(path, "w", encoding="utf-8") as file:
        for name, points in series.items():
            file.write(f"# {name}\n")
            for x, label, spread in points:
                if spread:
                    file.write(f'{x} "{label}" {spread.median} {spread.low} {spread.high}\n')
            file.write("\n\n")


def draw_one(out, name, title, ylabel, settings, series):
    """None when there is nothing to draw, else the file."""
    series = {k: [p for p in points if p[2]] for k, points in series.items()}
    series = {k: points for k, points in series.items() if points}
    if not series:
        return None
    points, output = (os.path.join(out, f"{name}.{suffix}") for suffix in ("dat", "svg"))
    write_points(points, series)
    tics = {x: label for part in series.values() for x, label, _ in part if label}
    script = PREAMBLE.format(output=quoted(output), title=quoted(title),
                             ylabel=quoted(ylabel)) + settings
    if tics:
        script += NAMED.format(last=max(tics))
        script += "set xtics (" + ", ".join(f"{quoted(n)} {x}" for x, n in tics.items()) + ")\n"
    shift = 0.12 if tics else 0
    script += "plot " + ", ".join(
        f"{quoted(points)} index {i} using ($1+{(i - len(series) / 2) * shift:.2f}):3:4:5 "
        f"with yerrorbars {style(key)} title {quoted(key)}"
        for i, key in enumerate(series)) + "\n"
    subprocess.run(["gnuplot"], input=script, text=True, check=True)
    return output


def draw(data, out):
    """Draws what the rows are enough for, and says what there is."""
    if not shutil.which("gnuplot"):
        return "No plots: gnuplot is not installed (Debian: gnuplot-nox)"
    calls = [row for row in data if row["class"] in ("call", "pair", "trip", "table")]
    programs = [row for row in data if row["class"] in ("program", "fio")]
    variants = ("floor", "obvious", "ring", "direct", "auto")
    logarithmic = "set logscale y 2\n"
    wide = "set logscale x 10\nset offsets graph 0.05, graph 0.05, 0, 0\nset yrange [0:*]\n"
    drawn = [
        draw_one(out, "calls", "One call", "times the native call", logarithmic,
                 against_native(calls, variants)),
        draw_one(out, "ring", "The library's ring and one by hand", "ring / floor",
                 "set arrow from graph 0, first 1.05 to graph 1, first 1.05 nohead\n",
                 against_target(calls, "ring<=1.05*floor")),
        draw_one(out, "programs", "Whole programs", "times the native run", logarithmic,
                 against_native(programs, ("uring", "ring", "direct", "auto"))),
        draw_one(out, "threads", "pread of 4 KiB by many threads on one CPU", "ns a call", wide,
                 over_number(data, r"threads-(\d+)", ("native",) + variants)),
        draw_one(out, "descriptors", "pread of 512 bytes, of so many descriptors", "ns a call",
                 wide, over_number(data, r"descriptors-last-(\d+)", ("native",) + variants)),
    ]
    return "Plots: " + " ".join(os.path.basename(path) for path in drawn if path)
