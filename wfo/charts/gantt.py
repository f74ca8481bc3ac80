"""The schedule as people see it: one line an agent, one bar a segment."""

from typing import Any

import altair as alt
import pandas as pd

from wfo.charts import theme


def day_gantt(segments: pd.DataFrame) -> Any:
    """Shifts of one day, chosen from a list, with breaks and activities.

    Parameters
    ----------
    segments : DataFrame
        Columns ``day`` (text), ``team``, ``agent`` (name), ``activity``, ``from_h``, ``to_h`` (hours after
        local midnight of the shift's day), ``span`` (text for the tooltip).

    Returns
    -------
    altair.Chart
    """
    days = list(dict.fromkeys(segments["day"]))
    teams = ["all", *sorted(set(segments["team"]))]
    day = alt.param(name="day_shown", bind=alt.binding_select(options=days, name="day "), value=days[0])
    team = alt.param(name="team_shown", bind=alt.binding_select(options=teams, name="team "), value=teams[-1])
    seen = [a for a in theme.ACTIVITY if a in set(segments["activity"])]
    others = sorted(set(segments["activity"]) - set(seen))
    colours = [theme.ACTIVITY[a] for a in seen] + ["#a0aec0"] * len(others)
    chart = (
        alt.Chart(segments)
        .transform_filter("datum.day === day_shown && (team_shown === 'all' || datum.team === team_shown)")
        .transform_joinaggregate(first="min(from_h)", groupby=["agent", "day"])
        .mark_bar(height=11, cornerRadius=1)
        .encode(
            x=alt.X(
                "from_h:Q",
                axis=alt.Axis(title="hour of the day", tickCount=16, format="d"),
                scale=alt.Scale(zero=False),
            ),
            x2="to_h:Q",
            y=alt.Y(
                "agent:N",
                sort=alt.EncodingSortField("first", op="min"),
                axis=alt.Axis(title=None, ticks=False),
            ),
            color=alt.Color("activity:N", scale=alt.Scale(domain=seen + others, range=colours)),
            tooltip=["agent:N", "activity:N", "span:N"],
        )
        .add_params(day, team)
        .properties(width=theme.WIDTH, height=alt.Step(15))
    )
    return theme.styled(chart)
