"""Workforce optimization planning engine: interaction chains in, a published week out.

The public names are listed in ``__all__`` and load on first use, so that ``import wfo`` and the
command line's help cost nothing.
"""

from importlib import import_module
from typing import Any

__version__ = "0.1.0"

_HOME = {
    "build_chains": "wfo.chains.build_chains",
    "ChainInputs": "wfo.chains.build_chains",
    "forecast": "wfo.forecasting.forecast",
    "ForecastInputs": "wfo.forecasting.forecast",
    "staff": "wfo.staffing.staff",
    "StaffInputs": "wfo.staffing.staff",
    "schedule": "wfo.scheduling.schedule",
    "ScheduleInputs": "wfo.scheduling.schedule",
    "schedule_fixed_shifts": "wfo.scheduling.fixed_shifts.solve",
    "FixedShiftProblem": "wfo.scheduling.fixed_shifts.problem",
    "answer_requests": "wfo.scheduling.requests",
    "RequestInputs": "wfo.scheduling.requests",
    "repair": "wfo.scheduling.repair",
    "RepairInputs": "wfo.scheduling.repair",
    "rebreak": "wfo.scheduling.rebreak",
    "coach": "wfo.coaching.coach",
    "CoachInputs": "wfo.coaching.coach",
    "place": "wfo.scheduling.place",
    "PlaceInputs": "wfo.scheduling.place",
    "evaluate": "wfo.evaluation.evaluate",
    "EvaluateInputs": "wfo.evaluation.evaluate",
    "run": "wfo.pipeline.run",
    "Run": "wfo.pipeline.run",
    "run_weeks": "wfo.pipeline.several_weeks",
    "compare": "wfo.pipeline.compare",
    "load_scenario": "wfo.scenario.load",
    "Scenario": "wfo.scenario.model",
    "sample_centre": "wfo.sample.sample_centre",
    "timeline": "wfo.pipeline.stories",
    "read_data": "wfo.tables.read",
    "Data": "wfo.tables.data",
    "CarryOver": "wfo.tables.carry_over",
    "Result": "wfo.tables.result",
    "Status": "wfo.tables.result",
    "DemandPaths": "wfo.forecasting.paths",
    "Centre": "wfo.domain.centre",
    "TimeGrid": "wfo.timegrid",
    "check_schedule": "wfo.scheduling.checker",
    "WfoError": "wfo.errors",
    "InputError": "wfo.errors",
    "ScenarioError": "wfo.errors",
    "TableError": "wfo.errors",
    "RunError": "wfo.errors",
    "Interrupted": "wfo.errors",
    "StoreError": "wfo.errors",
}

__all__ = sorted([*_HOME, "__version__"])  # noqa: PLE0605


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'wfo' has no attribute '{name}'")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
