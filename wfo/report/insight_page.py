"""The page of a run that ends with insight: chains read, nothing planned."""

from pathlib import Path

from wfo.report.insight import insight_charts, insight_content
from wfo.report.intents import intent_content
from wfo.report.page import write_page
from wfo.report.provenance import stage_rows, stated
from wfo.report.run_files import RunFiles


def is_insight_alone(run: RunFiles) -> bool:
    """Whether chains were read and no week was planned."""
    return len(run.table("insight")) > 0 and run.table("schedule").empty and run.table("scorecard").empty


def write_insight_page(run: RunFiles) -> Path:
    """Write ``report.html`` into the run folder of `is_insight_alone`.

    Parameters
    ----------
    run : RunFiles

    Returns
    -------
    Path
        The page: no request leaves it when it is opened.
    """
    chains = run.table("chains")
    content = {
        "title": run.scenario.get("name") or run.folder.parent.name,
        "scenario": run.folder.parent.name,
        "arm": run.manifest.get("arm", run.folder.name),
        "contacts": f"{chains['contacts'].sum():,}",
        "chains": f"{len(chains):,}",
        "first": f"{chains['first_at'].min().tz_convert(run.zone):%d %B %Y}",
        "last": f"{chains['last_at'].max().tz_convert(run.zone):%d %B %Y}",
        "assumptions": stated(run),
        "stages": stage_rows(run),
        "seed": run.manifest.get("seed"),
        **insight_content(run),
        **intent_content(run),
    }
    return write_page(run.folder / "report.html", "insight_page.html.j2", insight_charts(run), content)
