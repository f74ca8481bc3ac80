"""Fields of a table from a source's columns by a mapping's rules; a row is refused for its first reason."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from wfo.tables.addresses import normalised
from wfo.tables.contracts import Column, Table
from wfo.tables.convert import convert, text_of
from wfo.tables.durations import seconds_of
from wfo.tables.finding import Finding, show
from wfo.tables.mapping import ColumnRule, Mapping, Range, When

WORDS_NAMED = 20
"""So many words of a column that its map does not have are named one by one."""


class Ledger:
    """Which rows are refused, each for the first reason found.

    Attributes
    ----------
    kept : ndarray of bool
    rule, reason, found : ndarray of object
        Empty for rows that are kept; ``found`` is the cell at fault, where it is one.
    notes : list of (str, Series of bool)
        What deserves a word of rows that are kept, and which rows.
    """

    def __init__(self, rows: int):
        self.kept = np.ones(rows, dtype=bool)
        self.rule = np.full(rows, "", dtype=object)
        self.reason = np.full(rows, "", dtype=object)
        self.found = np.full(rows, "", dtype=object)
        self.notes: list[tuple[str, pd.Series]] = []

    def refuse(
        self,
        rule: str,
        reason: "str | np.ndarray",
        bad: "pd.Series | np.ndarray",
        cells: "pd.Series | np.ndarray | None" = None,
    ) -> None:
        """Refuse the rows where ``bad`` holds and that are still kept; ``cells`` is what stands there."""
        new = self.kept & np.asarray(bad, dtype=bool)
        self.rule[new] = rule
        self.reason[new] = reason if isinstance(reason, str) else reason[new]
        if cells is not None:
            # a column's whole numbers come as int or float, by what else a chunk has
            whole = [int(c) if isinstance(c, float) and c.is_integer() else c for c in np.asarray(cells)[new]]
            self.found[new] = [show(cell) for cell in whole]
        self.kept &= ~new

    def refuse_all(self, rule: str, findings: Iterable[Finding], rows: np.ndarray) -> None:
        """Refuse the rows of findings; ``rows`` says which row of the ledger each row of the frame is."""
        for finding in findings:
            bad = np.zeros(len(self.kept), dtype=bool)
            bad[rows[finding.rows]] = True
            cells = np.full(len(self.kept), "", dtype=object)
            cells[rows[finding.rows]] = finding.cells.to_numpy(dtype=object)
            self.refuse(rule, f"{finding.column}: {finding.message}", bad, cells)


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


def fields_of(rules: Mapping, table: Table, raw: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """The typed table of all source rows; what cannot be read is refused in the ledger.

    Parameters
    ----------
    rules : Mapping
    table : Table
    raw : DataFrame
        Source columns, index 0 … n−1.
    ledger : Ledger
    """
    order = [name for name in table.names if name in rules.columns]
    fields = {name: _field(name, rules.columns[name], table, raw, rules.timezone, ledger) for name in order}
    typed, findings = convert(table, pd.DataFrame(fields, index=raw.index), rules.timezone)
    ledger.refuse_all("unreadable", findings, np.arange(len(raw)))
    return typed


def _field(
    name: str, rule: ColumnRule, table: Table, raw: pd.DataFrame, timezone: str | None, ledger: Ledger
) -> pd.Series:
    if rule.from_ is None:
        values = pd.Series([rule.value], dtype=object).repeat(len(raw)).set_axis(raw.index).infer_objects()
    elif rule.optional and rule.from_ not in raw.columns:
        values = pd.Series(np.nan, index=raw.index, dtype="str")
    else:
        values = raw[rule.from_]
    if rule.strip:
        values = text_of(values).str.removeprefix(rule.strip)
    if rule.as_ == "duration":
        values = _seconds(name, values, _applies(rule, raw), ledger)
    elif rule.as_ is not None:
        values = normalised(values, rule.as_)
    if rule.map is not None:
        words = text_of(values)
        values = words.map(rule.map)
        if rule.default is None:
            unknown = words.notna() & values.isna() & _applies(rule, raw)
            ledger.refuse("unreadable", _unknown_words(name, words, unknown), unknown)
        else:
            _note_unknown(name, words.where(words.notna() & values.isna()), rule.default, ledger)
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


def _note_unknown(name: str, unknown: pd.Series, default: object, ledger: Ledger) -> None:
    """Say which words got the default; many of them together."""
    words = sorted(unknown.dropna().unique())
    for word in words[:WORDS_NAMED]:
        ledger.notes.append((f"{name}: '{word}' is not in the map, taken for '{default}'", unknown == word))
    if rest := words[WORDS_NAMED:]:
        said = f"{name}: other words that are not in the map, taken for '{default}'"
        ledger.notes.append((said, unknown.isin(rest)))


def _unknown_words(name: str, words: pd.Series, unknown: pd.Series) -> np.ndarray:
    message = "a word that the mapping's map does not have"
    reasons = np.full(len(words), "", dtype=object)
    reasons[unknown.to_numpy()] = [f"{name}: '{word}', {message}" for word in words[unknown]]
    return reasons


def _applies(rule: ColumnRule, raw: pd.DataFrame) -> np.ndarray:
    return np.ones(len(raw), dtype=bool) if rule.when is None else holds(rule.when, raw)


def _moments(
    name: str, values: pd.Series, rule: ColumnRule, raw: pd.DataFrame, timezone: str | None, ledger: Ledger
) -> pd.Series:
    """Instants of a time field, seconds added in UTC so that a clock change does no harm."""
    if rule.format is None and not rule.plus_s:
        return values
    everything = np.arange(len(raw))
    if rule.format is not None:
        text = text_of(values)
        values = pd.to_datetime(text, format=rule.format, errors="coerce", utc="%z" in rule.format)
        wrong = text.notna() & values.isna()
        ledger.refuse("unreadable", f"{name}: not written as {rule.format}", wrong, text)
    typed, findings = convert(
        Table(name, (), (Column(name, "time", optional=True),)), values.to_frame(name), timezone
    )
    ledger.refuse_all("unreadable", findings, everything)
    moments = typed[name].set_axis(raw.index)
    for column in rule.plus_s:
        seconds = _numbers(name, raw[column], _applies(rule, raw), ledger)
        moments = moments + pd.to_timedelta(seconds, unit="s").dt.as_unit("us")
    return moments


def _numbers(name: str, cells: pd.Series, needed: np.ndarray, ledger: Ledger) -> pd.Series:
    """Cells as numbers; where one is needed and something else stands, the row is refused."""
    numbers, text = pd.to_numeric(cells, errors="coerce").astype("float64"), text_of(cells)
    ledger.refuse("unreadable", f"{name}: not a number", needed & numbers.isna() & text.notna(), text)
    return numbers


def _seconds(name: str, cells: pd.Series, needed: np.ndarray, ledger: Ledger) -> pd.Series:
    """Durations in seconds; where one is needed and something else stands, the row is refused."""
    seconds, text = seconds_of(cells), text_of(cells)
    said = f"{name}: no duration; allowed are seconds, 3:20 (minutes) and 0:03:20 (hours)"
    ledger.refuse("unreadable", said, needed & seconds.isna() & text.notna(), text)
    return seconds
