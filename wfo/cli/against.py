"""Requests and absences checked against a run: answers on stdout, a workbook and a revised run on request."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from wfo.cli import output
from wfo.cli.places import run_folder
from wfo.report.words import counted

if TYPE_CHECKING:
    import pandas as pd

    from wfo.pipeline.reopen import Reopened
    from wfo.tables.result import Result


def answer(name: str, against: str, into: Path | None, runs: Path, *, as_json: bool, quiet: bool) -> None:
    """Answer a file of requests or absences; write the revised run where a folder is named."""
    from wfo.pipeline.reopen import reopen
    from wfo.pipeline.revised import answer_file, write_revised

    run = reopen(run_folder(against, runs), runs)
    result = answer_file(Path(name), run)
    if as_json:
        output.as_json(output.records(result.frame()))
    else:
        output.data(_table(result, run))
    for reason in result.meta.reasons:
        output.message(f"left: {reason}", quiet=quiet)
    if into is None:
        output.next_word(f"wfo check {name} --against {against} --into FOLDER", quiet=quiet)
        return
    from wfo.report.answers import write_answers
    from wfo.report.excel import write_excel

    write_revised(run, result, into, Path(name))
    write_excel(into)
    book = write_answers(result.frame(), into / "answers.xlsx", run.scenario.centre.zone)
    output.message(f"{into}: the plan as it is now; {book.name}: the answers", quiet=quiet)
    broken = len(result.tables.get("breaches", ()))
    if broken:
        breaches = "1 breach" if broken == 1 else f"{broken} breaches"
        output.message(f"{into}: {breaches} of rules, in table breaches")
    output.next_word(f"wfo publish {into}{' --with-breaches' if broken else ''}", quiet=quiet)


def _table(result: "Result", run: "Reopened") -> str:
    money = run.scenario.centre.currency
    return _answers(result.frame(), money) if "answer" in result.frame() else _changes(result, money)


def _answers(frame: "pd.DataFrame", money: str) -> str:
    head = (
        "request",
        "agent",
        "kind",
        "answer",
        f"cost {money}",
        f"wages {money}",
        "left",
        "changes",
        "reason",
    )
    rows = [
        (r["request_id"], r["agent_id"], r["kind"], r["answer"], _number(r["cost"]), _number(r["wages"]),
         _left(r["kind"], r["day_left"], r["team_left"]), _text(r["changes"]), r["reason"])
        for r in frame.to_dict("records")
    ]  # fmt: skip
    return output.table(rows, head, right=(4, 5))


def _changes(result: "Result", money: str) -> str:
    head = ("agent", "day", "what", "before", "after", f"gain {money}", f"wages {money}")
    rows = [
        (r["agent_id"], f"{r['schedule_date']:%a %d %b}", r["what"], r["before"], r["after"],
         _number(r["gain"]), _number(r["wages"]))
        for r in result.frame().to_dict("records")
    ]  # fmt: skip
    facts = result.meta.facts
    told = (
        f"service loses {facts['lost']:.2f} {money} by the absences; "
        f"{counted(facts['changed_shifts'], 'changed shift')} "
        f"and {counted(facts['moved_breaks'], 'moved break')} win back {facts['won_back']:.2f}"
    )
    return f"{output.table(rows, head, right=(5, 6))}\n{told}"


def _left(kind: str, day: float, team: float) -> str:
    """What was left of the allowance of leave before a request for it; other kinds do not use it."""
    if kind != "time_off":
        return ""
    sides = [("day", day)] if team != team else [("day", day), ("team", team)]
    return ", ".join(
        f"{n:.0f} of the {name}" if n >= 0 else f"the {name} is {-n:.0f} over" for name, n in sides
    )


def _number(value: float) -> str:
    return "" if value != value else f"{value:.2f}"


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def options(command: output.F) -> output.F:
    """Give a word the options ``--against`` and ``--into``."""
    command = click.option(
        "--into", "into", type=click.Path(path_type=Path), help="Write the revised run and its answers here."
    )(command)
    return click.option(
        "--against", "run", metavar="RUN", help="Answer requests, or repair after absences, against this run."
    )(command)
