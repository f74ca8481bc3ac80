"""Files of requests and absences answered against a finished run, and the run as it is after that."""

import json
import shutil
from pathlib import Path

import pandas as pd

from wfo.errors import InputError, Problem
from wfo.pipeline.manifest import FILE, read_manifest
from wfo.pipeline.reopen import Reopened
from wfo.pipeline.store import put_folder
from wfo.scheduling.moved_breaks import rebreak_told
from wfo.scheduling.repair import RepairInputs, repair
from wfo.scheduling.requests import RequestInputs, answer_requests
from wfo.tables.carry_over import CarryOver
from wfo.tables.data import Data
from wfo.tables.parquet import write_frame
from wfo.tables.read import read_data
from wfo.tables.result import Result

ANSWERED = ("requests", "availability")
"""Tables that are answered against a run."""
_OF_THE_OLD_PLAN = (
    "scorecard.csv", "intervals.parquet", "days.parquet", "replications.parquet", "ledgers.parquet",
    "worst.parquet", "prices.parquet", "assignment.parquet", "wishes_met.parquet", "report.html",
    "schedule.xlsx", "files.json", "rota.parquet", "shift_cover.parquet",
)  # fmt: skip
"""What was measured or drawn of the plan as it was; it does not hold for another one."""


def answer_file(path: Path, run: Reopened) -> Result:
    """Answer requests, or repair the plan after absences, as the file's table says.

    Parameters
    ----------
    path : Path
        A file or workbook with the table ``requests``, or ``availability`` with new absences, told by name.
    run : Reopened

    Returns
    -------
    RequestResult or RepairResult

    Raises
    ------
    InputError
        With everything wrong in the file.
    """
    name, frame = _table(path, run.scenario.data.timezone or run.scenario.centre.zone)
    scenario = run.scenario
    if name == "requests":
        asked = RequestInputs(run.inputs, run.plan, frame, scenario.schedule)
        return answer_requests(asked, scenario.requests, seed=scenario.seed)
    absent = RepairInputs(run.inputs, run.plan, frame, scenario.schedule)
    return repair(absent, scenario.repair, seed=scenario.seed)


def breaks_anew(run: Reopened, price: float | None = None) -> Result:
    """Place the breaks of a run's plan anew; empty price: the scenario's for a shift whose breaks move."""
    scenario = run.scenario
    least = scenario.repair.price_breaks if price is None else price
    return rebreak_told(run.inputs, run.plan, scenario.schedule, price=least, seed=scenario.seed)


def _table(path: Path, zone: str) -> tuple[str, pd.DataFrame]:
    word = path.name.split(".")[0]
    named = next((name for name in ANSWERED if word.startswith(name)), None)
    allowed = f"write one of {' or '.join(ANSWERED)}, by the file's or sheet's name"
    if named is None and path.is_file() and path.suffix.lower() != ".xlsx":
        message = (
            f"the name does not say whether these are requests or absences; {allowed}: requests_{path.name}; "
            "a schedule to check has columns agent_id, start and end"
        )
        raise InputError([Problem(str(path), message)])
    data: Data = read_data({named: path} if named else path, timezone=zone)
    found = [name for name in ANSWERED if name in data]
    if len(found) != 1:
        raise InputError([Problem(str(path), f"tables found: {', '.join(data) or 'none'}; {allowed}")])
    return found[0], data[found[0]]


def write_revised(run: Reopened, result: Result, folder: Path, source: Path) -> None:
    """Write the run as it is after a revision; it can be published like any other.

    What had been measured of the plan as it was is left out.

    Parameters
    ----------
    run : Reopened
    result : Result
        With tables ``schedule`` and ``availability``.
    folder : Path
        New folder; an earlier one is replaced.
    source : Path
        The file that was answered, for the manifest.

    Raises
    ------
    InputError
        If the folder is the run's own.
    """
    if folder.resolve() == run.folder.resolve():
        raise InputError(
            [Problem(str(folder), "this is the run itself; name another folder for the revised one")]
        )
    manifest = read_manifest(run.folder)
    revised = [*manifest.get("revised", []), {"from": str(run.folder), "by": source.name}]

    def write(into: Path) -> None:
        shutil.copytree(run.folder, into, dirs_exist_ok=True)
        for name in _OF_THE_OLD_PLAN:
            (into / name).unlink(missing_ok=True)
        for name, frame in result.tables.items():
            write_frame(frame, into / f"{name}.parquet")
        if (into / "carry_over").is_dir():
            _carry_on(into / "carry_over", result.tables["schedule"])
        (into / FILE).write_text(json.dumps({**manifest, "revised": revised}, indent=1), encoding="utf-8")

    put_folder(folder, write)


def _carry_on(folder: Path, schedule: pd.DataFrame) -> None:
    """The next week looks back on the shifts as they are now."""
    write_frame(schedule, folder / "last_shifts.parquet")
    CarryOver.load(folder)
