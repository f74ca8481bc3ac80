"""``wfo export``: a run as workbook, CSV tables or calendar files."""

from pathlib import Path

import click

from wfo.cli import output
from wfo.cli.places import run_folder, runs_option


@click.command("export")
@click.argument("run")
@click.option("--to", "kind", type=click.Choice(["xlsx", "csv", "ics"]), default="xlsx", show_default=True)
@click.option("--into", "target", type=click.Path(path_type=Path), help="Folder for CSV and calendar files.")
@runs_option
@output.speaking
def command(run: str, kind: str, target: Path | None, runs: Path, as_json: bool, quiet: bool) -> None:
    r"""Write files of RUN for other programs.

    \b
    Example:
      wfo export scenarios/week.yaml --to csv --into out
    """
    folder = run_folder(run, runs)
    into = target or folder / kind
    written = {"xlsx": _xlsx, "csv": _csv, "ics": _ics}[kind](folder, into)
    if as_json:
        output.as_json([str(path) for path in written])
    else:
        output.data("\n".join(str(path) for path in written))
    output.next_word(f"wfo publish {folder}", quiet=quiet)


def _xlsx(folder: Path, into: Path) -> list[Path]:
    from wfo.report.excel import write_excel

    return [write_excel(folder)]


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
