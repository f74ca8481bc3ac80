"""The verbs of a run in their order, and who is told of them; light enough for help texts."""

VERBS: dict[str, tuple[str, str]] = {
    "chains": ("chains", "wfo.chains.result:ChainsResult"),
    "insight": ("insight", "wfo.insight.result:InsightResult"),
    "forecast": ("forecasting", "wfo.forecasting.result:ForecastResult"),
    "staff": ("staffing", "wfo.staffing.result:StaffResult"),
    "schedule": ("scheduling", "wfo.scheduling.result:ScheduleResult"),
    "coach": ("coaching", "wfo.coaching.result:CoachResult"),
    "place": ("scheduling", "wfo.scheduling.place_result:PlaceResult"),
    "evaluate": ("evaluation", "wfo.evaluation.result:EvaluateResult"),
}
"""By name the folder of a verb's code, and what it returns as ``module:class``."""
WITHOUT_PEOPLE = ("chains", "insight", "forecast")
"""Verbs that need no agents, and none of the kernels of staffing, schedule and simulation."""


def silent(stage: str, message: str) -> None:
    """Tell nobody of a run's progress."""
