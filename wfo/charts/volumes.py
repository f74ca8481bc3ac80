"""Forecast volume with its spread, and what came where it is known."""

from typing import Any

import altair as alt
import pandas as pd

from wfo.charts import theme


def volume_with_spread(volumes: pd.DataFrame) -> Any:
    """Contacts per interval of one queue, chosen from a list.

    Parameters
    ----------
    volumes : DataFrame
        Columns ``queue``, ``at`` (wall clock), ``mean``, ``low``, ``high``, ``actual`` and ``usual``, a plain
        mean (both empty where unknown).

    Returns
    -------
    altair.LayerChart
        Mean as a line, 10–90 % as a band, what came as points beside the plain mean as a dotted line.
    """
    queues = list(dict.fromkeys(volumes["queue"]))
    pick = alt.param(
        name="queue_shown", bind=alt.binding_select(options=queues, name="queue "), value=queues[0]
    )
    base = (
        alt.Chart(volumes)
        .transform_filter("datum.queue === queue_shown")
        .encode(x=alt.X("at:T", **theme.time_axis(form="%a %H h")))
    )
    band = base.mark_area(color=theme.BAND, interpolate="step-after").encode(
        y=alt.Y("low:Q", title="contacts in the interval"), y2="high:Q"
    )
    mean = base.mark_line(color=theme.INK, strokeWidth=1.3, interpolate="step-after").encode(y="mean:Q")
    layers = band + mean
    if volumes["actual"].notna().any():
        usual = base.mark_line(color=theme.UNDER, strokeWidth=1, strokeDash=[2, 2], interpolate="step-after")
        layers = layers + usual.encode(y="usual:Q")
        layers = layers + base.mark_circle(color=theme.UNDER, size=12, opacity=0.8).encode(y="actual:Q")
    return theme.styled(layers.add_params(pick).properties(width=theme.WIDTH, height=220))
