"""Expected service by queue and day against its target."""

from typing import Any

import altair as alt
import pandas as pd

from wfo.charts import theme


def service_by_day(days: pd.DataFrame) -> Any:
    """Service level of each queue and day, with its spread over simulated weeks.

    Parameters
    ----------
    days : DataFrame
        Columns ``queue``, ``day`` (text, in order), ``predicted``, ``low``, ``high``, ``target`` (shares).

    Returns
    -------
    altair.FacetChart
        One small panel a queue.
    """
    order = list(dict.fromkeys(days["day"]))
    base = alt.Chart(days).encode(x=alt.X("day:O", sort=order, axis=alt.Axis(title=None, labelAngle=0)))
    share = alt.Axis(format="%", title=None, tickCount=4)
    spread = base.mark_bar(color=theme.BAND, size=11).encode(
        y=alt.Y("low:Q", axis=share, scale=alt.Scale(domain=[0, 1])), y2="high:Q"
    )
    point = base.mark_point(filled=True, size=42, color=theme.INK, opacity=1).encode(
        y="predicted:Q",
        tooltip=[
            "queue:N",
            "day:O",
            alt.Tooltip("predicted:Q", format=".0%"),
            alt.Tooltip("target:Q", format=".0%"),
        ],
    )
    rule = base.mark_tick(color=theme.TARGET, thickness=2, size=22).encode(y="target:Q")
    panel = (spread + rule + point).properties(width=theme.WIDTH / 3 - 58, height=110)
    queues = alt.Facet("queue:N", title=None, sort=list(dict.fromkeys(days["queue"])))
    return theme.styled(panel.facet(facet=queues, columns=3), fit=False)
