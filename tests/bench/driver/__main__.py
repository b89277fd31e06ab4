# SPDX-License-Identifier: MIT
"""Measures the rows of rows.tsv, variants in turns, and says which miss their targets."""

import argparse
import os
import platform
import subprocess
import sys
import tempfile

import plots
import report
import rows
from sample import Broken, Cannot, Sampler
from summary import Result, judge
from variants import Variants


def arguments():
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--srcdir", default=".")
    parser.add_argument("--builddir", default=".")
    parser.add_argument("--rows", help="another table than tests/bench/rows.tsv")
    parser.add_argument("--list", action="store_true", help="only say what there is")
    return parser.parse_args()


def file_system(path):
    found = subprocess.run(["stat", "-f", "-c", "%T", path], capture_output=True, text=True,
                           check=True)
    name = found.stdout.strip()
    if name != "ext2/ext3":
        return name
    # One number for three of them; the mount table knows.
    found = subprocess.run(["findmnt", "-n", "-o", "FSTYPE", "-T", path], capture_output=True,
                           text=True, check=False)
    return found.stdout.strip() or name


def machine(places):
    model = [line.split(":")[1].strip() for line in open("/proc/cpuinfo", encoding="utf-8")
             if line.startswith("model name")]
    return {
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "processor": model[0] if model else "unknown",
        "cpus": len(os.sched_getaffinity(0)),
        "libc": " ".join(platform.libc_ver()),
        "load": os.getloadavg()[0],
        "dir": f"{places['dir']} ({file_system(places['dir'])})",
        "shm": f"{places['shm']} ({file_system(places['shm'])})",
    }


class Bench:
    def __init__(self, sampler, variants, rounds):
        self.sampler = sampler
        self.variants = variants
        self.rounds = rounds
        self.broken = False

    def begin(self, row):
        missing = {v: why for v, why in self.variants.missing.items() if v in row.variants}
        samples = {v: [] for v in row.variants if v not in missing}
        return Result(row, samples, {}, missing)

    def give_up(self, result, variant, error):
        """Without this variant from now on; only the obvious shim may break."""
        result.missing[variant] = str(error)
        del result.samples[variant]
        if isinstance(error, Broken) and variant != "obvious":
            self.broken = True

    def sample(self, result, variant):
        try:
            figure, shares = self.sampler.take(result.row, variant)
        except (Cannot, Broken) as error:
            self.give_up(result, variant, error)
            return
        result.samples[variant].append(figure)
        result.shares[variant] = shares

    def warm_up(self, result):
        """One run that is not counted makes the files that the others find."""
        try:
            self.sampler.take(result.row, next(iter(result.samples)))
        except (Cannot, Broken) as error:
            for variant in list(result.samples):
                self.give_up(result, variant, error)

    def measure(self, block):
        """The rows of a block and their variants in turns, another one first each time."""
        results = [self.begin(row) for row in block]
        if block[0].command[0] != "calls":
            self.warm_up(results[0])
        for turn in range(self.rounds(block[0])):
            for result in results:
                variants = list(result.samples)
                for i in range(len(variants)):
                    self.sample(result, variants[(i + turn) % len(variants)])
        return results


def rounds_of(quick):
    asked = int(os.environ.get("BENCH_ROUNDS") or 0)

    def rounds(row):
        if asked:
            return asked
        if row.command[0] == "calls":
            return 7 if quick else 31
        return 2 if quick else 7
    return rounds


def run(args, table, places, out, quick):
    variants = Variants(args.builddir)
    bench = Bench(Sampler(variants, args.srcdir, places, quick), variants, rounds_of(quick))
    facts = machine(places)
    print("\n".join(f"{name}: {value}" for name, value in facts.items()))
    print("Medians; ± half the distance of the quartiles; x the quotient to native.\n")
    print(report.heading(), flush=True)
    data, missed, lacking = [], [], []
    for block in rows.blocks(table):
        results = bench.measure(block)
        by_name = {r.row.name: r for r in results}
        for result in results:
            verdicts = [judge(result, t, by_name) for t in result.row.targets]
            print(report.row_text(result, verdicts), flush=True)
            data.append(report.as_data(result, verdicts))
            missed += [(result.row.name, v) for v in verdicts if v and not v.met]
            lacking += [result.row.name] if None in verdicts else []
    report.write_json(os.path.join(out, "results.json"), facts, data)
    report.write_markdown(os.path.join(out, "results.md"), data)
    finish(data, missed, lacking, out)
    return bench.broken


def finish(data, missed, lacking, out):
    total = sum(len(row["targets"]) for row in data)
    print(f"\n{total - len(missed)} of {total} targets met" + (", missed:" if missed else ""))
    for name, verdict in missed:
        print(f"{name:28}{report.verdict_line(verdict).lstrip()}")
    if lacking:
        print("Not all targets could be judged for:", " ".join(lacking))
    print(f"All samples: {os.path.join(out, 'results.json')}")
    print(plots.draw(data, out))


def main():
    args = arguments()
    args.builddir = os.path.abspath(args.builddir)
    quick = bool(os.environ.get("BENCH_QUICK"))
    path = args.rows or os.path.join(args.srcdir, "tests", "bench", "rows.tsv")
    table = rows.select(rows.read(path), os.environ.get("BENCH", "").split())
    if not table:
        sys.exit("make bench: no row of that name; --list has them")
    if args.list:
        print("\n".join(row.name for row in table))
        return
    out = os.path.abspath(os.environ.get("BENCH_OUT") or os.path.join(args.builddir, "bench-out"))
    os.makedirs(out, exist_ok=True)
    base = os.environ.get("BENCH_DIR") or args.builddir
    with tempfile.TemporaryDirectory(prefix="bench-", dir=base) as directory:
        places = {"dir": directory, "shm": "/dev/shm"}
        sys.exit(1 if run(args, table, places, out, quick) else 0)


main()
