"""``wfo capacity``: people by month, from a week's requirement and the months ahead."""

from pathlib import Path

import click

from wfo.cli import output
from wfo.cli.places import run_folder, runs_option


@click.command("capacity")
@click.argument("run")
@click.option(
    "--months",
    "volumes",
    type=click.Path(path_type=Path, dir_okay=False),
    help="outlook.csv, or CSV with month (2026-01), contacts, perhaps queue; else months like the week.",
)
@click.option(
    "--people",
    type=click.FloatRange(min=0),
    help="Experienced people now; without it as the first month needs.",
)
@click.option(
    "--fte-per-person",
    type=click.FloatRange(min=0, min_open=True),
    help="Paid hours of a person ÷ full-time hours; without it the mean of the run's agents' contracts.",
)
@click.option("--attrition", type=float, default=0.0, show_default=True, help="Share who leave in a month.")
@click.option("--class-size", type=int, default=0, show_default=True, help="Most people in a hiring class.")
@click.option("--lead", type=int, default=1, show_default=True, help="Months from decision to first day.")
@click.option("--training", type=int, default=1, show_default=True, help="Months without work.")
@click.option("--ramp", default="", help="Output in the months after training, like 0.5,0.8; then 1.")
@click.option("--training-attrition", type=float, default=0.0, show_default=True)
@runs_option
@output.speaking
def command(
    run: str,
    volumes: Path | None,
    people: float | None,
    fte_per_person: float | None,
    attrition: float,
    class_size: int,
    lead: int,
    training: int,
    ramp: str,
    training_attrition: float,
    runs: Path,
    as_json: bool,
    quiet: bool,
) -> None:
    r"""Plan people by month for the centre of RUN: need, leavers, hiring classes, ramp and what is missing.

    \b
    Example:
      wfo capacity week --months outlook.csv --people 120 --attrition 0.03 --class-size 12 --ramp 0.5,0.8
    """
    from wfo.errors import InputError, Problem
    from wfo.report import capacity
    from wfo.report.run_files import RunFiles
    from wfo.staffing.capacity import Hiring, capacity_plan

    folder = run_folder(run, runs)
    try:
        ramped = tuple(float(part) for part in ramp.split(",") if part.strip())
    except ValueError:
        raise InputError([Problem("--ramp", f"'{ramp}' found; write shares like 0.5,0.8")]) from None
    files = RunFiles(folder)
    need = capacity.monthly_fte(files, volumes)
    each = capacity.fte_per_person(files) if fte_per_person is None else fte_per_person
    hiring = Hiring(attrition, class_size, lead, training, ramped, training_attrition)
    now = float(need.fte.iloc[0]) / each if people is None else people
    plan = capacity_plan(need.fte, now, hiring, fte_per_person=each).round(1)
    for note in need.notes:
        output.message(note, quiet=quiet)
    if each != 1.0:
        output.message(f"a person counts as {each:.2f} FTE", quiet=quiet)
    if as_json:
        output.as_json(output.records(plan))
    else:
        output.data(plan.to_string(index=False))
        short = plan[plan["gap_fte"] < 0]
        if len(short):
            months = ", ".join(f"{m} {g:g}" for m, g in zip(short["month"], short["gap_fte"], strict=True))
            output.message(f"short of people (FTE): {months}", quiet=quiet)
    output.next_word(f"wfo export {run} --to staffing", quiet=quiet)
