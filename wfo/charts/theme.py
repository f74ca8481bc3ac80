"""One look for every chart: colours with a meaning, and wall-clock time whatever the reader's own zone."""

from typing import Any

import altair as alt
import pandas as pd

INK = "#22303c"
MUTED = "#7b8794"
UNDER = "#c2410c"
OVER = "#3b7ea1"
REQUIRED = "#22303c"
SCHEDULED = "#8fb8cc"
TARGET = "#b45309"
BAND = "#c9dbe6"
ACTIVITY = {
    "work": "#8fb8cc",
    "lunch": "#e9e4d8",
    "break": "#d8cfb8",
    "pause": "#d8cfb8",
    "coaching": "#7c3aed",
    "meeting": "#2f855a",
    "team meeting": "#2f855a",
    "training": "#b7791f",
    "time off": "#cbd5e0",
}
WIDTH = 1072


def wall_clock(times: pd.Series, zone: str) -> pd.Series:
    """Local wall-clock text ``YYYY-MM-DDTHH:MM:SSZ`` that charts show as it stands (``utc`` scales)."""
    local = pd.DatetimeIndex(times).tz_convert(zone)
    return pd.Series(local.strftime("%Y-%m-%dT%H:%M:%SZ"), index=times.index, dtype="str")


def time_axis(title: str | None = None, *, form: str = "%a %H:%M", apart: int = 0) -> dict[str, Any]:
    """Keyword arguments of a wall-clock x axis; labels are at least ``apart`` pixels apart."""
    return {
        "scale": alt.Scale(type="utc", nice=False),
        "axis": alt.Axis(format=form, title=title, labelOverlap=True, labelSeparation=apart, grid=False),
    }


def styled(chart: Any, *, fit: bool = True) -> Any:
    """Apply the house's fonts and quiet axes to a finished chart.

    Parameters
    ----------
    chart : altair chart
    fit : bool
        Make the chart's width include its axes (not possible for facets).
    """
    if fit:
        chart = chart.properties(autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
    return (
        chart.configure(font="Inter, system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif")
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=MUTED,
            titleColor=MUTED,
            titleFontWeight="normal",
            gridColor="#edf0f2",
            domainColor="#d5dbe0",
        )
        .configure_legend(labelColor=INK, titleColor=MUTED, titleFontWeight="normal", orient="top")
        .configure_header(labelColor=INK, title=None)
    )
