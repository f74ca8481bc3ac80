"""The customer corridor: which way customers go from contact to contact, the usual ways and the others."""

from typing import Any

import altair as alt
import pandas as pd

from wfo.charts import theme

STEPS = 5
"""Steps of a path that are drawn."""
LEAST = 0.002
"""Ways taken by less than this share of the chains of several contacts are not drawn; the dots count them."""


def corridor(paths: pd.DataFrame) -> Any:
    """Chains of several contacts, step by step: the wider a way, the more take it.

    Parameters
    ----------
    paths : DataFrame
        Columns ``path`` (``web>voice``), ``chains`` and ``regular``.

    Returns
    -------
    altair.LayerChart
        Blue are the regular paths, orange the rare ones.
    """
    nodes, ways = _graph(paths)
    order = nodes.groupby("channel")["chains"].sum().sort_values(ascending=False).index.tolist()
    x = alt.X(
        "step:O",
        axis=alt.Axis(
            title=None,
            labelExpr="datum.value == 1 ? 'first contact' : 'contact ' + datum.value",
            labelAngle=0,
        ),
    )
    y = alt.Y("channel:N", sort=order, axis=alt.Axis(title=None, ticks=False, domain=False))
    lines = (
        alt.Chart(ways)
        .mark_line(interpolate="monotone", strokeCap="round")
        .encode(
            x=x,
            y=y,
            detail="way:N",
            strokeWidth=alt.StrokeWidth(
                "chains:Q", scale=alt.Scale(domainMin=0, range=[0.3, 26]), legend=None
            ),
            color=alt.Color(
                "kind:N",
                scale=alt.Scale(domain=["usual", "rare"], range=[theme.OVER, theme.UNDER]),
                legend=alt.Legend(title="paths"),
            ),
            opacity=alt.value(0.55),
            order="end:O",
            tooltip=[
                alt.Tooltip("from:N"),
                alt.Tooltip("to:N"),
                alt.Tooltip("chains:Q", format=",.0f"),
                alt.Tooltip("kind:N", title="path"),
            ],
        )
    )
    dots = (
        alt.Chart(nodes)
        .mark_circle(color=theme.INK, opacity=1)
        .encode(x=x, y=y, size=alt.Size("chains:Q", scale=alt.Scale(range=[12, 520]), legend=None))
    )
    counts = (
        alt.Chart(nodes)
        .mark_text(dy=-14, fontSize=10, color=theme.MUTED)
        .encode(x=x, y=y, text=alt.Text("chains:Q", format=",.0f"))
    )
    return theme.styled((lines + dots + counts).properties(width=theme.WIDTH, height=34 * max(len(order), 3)))


def _graph(paths: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Chains at each step and channel; and on each way from step to step, two rows (its ends) each."""
    several = paths[paths["path"].str.contains(">", regex=False)]
    spots: dict[tuple[int, str], int] = {}
    moves: dict[tuple[int, str, str, bool], int] = {}
    for path, chains, regular in zip(several["path"], several["chains"], several["regular"], strict=True):
        walk = path.split(">")[:STEPS]
        for step, channel in enumerate(walk, start=1):
            spots[step, channel] = spots.get((step, channel), 0) + int(chains)
            if step > 1:
                key = (step - 1, walk[step - 2], channel, bool(regular))
                moves[key] = moves.get(key, 0) + int(chains)
    nodes = pd.DataFrame(
        [(*key, n) for key, n in sorted(spots.items())], columns=["step", "channel", "chains"]
    )
    rows = []
    drawn = LEAST * several["chains"].sum()
    for (step, one, other, regular), chains in sorted(moves.items()):
        if chains < drawn:
            continue
        kind = "usual" if regular else "rare"
        way = f"{step}|{one}|{other}|{kind}"
        facts = (way, one, other, kind, chains)
        rows += [(step, one, 0, *facts), (step + 1, other, 1, *facts)]
    columns = ["step", "channel", "end", "way", "from", "to", "kind", "chains"]
    return nodes, pd.DataFrame(rows, columns=columns)


def follows(flow: pd.DataFrame) -> Any:
    """Which contact follows which: how many, and how soon.

    Parameters
    ----------
    flow : DataFrame
        Columns ``from_channel``, ``to_channel``, ``contacts`` and ``median_h``; rows from ``start`` and to
        ``end`` are left out.

    Returns
    -------
    altair.LayerChart
        One cell a pair: contacts as colour and number, median hours below.
    """
    inner = flow[(flow["from_channel"] != "start") & (flow["to_channel"] != "end")]
    shown = inner.assign(hours=inner["median_h"].map(_hours))
    x = alt.X(
        "to_channel:N", axis=alt.Axis(title="then", orient="top", labelAngle=0, ticks=False, domain=False)
    )
    y = alt.Y("from_channel:N", axis=alt.Axis(title="first", ticks=False, domain=False))
    most = max(float(shown["contacts"].max()) if len(shown) else 1.0, 1.0)
    base = alt.Chart(shown).encode(x=x, y=y)
    cells = base.mark_rect().encode(
        color=alt.Color(
            "contacts:Q",
            scale=alt.Scale(type="sqrt", domain=[0, most], range=["#f7f7f4", theme.OVER]),
            legend=None,
        )
    )
    dark = alt.condition(f"datum.contacts > {most * 0.35}", alt.value("white"), alt.value(theme.INK))
    numbers = base.mark_text(dy=-6, fontSize=11).encode(
        text=alt.Text("contacts:Q", format=",.0f"), color=dark
    )
    times = base.mark_text(dy=8, fontSize=9).encode(text="hours:N", color=dark)
    height = 40 * max(shown["from_channel"].nunique(), 1)
    return theme.styled((cells + numbers + times).properties(width=theme.WIDTH, height=height))


def _hours(hours: float) -> str:
    if pd.isna(hours):
        return ""
    return f"{hours * 60:.0f} min" if hours < 1 else f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.1f} d"
