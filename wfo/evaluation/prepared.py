"""Prepared weeks: demand drawn once, against which one changed schedule after the other is played.

Every contact keeps its luck from schedule to schedule (common random numbers), so that differences are due to
the change; forecast, due instants and thresholds are found once, and only people on duty are read anew.
"""

from dataclasses import dataclass, replace

import pandas as pd

from wfo.evaluation.evaluate import EvaluateInputs
from wfo.evaluation.intervals import interval_means
from wfo.evaluation.periods import replication_table
from wfo.evaluation.play import Played, absence_of, judged_within, options_of
from wfo.evaluation.prices import EXTRA, first_weeks
from wfo.evaluation.settings import EvaluateSettings
from wfo.forecasting.paths import DemandPaths
from wfo.simulation.options import SimulationOptions
from wfo.simulation.simulate import simulate
from wfo.simulation.staffing import Staffing, staffing_of


@dataclass(frozen=True)
class PreparedWeeks:
    """Simulated weeks of a plan that is still to be changed.

    Attributes
    ----------
    inputs : EvaluateInputs
        Its ``schedule`` is the plan before any change.
    settings : EvaluateSettings
    seed : int
    paths : DemandPaths
        Demand of every week.
    options : SimulationOptions
        All but who is absent.
    """

    inputs: EvaluateInputs
    settings: EvaluateSettings
    seed: int
    paths: DemandPaths
    options: SimulationOptions

    def staffing(self, schedule: pd.DataFrame, agent_skills: pd.DataFrame | None = None) -> Staffing:
        """Who is on duty by a schedule, and how queues are served; skills as `play` takes them."""
        given = self.inputs
        skills = given.agent_skills if agent_skills is None else agent_skills
        return staffing_of(schedule, given.agents, skills, given.routing, given.centre, given.grid)

    def play(
        self, schedule: pd.DataFrame, *, agent_skills: pd.DataFrame | None = None, weeks: int = 0
    ) -> Played:
        """A schedule played in all weeks, or in the first ``weeks`` of them.

        Parameters
        ----------
        schedule : DataFrame
        agent_skills : DataFrame, optional
            Of everybody in it, where there is somebody new; the one more agent of `with_one_more` misses
            no shift.
        weeks : int
            0: all.
        """
        staffing = self.staffing(schedule, agent_skills)
        absence = absence_of(staffing, self.inputs.centre, self.settings, EXTRA)
        paths = first_weeks(self.paths, weeks) if weeks else self.paths
        counts = simulate(paths, staffing, seed=self.seed, options=replace(self.options, absence=absence))
        return Played(
            counts,
            staffing,
            paths,
            within_s=judged_within(paths.queues, self.inputs.specs),
            later=self.options.later,
        )

    def tables(self, played: Played) -> dict[str, pd.DataFrame]:
        """``replications``, and of ``intervals`` the means of contacts lost, late and in time."""
        return {
            "replications": replication_table(played, self.inputs.centre),
            "intervals": interval_means(played, self.inputs.centre),
        }


def prepared_weeks(
    inputs: EvaluateInputs, settings: EvaluateSettings, *, seed: int, weeks: int
) -> PreparedWeeks:
    """Draw the demand of so many weeks, from 1, and find out how contacts are judged."""
    paths = inputs.forecast.sample(weeks, seed)
    staffing = staffing_of(
        inputs.schedule, inputs.agents, inputs.agent_skills, inputs.routing, inputs.centre, inputs.grid
    )
    options = options_of(
        inputs.centre, inputs.grid, inputs.specs, staffing, inputs.backlog, settings,
        requirement=inputs.requirement, handle_mean_s=paths.handle_mean_s,
    )  # fmt: skip
    return PreparedWeeks(inputs, settings, seed, paths, options)
