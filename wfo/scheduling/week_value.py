"""What a week's plan is worth to service, and what it loses or gains when somebody's work changes.

The plan is laid on the scheduler's own slots and valued by the scheduler's own assignment of agents to
queues, so that a request, a repair and the schedule speak of the same money.
"""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from wfo.scheduling import cover
from wfo.scheduling.attendance import attend
from wfo.scheduling.build import build_problem
from wfo.scheduling.inputs import ScheduleInputs
from wfo.scheduling.problem import Demand
from wfo.scheduling.settings import ScheduleSettings
from wfo.scheduling.state import State, empty_state, keep, restore
from wfo.timegrid import epoch_min


class WeekValue:
    """The plan's people on duty, what they are worth, and what changes.

    Parameters
    ----------
    inputs : ScheduleInputs
        The week as the scheduler reads it; its ``agents`` are everybody who may work.
    settings : ScheduleSettings
    plan : DataFrame
        Table ``schedule``.

    Notes
    -----
    A change is valued with all agents free to serve whatever queue of theirs is worth most then; work that
    can wait moves to other hours where there is room.
    """

    def __init__(self, inputs: ScheduleInputs, settings: ScheduleSettings, plan: pd.DataFrame):
        # an idle agent costs service nothing; what he costs is his wage, which is counted apart
        problem, _, _ = build_problem(inputs, settings.model_copy(update={"price_over": 0.0}))
        self._demand: Demand = problem.demand
        self._class = {a: int(c) for a, c in zip(problem.agent_ids, problem.people.class_id, strict=True)}
        self.queues_of = {a: problem.class_queues[c] for a, c in self._class.items()}
        self.slot_min, self.start_min, self.n_slots = problem.slot_min, problem.start_min, problem.n_slots
        self._state: State = empty_state(self._demand)
        self._own = {agent: np.zeros(0, np.int64) for agent in self._class}
        for agent, rows in plan.groupby("agent_id", sort=True):
            if str(agent) in self._own:
                work = rows[(rows["kind"] == "work").to_numpy()]
                spans = zip(epoch_min(work["start"]).tolist(), epoch_min(work["end"]).tolist(), strict=True)
                self._own[str(agent)] = self.slots_of(spans)
        for agent in sorted(self._own):
            self._count(agent, self._own[agent], 1)
        cover.refill(self._demand, self._state, True)

    @property
    def total(self) -> float:
        """Money the plan is worth, before wages."""
        return float(self._state.total[0])

    def slots_of(self, spans: Iterable[tuple[int, int]]) -> np.ndarray:
        """Slots of the week that spans of work fill, ascending; spans are minutes since the epoch."""
        slots = {
            n
            for a, b in spans
            for n in range(-((self.start_min - a) // self.slot_min), (b - self.start_min) // self.slot_min)
        }
        return np.array(sorted(n for n in slots if 0 <= n < self.n_slots), np.int64)

    def loss(self, changes: Mapping[str, np.ndarray]) -> float:
        """Money lost when agents work in other slots; negative: gained. Nothing is kept.

        Parameters
        ----------
        changes : mapping of str to ndarray of int64
            Slots of work by agent, as `slots_of` gives them.
        """
        keep(self._state)
        before = self.total
        self._swap(changes)
        lost = before - self.total
        restore(self._demand, self._state)
        return float(lost)

    def accept(self, changes: Mapping[str, np.ndarray]) -> float:
        """Make a change; the money it loses."""
        before = self.total
        self._swap(changes)
        self._own.update(changes)
        return float(before - self.total)

    def prices(self, agent: str, without: np.ndarray | None = None) -> np.ndarray:
        """Money one more slot of an agent's work is worth now, at each slot of the week, shape (T,).

        Parameters
        ----------
        agent : str
        without : ndarray of int64, optional
            Slots in which the agent is taken not to work.
        """
        if without is None:
            return self.class_prices(self._class[agent])
        keep(self._state)
        self._count(agent, np.intersect1d(self._own[agent], without), -1)
        out = self.class_prices(self._class[agent])
        restore(self._demand, self._state)
        return out

    def class_prices(self, number: int) -> np.ndarray:
        """Prices of a class of agents (those who may serve the same queues), shape (T,)."""
        cover.renew(self._demand, self._state)
        out = np.zeros(self.n_slots)
        cover.class_prices(number, self._demand, self._state, out)
        return out

    def classes(self) -> dict[tuple[str, ...], tuple[int, int]]:
        """Sets of queues that agents serve: number of the class, agents in it."""
        found: dict[tuple[str, ...], tuple[int, int]] = {}
        for agent in sorted(self._class):
            number, size = found.get(self.queues_of[agent], (self._class[agent], 0))
            found[self.queues_of[agent]] = (number, size + 1)
        return found

    def staffed(self) -> np.ndarray:
        """Slots in which anybody works, bool, shape (T,)."""
        out = np.zeros(self.n_slots, bool)
        for slots in self._own.values():
            out[slots] = True
        return out

    def gain_of_one_more(self, number: int, slots: np.ndarray) -> float:
        """Money won when one more agent of a class works in some slots."""
        keep(self._state)
        before = self.total
        cover.renew(self._demand, self._state)
        attend(number, slots, 1, self._demand, self._state)
        cover.refill(self._demand, self._state, False)
        gained = self.total - before
        restore(self._demand, self._state)
        return float(gained)

    def _swap(self, changes: Mapping[str, np.ndarray]) -> None:
        for agent in sorted(changes):
            self._count(agent, np.setdiff1d(self._own[agent], changes[agent]), -1)
        for agent in sorted(changes):
            self._count(agent, np.setdiff1d(changes[agent], self._own[agent]), 1)
        cover.refill(self._demand, self._state, False)

    def _count(self, agent: str, slots: np.ndarray, sign: int) -> None:
        if slots.size:
            cover.renew(self._demand, self._state)
            attend(self._class[agent], slots, sign, self._demand, self._state)
