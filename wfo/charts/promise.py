"""Promise against reality: service by week, reliability of stated chances, where cost went."""

from typing import Any

import altair as alt
import pandas as pd

from wfo.charts import theme


def promise_by_week(weeks: pd.DataFrame) -> Any:
    """Service promised with its 80 % interval, and realised, by week; the queue is chosen from a list.

    Parameters
    ----------
    weeks : DataFrame
        Columns ``week`` (text), ``queue``, ``promised``, ``low``, ``high``, ``realised``, ``target``.

    Returns
    -------
    altair.LayerChart
    """
    options = list(dict.fromkeys(weeks["queue"].astype(str)))
    pick = alt.param(
        name="promise_queue", bind=alt.binding_select(options=options, name="queue "), value=options[0]
    )
    base = (
        alt.Chart(weeks)
        .transform_filter("datum.queue === promise_queue")
        .encode(x=alt.X("week:O", title="week of", axis=alt.Axis(labelAngle=0)))
    )
    scale = alt.Scale(zero=False)
    axis = alt.Axis(format=".0%", title="served in time")
    band = base.mark_rule(color=theme.BAND, strokeWidth=9).encode(
        y=alt.Y("low:Q", scale=scale, axis=axis), y2="high:Q"
    )
    promised = base.mark_tick(color=theme.INK, thickness=2, width=18).encode(y=alt.Y("promised:Q"))
    came = base.mark_circle(color=theme.UNDER, size=60).encode(y=alt.Y("realised:Q"))
    goal = base.mark_rule(color=theme.TARGET, strokeDash=[4, 4]).encode(y=alt.Y("target:Q"))
    chart = (band + goal + promised + came).add_params(pick)
    return theme.styled(chart.properties(width=theme.WIDTH, height=240))


def reliability(table: pd.DataFrame) -> Any:
    """Share of days on which targets were met against the chance stated, with the diagonal.

    Parameters
    ----------
    table : DataFrame
        Columns ``stated``, ``met``, ``met_low``, ``met_high`` (shares) and ``days``.

    Returns
    -------
    altair.LayerChart
    """
    domain = alt.Scale(domain=[0, 1])
    ends = pd.DataFrame({"x": [0.0, 1.0], "y": [0.0, 1.0]})
    line = (
        alt.Chart(ends)
        .mark_line(color=theme.MUTED, strokeDash=[4, 4], strokeWidth=1)
        .encode(x="x:Q", y="y:Q")
    )
    base = alt.Chart(table).encode(
        x=alt.X("stated:Q", scale=domain, axis=alt.Axis(format=".0%", title="chance stated"))
    )
    error = base.mark_rule(color=theme.BAND, strokeWidth=3).encode(
        y=alt.Y("met_low:Q", scale=domain, axis=alt.Axis(format=".0%", title="target met, share of days")),
        y2="met_high:Q",
    )
    dots = base.mark_circle(color=theme.INK).encode(
        y="met:Q", size=alt.Size("days:Q", title="days", scale=alt.Scale(range=[40, 400]))
    )
    return theme.styled((line + error + dots).properties(width=420, height=300), fit=False)


def cost_by_planner(levels: pd.DataFrame) -> Any:
    """Wages and money lost with contacts, by planner and level, each bar with the service it realised.

    Parameters
    ----------
    levels : DataFrame
        Columns ``planner`` and ``level`` (text), ``part`` (wages or lost contacts), ``money``, ``service``.

    Returns
    -------
    altair.FacetChart
    """
    bars = (
        alt.Chart(levels)
        .mark_bar()
        .encode(
            x=alt.X("level:N", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("money:Q", title="money of all weeks", axis=alt.Axis(format="~s")),
            color=alt.Color(
                "part:N",
                scale=alt.Scale(
                    domain=["wages", "lost and late contacts"], range=[theme.SCHEDULED, theme.UNDER]
                ),
                title=None,
            ),
            tooltip=["planner", "level", "part", "money", alt.Tooltip("service:Q", format=".1%")],
            column=alt.Column("planner:N", title=None),
        )
        .properties(width=150, height=220)
    )
    return theme.styled(bars, fit=False)
