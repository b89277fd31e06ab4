# SPDX-License-Identifier: MIT
"""Taking one sample: a run of a row's command in one variant."""

import collections
import os
import subprocess

EXIT_CANNOT = 77


class Cannot(Exception):
    """This machine does not have what the row needs."""


class Broken(Exception):
    """The command failed."""


class Sampler:
    def __init__(self, variants, srcdir, places, quick):
        self.variants = variants
        self.programs = os.path.join(srcdir, "tests", "bench", "programs")
        self.calls = os.path.join(variants.builddir, "tests", "bench", "calls")
        self.places = places
        self.stats = os.path.join(places["dir"], "stats")
        self.quick = quick

    def words(self, row, environment, floor):
        """The command with its places filled in."""
        for word in row.command:
            if word == "{env}":
                yield from environment
            elif word == "calls":
                yield self.calls
                yield from ["-m", "10" if self.quick else "20"]
                yield from ["-f"] if floor else []
            else:
                yield word.format(**self.places)

    def command(self, row, variant):
        environment = self.variants.environment(variant)
        # To write statistics at its end is no part of a program's start.
        if environment and variant != "obvious" and "{env}" not in row.command:
            environment.append(f"RINGSHIM_STATS={self.stats}")
        words = list(self.words(row, environment, variant == "floor"))
        if row.command[0] != "calls":
            script = os.path.join(self.programs, words[0] + ".bash")
            return ["bash", script, *words[1:]], environment
        if "{env}" in row.command or not environment:
            return words, environment
        return ["env", *environment, *words], environment

    def take(self, row, variant):
        """The figure, and how many calls went by ring and directly (None: not known)."""
        command, environment = self.command(row, variant)
        if os.path.exists(self.stats):
            os.unlink(self.stats)
        settings = dict(os.environ, BENCH_BUILDDIR=self.variants.builddir, BENCH_VARIANT=variant,
                        BENCH_UNDER=" ".join(environment),
                        BENCH_QUICK="1" if self.quick else "")
        try:
            run = subprocess.run(command, env=settings, capture_output=True, text=True,
                                 timeout=60 if row.command[0] == "calls" else 600, check=False)
        except subprocess.TimeoutExpired:
            raise Broken("not done in time") from None
        if run.returncode == EXIT_CANNOT:
            raise Cannot(run.stderr.strip() or "cannot be had here")
        if run.returncode:
            raise Broken(run.stderr.strip() or f"exit status {run.returncode}")
        return self.figure(row, run.stdout), self.shares()

    def figure(self, row, output):
        try:
            numbers = [float(word) for word in output.split()]
            return numbers[1 if row.figure == "cpu" else 0]
        except (ValueError, IndexError):
            raise Broken(f"no figure in what it printed: {output[:200]!r}") from None

    def shares(self):
        """From the statistics: calls by ring, and by reason those that went direct."""
        if not os.path.exists(self.stats):
            return None
        counts = collections.Counter()
        for line in open(self.stats, encoding="utf-8"):
            route, reason, count = line.split("\t")[-3:]
            if route not in ("ring", "direct"):
                continue
            counts["ring" if route == "ring" else reason] += int(count)
        return counts
