"""Required against scheduled positions: where the week is short and where it is long."""

from typing import Any

import altair as alt
import pandas as pd

from wfo.charts import theme


def net_heatmap(net: pd.DataFrame) -> Any:
    """Net staffing by day and time of day.

    Parameters
    ----------
    net : DataFrame
        Columns ``day`` (text, in order), ``time`` (``HH:MM``), ``required``, ``scheduled``, ``net``
        (positions).

    Returns
    -------
    altair.Chart
        One cell an interval; red is short, blue is long.
    """
    limit = max(1.0, float(net["net"].abs().quantile(0.98)) if len(net) else 1.0)
    colour = alt.Color(
        "net:Q",
        scale=alt.Scale(domain=[-limit, 0, limit], range=[theme.UNDER, "#f7f7f4", theme.OVER], clamp=True),
        legend=alt.Legend(title="positions over (+) or under (−)", gradientLength=220),
    )
    days = list(dict.fromkeys(net["day"]))
    hours = [t for t in sorted(set(net["time"])) if t.endswith(":00")]
    chart = (
        alt.Chart(net)
        .mark_rect()
        .encode(
            x=alt.X(
                "time:O", axis=alt.Axis(values=hours, title=None, labelAngle=0, ticks=False, domain=False)
            ),
            y=alt.Y("day:O", sort=days, axis=alt.Axis(title=None, ticks=False, domain=False)),
            color=colour,
            tooltip=[
                alt.Tooltip("day:O", title="day"),
                alt.Tooltip("time:O", title="from"),
                alt.Tooltip("required_pooled:Q", title="required if all work is shared", format=".1f"),
                alt.Tooltip("required:Q", title="required queue by queue", format=".1f"),
                alt.Tooltip("scheduled:Q", title="scheduled", format=".1f"),
                alt.Tooltip("net:Q", title="net", format="+.1f"),
            ],
        )
        .properties(width=theme.WIDTH, height=7 * 26)
    )
    return theme.styled(chart)


def required_against_scheduled(week: pd.DataFrame) -> Any:
    """Positions over the week: scheduled as an area, required as a band with a line on top.

    Parameters
    ----------
    week : DataFrame
        Columns ``at`` (wall clock, `theme.wall_clock`), ``required``, ``required_pooled``, ``scheduled``.

    Returns
    -------
    altair.LayerChart
    """
    base = alt.Chart(week).encode(x=alt.X("at:T", **theme.time_axis(form="%a %H h")))
    area = base.mark_area(interpolate="step-after", color=theme.SCHEDULED, opacity=0.85).encode(
        y=alt.Y("scheduled:Q", title="positions")
    )
    band = base.mark_area(interpolate="step-after", color=theme.REQUIRED, opacity=0.14).encode(
        y="required_pooled:Q", y2="required:Q"
    )
    line = base.mark_line(interpolate="step-after", color=theme.REQUIRED, strokeWidth=1.1).encode(
        y="required:Q"
    )
    return theme.styled((area + band + line).properties(width=theme.WIDTH, height=220))
