"""``wfo rebreak``: the breaks of a planned or published week placed anew, everything else as it is."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wfo.cli import output
from wfo.cli.places import run_folder, runs_option
from wfo.report.words import counted

if TYPE_CHECKING:
    from wfo.tables.result import Result


@click.command("rebreak")
@click.argument("run")
@click.option("--price", type=click.FloatRange(min=0), help="Money that moving a shift's breaks must win.")
@click.option("--into", type=click.Path(path_type=Path), help="Write the revised run here.")
@runs_option
@output.speaking
def command(run: str, price: float | None, into: Path | None, runs: Path, as_json: bool, quiet: bool) -> None:
    r"""Move breaks of RUN, published or not, where service gains by it; shifts and activities stay.

    \b
    Example:
      wfo rebreak runs/published/2025-07-07/v1 --into runs/week/breaks
    """
    from wfo.pipeline.reopen import reopen
    from wfo.pipeline.revised import breaks_anew, write_revised

    opened = reopen(run_folder(run, runs), runs)
    result = breaks_anew(opened, price)
    if as_json:
        output.as_json(output.records(result.frame()))
    else:
        output.data(_table(result, opened.scenario.centre.currency))
    if into is None:
        output.next_word(f"wfo rebreak {run} --into FOLDER", quiet=quiet)
        return
    from wfo.report.excel import write_excel

    write_revised(opened, result, into, Path("rebreak"))
    write_excel(into)
    output.message(f"{into}: the plan as it is now", quiet=quiet)
    output.next_word(f"wfo publish {into}", quiet=quiet)


def _table(result: "Result", money: str) -> str:
    frame, gain = result.frame(), result.meta.facts["gain"]
    if frame.empty:
        return "no break is worth moving"
    rows = [
        (r["agent_id"], f"{r['schedule_date']:%a %d %b}", r["before"], r["after"])
        for r in frame.to_dict("records")
    ]
    shown = output.table(rows, ("agent", "day", "breaks before", "after"))
    return f"{shown}\nbreaks of {counted(len(frame), 'shift')} moved; service gains {gain:.2f} {money}"
