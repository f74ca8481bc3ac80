"""One queue whose arrivals and positions change over the day, in simpy: an independent judge of plans."""

import itertools
import math
import random

import numpy as np
import simpy

WITHIN_S, SHORT_S = 20.0, 5.0
SPREAD = math.log(2.0)
"""Variance of the log of a handle time whose coefficient of variation is one."""


def served(
    arrivals: np.ndarray,
    positions: np.ndarray,
    handle_s: float,
    patience_s: float,
    step_s: float,
    *,
    days: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Contacts without short abandons, and answered in time, by day and interval of arrival.

    Lognormal handle times, exponential patience; whoever is not wanted any more finishes the contact in hand.
    """
    base, good = np.zeros((2, days, arrivals.size), dtype=np.int64)
    for day in range(days):
        _Day(
            arrivals,
            positions,
            handle_s,
            patience_s,
            step_s,
            random.Random(9_000 + day),
            base[day],
            good[day],
        )
    return base, good


class _Day:
    """A day that is played as it is made."""

    def __init__(self, arrivals, positions, handle_s, patience_s, step_s, luck, base, good):  # type: ignore[no-untyped-def]
        self.env, self.luck, self.base, self.good = simpy.Environment(), luck, base, good
        self.handle_s, self.patience_s, self.step_s = handle_s, patience_s, step_s
        self.wanted = self.busy = 0
        self.line: dict[int, tuple[float, int]] = {}
        self.names = itertools.count()
        self.env.process(self._shifts(positions))
        self.env.process(self._arrivals(arrivals))
        self.env.run()

    def _shifts(self, positions):  # type: ignore[no-untyped-def]
        """Positions of each interval; where there are none the last ones stay."""
        for wanted in positions.tolist():
            self.wanted = wanted or self.wanted
            self._serve()
            yield self.env.timeout(self.step_s)

    def _arrivals(self, arrivals):  # type: ignore[no-untyped-def]
        """A Poisson process whose rate changes by interval, thinned from its highest rate."""
        rate = arrivals.max() / self.step_s
        while True:
            yield self.env.timeout(self.luck.expovariate(rate))
            at = int(self.env.now // self.step_s)
            if at >= arrivals.size:
                return
            if self.luck.random() * rate * self.step_s < arrivals[at]:
                name = next(self.names)
                self.line[name] = (self.env.now, at)
                self.env.process(self._patience(name, at))
                self._serve()

    def _patience(self, name, at):  # type: ignore[no-untyped-def]
        patience = self.luck.expovariate(1.0 / self.patience_s)
        yield self.env.timeout(patience)
        if self.line.pop(name, None):
            self.base[at] += patience >= SHORT_S

    def _serve(self):  # type: ignore[no-untyped-def]
        while self.line and self.busy < self.wanted:
            came, at = self.line.pop(next(iter(self.line)))
            self.base[at] += 1
            self.good[at] += self.env.now - came <= WITHIN_S
            self.busy += 1
            self.env.process(self._contact())

    def _contact(self):  # type: ignore[no-untyped-def]
        sigma = math.sqrt(SPREAD)
        yield self.env.timeout(self.handle_s * self.luck.lognormvariate(-SPREAD / 2.0, sigma))
        self.busy -= 1
        self._serve()
