"""Import a source file by a mapping file: every row is kept or refused with a reason."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from wfo.errors import Problem, TableError
from wfo.tables.contracts import INPUTS, Column, Table
from wfo.tables.convert import convert, text_of
from wfo.tables.finding import Finding
from wfo.tables.mapping import ColumnRule, Mapping, Range, RowRule, When, load_mapping
from wfo.tables.parquet import write_frame
from wfo.tables.rules import broken, repeated
from wfo.tables.sources import Raw, open_file, open_sheets


@dataclass(frozen=True)
class Imported:
    """A table brought in.

    Attributes
    ----------
    table : str
    frame : DataFrame
        The rows kept, after the table contract, in the source's order.
    refused : DataFrame
        The rows left out: file, row (as the user sees it), rule (drop, quarantine, unreadable, broken,
        duplicate), reason; ``len(frame) + len(refused)`` rows came in.
    flagged : DataFrame
        reason, rows: what was kept and deserves a word.
    mapping : Mapping
    """

    table: str
    frame: pd.DataFrame
    refused: pd.DataFrame
    flagged: pd.DataFrame
    mapping: Mapping

    def summary(self) -> pd.DataFrame:
        """Rows by what became of them: outcome, reason, rows."""
        kept = pd.DataFrame([("kept", "", len(self.frame))], columns=["outcome", "reason", "rows"])
        refused = self.refused.groupby(["rule", "reason"], sort=True).size().reset_index(name="rows")
        flagged = self.flagged.assign(outcome="flagged")
        parts = [kept, flagged, refused.rename(columns={"rule": "outcome"})]
        return pd.concat([p for p in parts if len(p)], ignore_index=True)[["outcome", "reason", "rows"]]

    def save(self, folder: Path) -> None:
        """Write ``<table>.parquet``, and what was refused as ``refused/<table>.csv``."""
        (folder / "refused").mkdir(parents=True, exist_ok=True)
        write_frame(self.frame, folder / f"{self.table}.parquet")
        self.refused.to_csv(folder / "refused" / f"{self.table}.csv", index=False)


def import_table(mapping: Path, source: Path) -> Imported:
    """Bring in one table.

    Parameters
    ----------
    mapping : Path
        The mapping file.
    source : Path
        The source file, or the folder with files of the mapping's ``file`` pattern, in the order of names.

    Raises
    ------
    TableError
        If the mapping is wrong, names columns the source has not, or the source cannot be read.
    """
    rules = load_mapping(mapping)
    table = INPUTS[rules.table]
    raws = list(_open(rules, source))
    problems = _checked_columns(rules, table, mapping, raws)
    if problems:
        raise TableError(problems)
    raw = pd.concat([r.frame.reset_index(drop=True) for r in raws], ignore_index=True)
    names = np.asarray([Path(r.source).name for r in raws], dtype=object)
    files = np.repeat(names, [len(r.frame) for r in raws])
    ledger = _Ledger(len(raw))
    for rule, rows in (("drop", rules.drop), ("quarantine", rules.quarantine)):
        for row in rows:
            ledger.refuse(rule, row.reason, holds(row.when, raw))
    frame = _mapped(rules, table, raw, ledger)
    kept = ledger.kept
    frame = frame[kept].reset_index(drop=True)
    refused = pd.DataFrame(
        {
            "file": pd.Series(files[~kept], dtype="str"),
            "row": np.concatenate([r.numbers for r in raws])[~kept],
            "rule": pd.Series(ledger.rule[~kept], dtype="str"),
            "reason": pd.Series(ledger.reason[~kept], dtype="str"),
        }
    )
    return Imported(rules.table, frame, refused, _flagged(rules.flag, raw[kept]), rules)


class _Ledger:
    """Which rows are refused, each for the first reason found."""

    def __init__(self, rows: int):
        self.kept = np.ones(rows, dtype=bool)
        self.rule = np.full(rows, "", dtype=object)
        self.reason = np.full(rows, "", dtype=object)

    def refuse(self, rule: str, reason: str, bad: "pd.Series | np.ndarray") -> None:
        new = self.kept & np.asarray(bad, dtype=bool)
        self.rule[new] = rule
        self.reason[new] = reason
        self.kept &= ~new

    def refuse_all(self, rule: str, findings: Iterable[Finding], rows: np.ndarray) -> None:
        for finding in findings:
            bad = np.zeros(len(self.kept), dtype=bool)
            bad[rows[finding.rows]] = True
            self.refuse(rule, f"{finding.column}: {finding.message}", bad)


def holds(when: When, frame: pd.DataFrame) -> np.ndarray:
    """Whether all conditions hold, by row, shape (rows,)."""
    result = np.ones(len(frame), dtype=bool)
    for column, condition in when.items():
        cells = frame[column]
        if isinstance(condition, Range):
            numbers = pd.to_numeric(cells, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
            if condition.below is not None:
                result &= numbers < condition.below
            if condition.above is not None:
                result &= numbers > condition.above
            if condition.empty is not None:
                result &= text_of(cells).isna().to_numpy() == condition.empty
        else:
            allowed = condition if isinstance(condition, tuple) else (condition,)
            result &= text_of(cells).isin([_word(v) for v in allowed]).to_numpy()
    return result


def _word(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _open(rules: Mapping, source: Path) -> Iterator[Raw]:
    files = sorted(source.glob(rules.file)) if source.is_dir() else [source]
    if not files:
        raise TableError(
            [Problem(str(source), f"found no file named '{rules.file}'; check the mapping's 'file'")]
        )
    for file in files:
        yield next(open_sheets(file))[1] if file.name.lower().endswith(".xlsx") else open_file(file)


def _checked_columns(rules: Mapping, table: Table, mapping: Path, raws: list[Raw]) -> list[Problem]:
    unknown = [f for f in rules.columns if table.column(f) is None]
    problems = [
        Problem(
            str(mapping), f"columns.{f}: '{table.name}' has no such field; allowed: {', '.join(table.names)}"
        )
        for f in unknown
    ]
    for column in table.columns:
        if not column.optional and column.name not in rules.columns:
            problems.append(Problem(str(mapping), f"columns.{column.name} is missing; every row needs it"))
    for raw in raws:
        present = set(raw.frame.columns)
        for name in [n for n in _source_columns(rules) if n not in present]:
            found = ", ".join(str(c) for c in raw.frame.columns)
            problems.append(
                Problem(raw.source, f"has no column '{name}', which the mapping names; found: {found}")
            )
    return problems


def _source_columns(rules: Mapping) -> list[str]:
    names = [rule.from_ for rule in rules.columns.values() if rule.from_ is not None]
    for rule in rules.columns.values():
        names += [*rule.plus_s, *(rule.when or {})]
    for row in (*rules.drop, *rules.quarantine, *rules.flag):
        names += row.when
    return list(dict.fromkeys(names))


def _mapped(rules: Mapping, table: Table, raw: pd.DataFrame, ledger: _Ledger) -> pd.DataFrame:
    """The typed table of all source rows; what cannot be read or breaks a rule is refused in the ledger."""
    order = [name for name in table.names if name in rules.columns]
    fields = {name: _field(name, rules.columns[name], table, raw, rules.timezone, ledger) for name in order}
    frame = pd.DataFrame(fields, index=raw.index)
    typed, findings = convert(table, frame, rules.timezone)
    # A row refused already must not be judged again, nor be the first of two rows with one key.
    everything = np.arange(len(raw))
    ledger.refuse_all("unreadable", findings, everything)
    left = np.flatnonzero(ledger.kept)
    twice = repeated(table, typed.iloc[left])
    bad = np.zeros(len(raw), dtype=bool)
    bad[left[twice.to_numpy()]] = True
    ledger.refuse("duplicate", f"this {' + '.join(table.key)} has come before", bad)
    left = np.flatnonzero(ledger.kept)
    ledger.refuse_all("broken", broken(table, typed.iloc[left].reset_index(drop=True)), left)
    return typed


def _field(
    name: str, rule: ColumnRule, table: Table, raw: pd.DataFrame, timezone: str | None, ledger: _Ledger
) -> pd.Series:
    if rule.from_ is None:
        values = pd.Series([rule.value], dtype=object).repeat(len(raw)).set_axis(raw.index).infer_objects()
    else:
        values = raw[rule.from_]
    if rule.map is not None:
        words = text_of(values)
        values = words.map(rule.map)
        if rule.default is None:
            unknown = words.notna() & values.isna() & _applies(rule, raw)
            ledger.refuse("unreadable", f"{name}: a word that the mapping's map does not have", unknown)
    if rule.scale is not None:
        values = _numbers(name, values, _applies(rule, raw), ledger) * rule.scale
    column = table.column(name)
    if column is not None and column.type == "time":
        values = _moments(name, values, rule, raw, timezone, ledger)
    if rule.when is not None:
        values = values.where(_applies(rule, raw))
    if rule.default is not None:
        values = values.astype(object).where(values.notna(), rule.default)
    return values


def _applies(rule: ColumnRule, raw: pd.DataFrame) -> np.ndarray:
    return np.ones(len(raw), dtype=bool) if rule.when is None else holds(rule.when, raw)


def _moments(
    name: str, values: pd.Series, rule: ColumnRule, raw: pd.DataFrame, timezone: str | None, ledger: _Ledger
) -> pd.Series:
    """Instants of a time field, seconds added in UTC so that a clock change does no harm."""
    if rule.format is None and not rule.plus_s:
        return values
    everything = np.arange(len(raw))
    if rule.format is not None:
        text = text_of(values)
        values = pd.to_datetime(text, format=rule.format, errors="coerce", utc="%z" in rule.format)
        ledger.refuse("unreadable", f"{name}: not written as {rule.format}", text.notna() & values.isna())
    typed, findings = convert(
        Table(name, (), (Column(name, "time", optional=True),)), values.to_frame(name), timezone
    )
    ledger.refuse_all("unreadable", findings, everything)
    moments = typed[name].set_axis(raw.index)
    for column in rule.plus_s:
        seconds = _numbers(name, raw[column], _applies(rule, raw), ledger)
        moments = moments + pd.to_timedelta(seconds, unit="s").dt.as_unit("us")
    return moments


def _numbers(name: str, cells: pd.Series, needed: np.ndarray, ledger: _Ledger) -> pd.Series:
    """Cells as numbers; where one is needed and something else stands, the row is refused."""
    numbers = pd.to_numeric(cells, errors="coerce").astype("float64")
    ledger.refuse("unreadable", f"{name}: not a number", needed & numbers.isna() & text_of(cells).notna())
    return numbers


def _flagged(rules: tuple[RowRule, ...], raw: pd.DataFrame) -> pd.DataFrame:
    rows = [(rule.reason, int(holds(rule.when, raw).sum())) for rule in rules]
    return pd.DataFrame(rows, columns=["reason", "rows"]).astype({"reason": "str", "rows": "int64"})
