"""What a run writes for people: the page and the workbook."""

from pathlib import Path

from wfo.pipeline.run import Finisher, Run


def page(run: Run, folder: Path) -> None:
    """Write ``report.html`` where there is a plan."""
    if "scorecard" in run.tables:
        from wfo.report.html import write_html

        write_html(folder)


def workbook(run: Run, folder: Path) -> None:
    """Write ``schedule.xlsx`` where there is a schedule."""
    if "schedule" in run.tables:
        from wfo.report.excel import write_excel

        write_excel(folder)


FINISHERS: tuple[Finisher, ...] = (page, workbook)
