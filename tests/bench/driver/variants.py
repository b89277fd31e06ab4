# SPDX-License-Identifier: MIT
"""The ways in which a row's command is run, and why one is not to be had here."""

import glob
import os
import subprocess


class Variants:
    def __init__(self, builddir):
        self.builddir = builddir
        self.library = os.path.join(builddir, ".libs", "libringshim.so")
        self.obvious = os.path.join(builddir, "tests", "bench", "obvious.so")
        self.missing = {}
        self.eatmydata = next(iter(glob.glob("/usr/lib/*/libeatmydata.so")), None)
        for variant in ("obvious", "auto", "eatmydata"):
            reason = getattr(self, f"why_no_{variant}")()
            if reason:
                self.missing[variant] = reason

    def why_no_obvious(self):
        if not os.path.exists(self.obvious):
            return "no liburing.h here (Debian: liburing-dev)"
        return None

    def why_no_eatmydata(self):
        return None if self.eatmydata else "no libeatmydata.so here (Debian: libeatmydata1)"

    def why_no_auto(self):
        """Asked of the library: one that does not know a route says so and takes ring."""
        command = ["env", *self.environment("auto"), "cat", os.devnull]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        return run.stderr.strip() or None

    def environment(self, variant):
        """As words for env(1)."""
        if variant == "obvious":
            return [f"LD_PRELOAD={self.obvious}"]
        if variant in ("ring", "direct", "auto"):
            return [f"LD_PRELOAD={self.library}", f"RINGSHIM_ROUTE={variant}"]
        if variant == "ahead":
            return [f"LD_PRELOAD={self.library}", "RINGSHIM_AHEAD=1"]
        if variant == "late":
            return [f"LD_PRELOAD={self.library}", "RINGSHIM_RISK_SYNC_AT_EXIT=1"]
        if variant == "eatmydata":
            return [f"LD_PRELOAD={self.eatmydata}"]
        return []
