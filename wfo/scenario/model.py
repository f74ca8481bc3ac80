"""The scenario: everything a planner assumes, as one frozen model composed of the stages' settings."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr, model_validator

from wfo.chains.settings import ChainSettings
from wfo.coaching.settings import CoachSettings
from wfo.domain.base import Frozen
from wfo.domain.centre import Centre, Zone
from wfo.domain.lever import Initiative, Lever, What
from wfo.effort import Effort
from wfo.evaluation.settings import EvaluateSettings
from wfo.forecasting.settings import DemandSettings, ForecastSettings
from wfo.insight.settings import InsightSettings
from wfo.metrics.lint import specs_of
from wfo.metrics.specs import MetricSpec
from wfo.scenario.yaml_source import Where
from wfo.scheduling.repair_settings import RepairSettings
from wfo.scheduling.request_settings import RequestSettings
from wfo.scheduling.settings import PlaceSettings, ScheduleSettings
from wfo.staffing.settings import StaffSettings

SHARED: Mapping[str, str] = {
    "price_abandoned": "price_abandoned",
    "price_late": "price_late",
    "promise_days": "promise_days",
    "max_occupancy": "blend_occupancy",
}
"""Settings of the simulation, and those of staffing that they are where nothing else is said."""


class Week(Frozen):
    """Which week is planned, and on which grid."""

    start: dt.date | None = None
    """First day of the planning week; empty: by ``weeks_ahead``."""
    weeks_ahead: Annotated[int, Field(ge=1, le=52)] = 1
    """1 is the first full week after the last closed day of data."""
    grid_min: Literal[5, 10, 15, 20, 30, 60] = 15
    """Length of an interval in minutes."""


class DataSource(Frozen):
    """Where the tables come from."""

    sample: Literal["standard", "tiny", "hard"] | None = None
    """A preset of the built-in sample centre."""
    folder: str | None = None
    """A folder with files named after the tables, or an Excel workbook; relative to the file that says so."""
    files: dict[str, str] = {}
    """Files by table name, beside or instead of a folder."""
    timezone: Zone | None = None
    """Zone of times written without an offset; empty: such times are refused."""

    @model_validator(mode="after")
    def _one_source(self) -> "DataSource":
        if self.sample and (self.folder or self.files):
            raise ValueError("the sample and own files cannot be mixed; set 'sample: null' to use your files")
        return self

    @property
    def given(self) -> bool:
        """Whether any source is named."""
        return bool(self.sample or self.folder or self.files)


class Scenario(Frozen):
    """One scenario: what is assumed, decided and wished for."""

    name: str = ""
    """The name people read; empty: the file's."""
    seed: Annotated[int, Field(ge=0, lt=2**63)] = 1
    """Seed of planning; the same seed gives the same plan."""
    replications: Annotated[int, Field(ge=1, le=10_000)] = 20
    """Simulated weeks in the scorecard."""
    effort: Effort = Effort.NORMAL
    """How hard the solvers try: quick, normal or long."""
    week: Week = Week()
    data: DataSource = DataSource()
    centre: Centre = Centre()
    demand: DemandSettings = DemandSettings()
    targets: dict[str, str] = {}
    """Centre-wide targets by metric; a queue's own stand under the queue."""
    chains: ChainSettings = ChainSettings()
    insight: InsightSettings = InsightSettings()
    forecast: ForecastSettings = ForecastSettings()
    staff: StaffSettings = StaffSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    coach: CoachSettings = CoachSettings()
    place: PlaceSettings = PlaceSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    requests: RequestSettings = RequestSettings()
    repair: RepairSettings = RepairSettings()
    initiatives: dict[str, Initiative] = {}
    """Projects that cost money and move levers, by name."""
    assumptions: tuple[str, ...] = ()
    """What a reader of the report should know was assumed, in sentences; the report shows them first."""

    @model_validator(mode="before")
    @classmethod
    def _evaluated_as_staffed(cls, value: Any) -> Any:
        """What staffing and simulation share is said once, under ``staff``, unless ``evaluate`` says else."""
        staff = value.get("staff") if isinstance(value, dict) else None
        evaluate = value.get("evaluate", {}) if isinstance(value, dict) else None
        if not isinstance(staff, dict) or not isinstance(evaluate, dict):
            return value
        shared = {name: staff[said] for name, said in SHARED.items() if said in staff}
        return {**value, "evaluate": shared | evaluate}

    _origins: dict[str, Where] = PrivateAttr(default_factory=dict)
    _stem: str = PrivateAttr(default="")
    _arm: str = PrivateAttr(default="base")

    @property
    def origins(self) -> Mapping[str, Where]:
        """File, line and column each value came from, by dotted path; defaults are not in it."""
        return self._origins

    @property
    def stem(self) -> str:
        """The scenario's word in folder names: its file's stem."""
        return self._stem or "scenario"

    @property
    def arm(self) -> str:
        """``base``, or ``key=value,…`` of a sweep, with a short hash of command-line overrides."""
        return self._arm

    def placed(self, *, origins: Mapping[str, Where], stem: str, arm: str) -> "Scenario":
        """Return the same scenario that knows where its values came from and what its run is called."""
        copy = self.model_copy()
        copy._origins, copy._stem, copy._arm = dict(origins), stem, arm
        return copy

    def specs(self) -> tuple[MetricSpec, ...]:
        """All targets as metric specs: each queue's in the scenario's order, then centre-wide ones.

        Raises
        ------
        InputError
            With every target that cannot be read, or that nobody can decide; ``where`` is its dotted path.
        """
        return specs_of(self.centre, self.targets)

    def levers(self) -> tuple[Lever, ...]:
        """Levers of all initiatives, in order; a lever on coaching as what ``coach`` says it brings."""
        given = [lever for initiative in self.initiatives.values() for lever in initiative.levers.values()]
        return tuple(part for lever in given for part in self._parts(lever))

    def _parts(self, lever: Lever) -> tuple[Lever, ...]:
        if lever.what is not What.COACHING:
            return (lever,)
        points, when = lever.points or 0.0, {"start": lever.start, "end": lever.end}
        gained = min(100.0, max(-100.0, points * self.coach.resolution_pp_per_point))
        factor = max(0.0, 1 + points * self.coach.handle_time_pct_per_point / 100)
        return (
            Lever(what=What.RESOLUTION, from_queue=lever.queue, points=gained, **when),
            Lever(what=What.HANDLE_TIME, queue=lever.queue, factor=factor, **when),
        )

    @property
    def initiative_cost(self) -> float:
        """Money a week for all initiatives."""
        return sum(initiative.cost for initiative in self.initiatives.values())

    def evaluated(self, unscheduled: float) -> EvaluateSettings:
        """How a plan is simulated: with what staffing found to be lost, unless ``evaluate`` says else."""
        if self.evaluate.unscheduled_shrinkage is not None:
            return self.evaluate
        return self.evaluate.model_copy(update={"unscheduled_shrinkage": unscheduled})

    def as_dict(self) -> dict[str, Any]:
        """Plain values of every setting, defaults included, in the model's order."""
        return self.model_dump(mode="json")


def json_schema() -> dict[str, Any]:
    """JSON schema of a scenario file, for editors; the attribute docstrings are its text."""
    schema = Scenario.model_json_schema()
    dotted = {"type": "object", "description": "Dotted overrides."}
    schema["properties"] |= {
        "extends": {"type": "string", "description": "The parent file: beside this one, else built in."},
        "set": dotted,
        "sweep": {**dotted, "description": "A grid of dotted overrides, each with a list of values."},
        "zip": {**dotted, "description": "Dotted overrides with lists of equal length, taken in pairs."},
    }
    return schema
