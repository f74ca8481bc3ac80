"""How forecasts of past weeks came out: error by week, and days beside what came."""

from typing import Any

import altair as alt
import pandas as pd

from wfo.charts import theme

METHODS = {
    "forecast": theme.INK,
    "with overrides": theme.TARGET,
    "mean of 8": theme.OVER,
    "last week again": theme.SCHEDULED,
}
"""Who says what, and its colour."""


def error_by_week(scores: pd.DataFrame) -> Any:
    """Error of each week by method; queue, lead and grain are chosen from lists.

    Parameters
    ----------
    scores : DataFrame
        Columns ``week`` (its first day as text), ``lead``, ``queue``, ``grain``, ``method`` (of `METHODS`),
        ``wape`` (a share).

    Returns
    -------
    altair.Chart
    """
    base = alt.Chart(scores)
    for field in ("queue", "lead", "grain"):
        options = _options(scores, field)
        pick = alt.param(
            name=f"error_{field}",
            bind=alt.binding_select(options=options, name=f"{field} "),
            value=options[0],
        )
        base = base.add_params(pick).transform_filter(f"toString(datum.{field}) === error_{field}")
    present = {name: shade for name, shade in METHODS.items() if (scores["method"] == name).any()}
    colour = alt.Color(
        "method:N", scale=alt.Scale(domain=list(present), range=list(present.values())), title=None
    )
    chart = base.mark_line(point=True, strokeWidth=1.6).encode(
        x=alt.X("week:O", title="week of", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("wape:Q", title="error, share of contacts (WAPE)", axis=alt.Axis(format=".0%")),
        color=colour,
    )
    return theme.styled(chart.properties(width=theme.WIDTH, height=240))


def days_as_forecast(days: pd.DataFrame) -> Any:
    """Day totals: forecast with its 80 % band, and what came; queue and lead are chosen from lists.

    Parameters
    ----------
    days : DataFrame
        Columns ``day`` (wall clock), ``lead``, ``queue``, ``mean``, ``low``, ``high`` and ``actual``.

    Returns
    -------
    altair.LayerChart
    """
    base = alt.Chart(days).encode(x=alt.X("day:T", **theme.time_axis(form="%d %b")))
    picks = []
    for field in ("queue", "lead"):
        options = _options(days, field)
        pick = alt.binding_select(options=options, name=f"{field} ")
        picks.append(alt.param(name=f"days_{field}", bind=pick, value=options[0]))
        base = base.transform_filter(f"toString(datum.{field}) === days_{field}")
    band = base.mark_rule(color=theme.BAND, strokeWidth=5).encode(
        y=alt.Y("low:Q", title="contacts of the day"), y2="high:Q"
    )
    mean = base.mark_tick(color=theme.INK, thickness=2, width=10).encode(y="mean:Q")
    came = base.mark_circle(color=theme.UNDER, size=28).encode(y="actual:Q")
    return theme.styled((band + mean + came).add_params(*picks).properties(width=theme.WIDTH, height=240))


def _options(frame: pd.DataFrame, field: str) -> list[str]:
    """Values to choose from, the first one shown first: queues as they come, the shortest lead, days."""
    found = list(dict.fromkeys(frame[field].astype(str)))
    if field == "lead":
        return sorted(found, key=int)
    return sorted(found) if field == "grain" else found
