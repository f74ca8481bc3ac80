"""``wfo export``: a run as workbook, staffing table, CSV tables or calendar files."""

from pathlib import Path

import click

from wfo.cli import output
from wfo.cli.places import run_folder, runs_option


@click.command("export")
@click.argument("run")
@click.option(
    "--to",
    "kind",
    type=click.Choice(["xlsx", "staffing", "csv", "ics", "worked", "ocel", "xes"]),
    default="xlsx",
    show_default=True,
)
@click.option(
    "--into",
    "target",
    type=click.Path(path_type=Path),
    help="Folder for the files; a workbook stays in the run's folder.",
)
@click.option(
    "--minutes", default=30, show_default=True, help="Period of the tables staffing and worked: 15, 30 or 60."
)
@runs_option
@output.speaking
def command(
    run: str, kind: str, target: Path | None, minutes: int, runs: Path, as_json: bool, quiet: bool
) -> None:
    r"""Write files of RUN for other programs.

    \b
    Example:
      wfo export scenarios/week.yaml --to csv --into out
      wfo export scenarios/week.yaml --to staffing --minutes 60
      wfo export scenarios/week.yaml --to worked --into out
    """
    folder = run_folder(run, runs)
    into = target or folder / kind
    if kind in ("ocel", "xes"):
        written = _event_log(kind, folder, runs, into)
    elif kind == "worked":
        written = _worked(folder, runs, into, minutes)
    elif kind == "staffing":
        written = _staffing(folder, target or folder, minutes)
    else:
        written = {"xlsx": _xlsx, "csv": _csv, "ics": _ics}[kind](folder, into)
    if as_json:
        output.as_json([str(path) for path in written])
    else:
        output.data("\n".join(str(path) for path in written))
    output.next_word(f"wfo publish {folder}", quiet=quiet)


def _event_log(kind: str, folder: Path, runs: Path, into: Path) -> list[Path]:
    """The log with its chains, for process mining."""
    import json

    from wfo.pipeline.chained import chained_contacts
    from wfo.tables.formats.ocel import ocel_log
    from wfo.tables.formats.xes import write_xes

    contacts = chained_contacts(folder, runs)
    into.mkdir(parents=True, exist_ok=True)
    path = into / ("interactions.ocel.json" if kind == "ocel" else "interactions.xes")
    if kind == "ocel":
        path.write_text(json.dumps(ocel_log(contacts), ensure_ascii=False), encoding="utf-8")
    else:
        write_xes(contacts, path)
    return [path]


def _worked(folder: Path, runs: Path, into: Path, minutes: int) -> list[Path]:
    """Agents' work on contacts in the intervals in which it was done."""
    from wfo.pipeline.chained import worked_behind

    if minutes not in (15, 30, 60):
        raise click.UsageError(f"--minutes is {minutes}; allowed: 15, 30, 60")
    into.mkdir(parents=True, exist_ok=True)
    path = into / f"worked_{minutes}min.csv"
    worked_behind(folder, runs, minutes).to_csv(path, index=False)
    return [path]


def _xlsx(folder: Path, into: Path) -> list[Path]:
    from wfo.report.excel import write_excel

    return [write_excel(folder)]


def _staffing(folder: Path, into: Path, minutes: int) -> list[Path]:
    from wfo.report.run_files import RunFiles
    from wfo.report.staffing import staffing_table, write_staffing

    into.mkdir(parents=True, exist_ok=True)
    table = into / f"staffing_{minutes}min.csv"
    staffing_table(RunFiles(folder), minutes).to_csv(table, index=False)
    return [write_staffing(folder, minutes), table]


def _ics(folder: Path, into: Path) -> list[Path]:
    from wfo.report.calendars import write_calendars

    return write_calendars(folder, into)


def _csv(folder: Path, into: Path) -> list[Path]:
    from wfo.tables.parquet import read_frame

    into.mkdir(parents=True, exist_ok=True)
    written = []
    for path in sorted(folder.glob("*.parquet")):
        frame = read_frame(path)
        for name in frame.columns:
            if frame[name].dtype == object:
                frame[name] = frame[name].map(lambda cell: "|".join(cell) if isinstance(cell, list) else cell)
        frame.to_csv(into / f"{path.stem}.csv", index=False)
        written.append(into / f"{path.stem}.csv")
    return written
