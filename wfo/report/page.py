"""One self-contained page from a template, its content and its charts; it works offline."""

import json
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

import altair as alt
import vl_convert
from jinja2 import Environment, FunctionLoader
from markupsafe import Markup

_BUNDLE = "window.vegaEmbed = vegaEmbed;"


def write_page(path: Path, template: str, charts: Mapping[str, Any], content: Mapping[str, Any]) -> Path:
    """Fill a template and write it.

    Parameters
    ----------
    path : Path
        Of the page.
    template : str
        A file of ``wfo/report/templates``.
    charts : mapping of str to altair chart
        By the name under which the template shows them.
    content : mapping
        What else the template needs.
    """
    kept = FunctionLoader(_text)
    pages = Environment(loader=kept, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    text = pages.get_template(template).render(
        **content,
        css=Markup(_text("report.css")),
        charts={name: Markup(f'<div id="{name}"></div>') for name in charts},
        specs=[(name, Markup(_specification(chart))) for name, chart in charts.items()],
        bundle=Markup(vl_convert.javascript_bundle(_BUNDLE)) if charts else "",
    )
    path.write_text(text, encoding="utf-8")
    return path


def _text(name: str) -> str:
    return (files("wfo.report") / "templates" / name).read_text(encoding="utf-8")


def _specification(chart: Any) -> str:
    """The chart as JSON of any length, in which no name can close the script element."""
    with alt.data_transformers.enable("default", max_rows=None):
        return json.dumps(chart.to_dict()).replace("</", "<\\/")
