# SPDX-License-Identifier: MIT
"""What the samples of a row amount to."""

import dataclasses
import statistics


@dataclasses.dataclass
class Spread:
    """Median and quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values):
        if len(values) < 2:
            return cls(values[0], values[0], values[0])
        low, median, high = statistics.quantiles(values, n=4, method="inclusive")
        return cls(median, low, high)


@dataclasses.dataclass
class Result:
    """The samples of one row: by variant, one for each round."""

    row: object
    samples: dict
    shares: dict
    missing: dict           # variants that were left out or broke, and why

    def spread(self, variant):
        return Spread.of(self.samples[variant])

    def paired(self, variant, other, combine):
        """Of each round's two samples, so that what disturbs both cancels out."""
        return Spread.of([combine(a, b) for a, b in zip(self.samples[variant], other)])


@dataclasses.dataclass
class Verdict:
    target: object
    kind: str               # "quotient", "difference" or "value"
    spread: Spread
    limit: float

    @property
    def met(self):
        return self.spread.median <= self.limit

    @property
    def close(self):
        """The limit lies within the spread."""
        return self.spread.low <= self.limit <= self.spread.high


def judge(result, target, results):
    """The verdict on one target, or None: a variant that it needs is missing."""
    if target.subject not in result.samples:
        return None
    if not target.base:
        return Verdict(target, "value", result.spread(target.subject), target.constant)
    base = results.get(target.base_row()) if target.base_row() else result
    if base is None or target.base_variant() not in base.samples:
        return None
    other = base.samples[target.base_variant()]
    if target.constant:
        spread = result.paired(target.subject, other, lambda a, b: a - target.factor * b)
        return Verdict(target, "difference", spread, target.constant)
    spread = result.paired(target.subject, other, lambda a, b: a / b)
    return Verdict(target, "quotient", spread, target.factor)
