"""The outlook of a year beside the weeks on record."""

from typing import Any

import altair as alt
import pandas as pd

from wfo.charts import theme


def weeks_to_come(weeks: pd.DataFrame) -> Any:
    """Weekly contacts of one queue, chosen from a list: on record as points, to come as a line with its band.

    Parameters
    ----------
    weeks : DataFrame
        Columns ``queue``, ``at`` (wall clock of the week's first day), ``mean``, ``low``, ``high`` (empty for
        weeks on record) and ``actual`` (empty for weeks to come).

    Returns
    -------
    altair.LayerChart
    """
    options = list(dict.fromkeys(weeks["queue"]))
    bound = alt.binding_select(options=options, name="queue ")
    pick = alt.param(name="outlook_queue", bind=bound, value=options[0])
    base = (
        alt.Chart(weeks)
        .transform_filter("datum.queue === outlook_queue")
        .encode(x=alt.X("at:T", **theme.time_axis(form="%b %y", apart=8)))
    )
    band = base.mark_area(color=theme.BAND).encode(y=alt.Y("low:Q", title="contacts a week"), y2="high:Q")
    mean = base.mark_line(color=theme.INK, strokeWidth=1.4).encode(y="mean:Q")
    came = base.mark_circle(color=theme.UNDER, size=14).encode(y="actual:Q")
    return theme.styled((band + mean + came).add_params(pick).properties(width=theme.WIDTH, height=260))
