"""What a run writes for people: the page, the workbook and the staffing table."""

from pathlib import Path

from wfo.pipeline.run import Finisher, Run


def page(run: Run, folder: Path) -> None:
    """Write ``report.html`` where there is a plan, or chains were read and nothing more was asked for."""
    planned = {"scorecard", "rota"} & set(run.tables)
    if planned or ("forecast" not in run.tables and "insight" in run.tables and len(run.frame("insight"))):
        from wfo.report.html import write_html

        write_html(folder)


def workbook(run: Run, folder: Path) -> None:
    """Write ``schedule.xlsx`` where there is a schedule."""
    if "schedule" in run.tables:
        from wfo.report.excel import write_excel

        write_excel(folder)


def staffing(run: Run, folder: Path) -> None:
    """Write ``staffing.xlsx`` where positions are known."""
    if "requirement" in run.tables and len(run.frame("requirement")):
        from wfo.report.staffing import write_staffing

        write_staffing(folder, max(30, run.scenario.week.grid_min))


FINISHERS: tuple[Finisher, ...] = (page, workbook, staffing)
