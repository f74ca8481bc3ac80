"""The forecast: what comes, in the mean, in its spread, and as joint draws."""

import datetime as dt
from functools import cached_property
from typing import ClassVar

import numpy as np

from wfo.errors import InputError
from wfo.forecasting.landing import landing
from wfo.forecasting.paths import DemandPaths
from wfo.forecasting.propagation import Links, expected_volume, links_of
from wfo.forecasting.sampling import DayFactors, draw_carried, draw_fresh, poisson_noise
from wfo.tables.result import Result
from wfo.timegrid import TimeGrid


class ForecastResult(Result):
    """Forecast tables and the model from which paths are drawn.

    ``tables`` holds ``forecast`` (every queue and interval of the grid, in the scenario's order),
    ``history`` (the recent past on the same grid), ``methods`` (how each way of forecasting did, and its
    part), ``outliers``, ``overrides`` (figures set by hand) and ``follow_ups_by_intent``; ``state`` holds
    what further draws need, as plain JSON.
    """

    MAIN: ClassVar[str] = "forecast"

    @property
    def queues(self) -> tuple[str, ...]:
        """Q queue ids in the scenario's order."""
        return tuple(self._model["queues"])

    @property
    def zone(self) -> str:
        """The zone in which days begin."""
        return str(self._model["zone"])

    @property
    def grid(self) -> TimeGrid:
        """The T intervals forecast."""
        grid = self._model["grid"]
        return TimeGrid(dt.datetime.fromisoformat(grid["start"]), int(grid["step_min"]), int(grid["n"]))

    def sample(self, n: int, seed: int) -> DemandPaths:
        """Draw ``n`` joint paths of fresh and carried contacts.

        Draws are counter-based, so path r of one seed is the same whatever ``n``, and two scenarios that
        differ only in their means are paired.

        Parameters
        ----------
        n : int
            Number of paths, at least 0.
        seed : int

        Raises
        ------
        ValueError
            If ``n`` is negative.
        InputError
            If there is no forecast; the reasons say why.
        """
        if n < 0:
            raise ValueError(f"n must be at least 0, got {n}")
        grid, queues = self.grid, self.queues
        fresh = draw_fresh(self.fresh(), self.day_factors(), grid, queues, self.zone, n=n, seed=seed)
        carried = draw_carried(self.carried(), grid, queues, n=n, seed=seed)
        return self._paths(fresh, carried)

    def volume_paths(self, n: int, seed: int, *, as_served: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """Whole volume, follow-ups and redials inside the week included: expected, and drawn.

        Parameters
        ----------
        n : int
            Number of paths, at least 0.
        seed : int
        as_served : bool
            State it at the abandonment of the weeks before the planning moment, as what came was served, and
            not at the planned one.

        Returns
        -------
        expected : ndarray, shape (Q, T)
        paths : ndarray, shape (n, Q, T)
            Follow-ups are Poisson around what each path expects.
        """
        paths = self.sample(n, seed)
        links = self.links(as_served=as_served)
        land = paths.landing_start, paths.landing_len
        expected = expected_volume(self.fresh() + self.carried(), links, *land)
        base = (paths.fresh + paths.carried).astype(np.float64)
        if n == 0:
            return expected, base
        caused = np.maximum(expected_volume(base, links, *land) - base, 0.0)
        return expected, base + poisson_noise(caused, self.grid, self.queues, seed=seed)

    def links(self, *, as_served: bool = False) -> Links:
        """Who causes whom by interval lag, at the planned abandonment or at that of the weeks before."""
        laws = self.laws()
        seen = np.asarray(self._model["seen_abandonment"], dtype=np.float64)
        return links_of(
            laws.follow_ups,
            laws.delay_cdf,
            laws.lag_edges_min,
            laws.redial_p,
            laws.redial_mean_s,
            seen if as_served else laws.planned_abandonment,
            self.grid.step_min,
        )

    def laws(self) -> DemandPaths:
        """Handle times, patience, follow-ups and landing without counts (n = 0)."""
        none = np.zeros((0, len(self.queues), self.grid.n), dtype=np.int32)
        return self._paths(none, none)

    def expected(self) -> np.ndarray:
        """``volume_mean``, contacts per interval, shape (Q, T)."""
        return self._column("volume_mean")

    def fresh(self) -> np.ndarray:
        """Expected contacts that start chains, per interval, shape (Q, T)."""
        return self._column("fresh_mean")

    def carried(self) -> np.ndarray:
        """Expected follow-ups of contacts before the week, per interval, shape (Q, T)."""
        return np.asarray(self._model["carried"], dtype=np.float64)

    def day_factors(self) -> DayFactors:
        """The law by which days come out above or below their mean."""
        return DayFactors.from_state(self._model["factors"])

    def day_cv(self) -> np.ndarray:
        """Coefficient of variation of each queue's day factor, shape (Q,)."""
        return self.day_factors().day_cv

    @property
    def _model(self) -> dict:
        if "queues" not in self.state:
            raise InputError(
                "there is no forecast: " + "; ".join(self.meta.reasons or ("no model was fitted",))
            )
        return dict(self.state)

    def _column(self, name: str) -> np.ndarray:
        values = self.tables["forecast"][name].to_numpy(dtype=np.float64)
        return values.reshape(len(self.queues), self.grid.n).copy()

    def _paths(self, fresh: np.ndarray, carried: np.ndarray) -> DemandPaths:
        follow_ups, delay_cdf = self._links
        is_open = np.array([[c == "1" for c in line] for line in self._model["open"]], dtype=bool)
        start, length = landing(
            is_open, self.grid.step_min, np.asarray(self._model["landing_min"], dtype=np.int64)
        )
        patience = [np.inf if p is None else p for p in self._model["patience_s"]]
        return DemandPaths(
            grid=self.grid,
            queues=self.queues,
            fresh=fresh,
            carried=carried,
            follow_ups=follow_ups,
            lag_edges_min=np.asarray(self._model["lag_edges_min"], dtype=np.int64),
            delay_cdf=delay_cdf,
            redial_p=np.asarray(self._model["redial_p"], dtype=np.float64),
            redial_mean_s=np.asarray(self._model["redial_mean_s"], dtype=np.float64),
            landing_start=start,
            landing_len=length,
            handle_mean_s=self._column("handle_s_mean"),
            handle_cv=np.asarray(self._model["handle_cv"], dtype=np.float64),
            patience_s=np.asarray(patience, dtype=np.float64),
            planned_abandonment=np.asarray(self._model["planned_abandonment"], dtype=np.float64),
        )

    @cached_property
    def _links(self) -> tuple[np.ndarray, np.ndarray]:
        index = {q: i for i, q in enumerate(self.queues)}
        bins = len(self._model["lag_edges_min"]) - 1
        follow_ups = np.zeros((len(index), len(index)))
        delay_cdf = np.zeros((len(index), len(index), bins))
        for link in self._model["links"]:
            a, b = index[link["from"]], index[link["to"]]
            follow_ups[a, b] = link["r"]
            delay_cdf[a, b] = link["cdf"]
        return follow_ups, delay_cdf
