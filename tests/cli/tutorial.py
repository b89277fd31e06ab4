# SPDX-License-Identifier: MIT
"""tutorial.py FILE: runs the commands of a page and compares what they print with the page.

A command is an indented line that begins with "$ ", or with "# " if it needs root. The indented lines
after it, up to the next command, are what it prints. Numbers with their units, blanks and empty
lines may differ; a line "..." stands for any lines. A command that fails, fails the page. Says how
many commands ran.
"""

import os
import re
import subprocess
import sys

NUMBER = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?([kMG]| [mu]?s\b)?")


def read_steps(path):
    """Returns [(prompt, command, lines of output)]."""
    steps = []
    inside = False
    with open(path) as page:
        for line in page:
            line = line.rstrip("\n")
            begins = re.match(r"    ([$#]) (.*)", line)
            if begins:
                steps.append((begins[1], begins[2], []))
                inside = True
            elif inside and line.startswith("    "):
                steps[-1][2].append(line[4:])
            elif line:
                inside = False
    return steps


def normal(line):
    return " ".join(NUMBER.sub("N", line).split())


def agrees(expected, got):
    """Returns true if the lines are the same but for numbers and what "..." stands for."""
    if not expected:
        return not got
    if expected[0] == "...":
        return any(agrees(expected[1:], got[i:]) for i in range(len(got) + 1))
    return bool(got) and normal(expected[0]) == normal(got[0]) and agrees(expected[1:], got[1:])


def run_step(prompt, command, expected):
    if prompt == "#" and os.geteuid():
        print(f"not root, not run: {command}")
        return 0
    ended = subprocess.run(
        ["bash", "-c", command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=120, check=False,
    )
    got = [line for line in ended.stdout.splitlines() if line.strip()]
    if ended.returncode or not agrees(expected, got):
        print(f"{prompt} {command}\nstatus {ended.returncode}, expected:")
        print("\n".join(expected), "\ngot:", ended.stdout, sep="\n")
        raise SystemExit(1)
    return 1


steps = read_steps(sys.argv[1])
print(sum(run_step(*step) for step in steps), "commands")
