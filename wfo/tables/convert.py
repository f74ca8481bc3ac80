"""Convert columns as they come (text, Excel cells, any dtype) to the dtypes of the table contracts.

========  =====================================================================
type      dtype
========  =====================================================================
text      ``str``; enumerations too
list      ``object`` of Python lists, ``a|b`` in files
int       ``int64``; with missing values ``float64``
number    ``float64``
bool      ``bool``; with missing values ``boolean``
time      ``datetime64[us, UTC]``
date      ``object`` of `datetime.date`, missing ``None``
========  =====================================================================
"""

import datetime as dt
from collections.abc import Iterator

import numpy as np
import pandas as pd

from wfo.tables.contracts import Column, Table
from wfo.tables.finding import Finding, found

_TRUE, _FALSE = ("true", "t", "yes", "y", "1"), ("false", "f", "no", "n", "0")
_OFFSET = r"(?:[Zz]|[+-]\d\d:?\d\d)$"


def convert(
    table: Table, frame: pd.DataFrame, timezone: str | None = None
) -> tuple[pd.DataFrame, list[Finding]]:
    """Give each known column of a frame its type; columns the contract does not know stay as they are.

    Parameters
    ----------
    table : Table
    frame : DataFrame
        All required columns are there; any index.
    timezone : str, optional
        Zone of times without an offset. A row's own offset wins: in the text, or in minutes in the column
        ``<column>_utc_offset_min`` or ``utc_offset_min``.

    Returns
    -------
    frame : DataFrame
        Same rows, index 0 … n−1; what could not be read is missing.
    findings : list of Finding
        Cells that could not be read, and empty cells of required columns.
    """
    frame = frame.reset_index(drop=True)
    findings: list[Finding] = []
    columns = {}
    for name in frame.columns:
        column, values = table.column(name), frame[name]
        if column is None:
            columns[name] = values
            continue
        if column.type == "time":
            columns[name], new = _time(column, values, timezone, _offsets(frame, name))
        else:
            columns[name], new = _READERS[column.type](column, values)
        findings += new
        if not column.optional and column.type != "list":
            findings += found(
                name, values, _missing(values), "every row needs a value; fill it in or remove the row"
            )
    return pd.DataFrame(columns, index=frame.index), findings


def text_of(values: pd.Series) -> pd.Series:
    """Values as ``str``: whole numbers without a decimal point, times in ISO format, empty text missing."""
    if pd.api.types.is_float_dtype(values.dtype):
        whole = values.dropna()
        if (whole % 1 == 0).all():
            values = values.astype("Int64")
    if pd.api.types.is_object_dtype(values.dtype) and pd.api.types.infer_dtype(values) != "string":
        values = values.map(_cell, na_action="ignore")
    text = values if values.dtype == "str" else values.astype("str")
    empty = text == ""
    return text.mask(empty) if empty.any() else text


def _cell(value: object) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.time):
        return value.strftime("%H:%M")
    return str(value)


def _missing(values: pd.Series) -> pd.Series:
    missing = values.isna()
    return missing | (values == "") if values.dtype == "str" or values.dtype == object else missing


def _offsets(frame: pd.DataFrame, name: str) -> pd.Series | None:
    """Minutes east of UTC of each row's local time, where a column gives them."""
    for column in (f"{name}_utc_offset_min", "utc_offset_min"):
        if column in frame.columns:
            return pd.to_numeric(frame[column], errors="coerce").astype("float64")
    return None


def _text(column: Column, values: pd.Series) -> tuple[pd.Series, list[Finding]]:
    return text_of(values), []


def _enum(column: Column, values: pd.Series) -> tuple[pd.Series, list[Finding]]:
    text = text_of(values)
    bad = text.notna() & ~text.isin(column.values)
    message = f"allowed: {', '.join(column.values)}; write one of them"
    return text.mask(bad) if bad.any() else text, list(found(column.name, values, bad, message))


def _float(column: Column, values: pd.Series) -> tuple[pd.Series, pd.Series]:
    if pd.api.types.is_bool_dtype(values.dtype) or pd.api.types.is_datetime64_any_dtype(values.dtype):
        return pd.Series(np.nan, index=values.index), values.notna()
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    numbers = numbers.mask(np.isinf(numbers))
    return numbers, numbers.isna() & ~_missing(values)


def _number(column: Column, values: pd.Series) -> tuple[pd.Series, list[Finding]]:
    numbers, bad = _float(column, values)
    message = "allowed: a number with a decimal point; write it without unit or thousands separator"
    return numbers, list(found(column.name, values, bad, message))


def _int(column: Column, values: pd.Series) -> tuple[pd.Series, list[Finding]]:
    numbers, bad = _float(column, values)
    bad |= numbers.notna() & (numbers % 1 != 0)
    numbers = numbers.mask(bad)
    findings = list(found(column.name, values, bad, "allowed: a whole number; round it"))
    return numbers if numbers.isna().any() else numbers.astype("int64"), findings


def _bool(column: Column, values: pd.Series) -> tuple[pd.Series, list[Finding]]:
    if pd.api.types.is_bool_dtype(values.dtype):
        return values if values.notna().all() else values.astype("boolean"), []
    text = text_of(values).str.lower()
    known = text.map({**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}).astype("boolean")
    bad = text.notna() & known.isna()
    findings = list(found(column.name, values, bad, "allowed: true or false; write one of them"))
    return known if known.isna().any() else known.astype("bool"), findings


def _list(column: Column, values: pd.Series) -> tuple[pd.Series, list[Finding]]:
    return pd.Series([_items(v) for v in values], index=values.index, dtype=object), []


def _items(value: object) -> list[str]:
    if isinstance(value, list | tuple | np.ndarray):
        return [str(item) for item in value]
    if not isinstance(value, str):
        return [] if pd.isna(value) else [_cell(value)]  # type: ignore[call-overload]
    return [item.strip() for item in value.split("|") if item.strip()]


def _parsed(text: pd.Series) -> pd.Series:
    """Instants of ISO 8601 text, NaT where it is none; text without an offset as if it were UTC."""
    # pandas reads 'now' and 'today' as the moment it runs.
    dated = text.where(text.str.match(r"\d{4}", na=False))
    return pd.to_datetime(dated, format="ISO8601", errors="coerce", utc=True).dt.as_unit("us")


def _date(column: Column, values: pd.Series) -> tuple[pd.Series, list[Finding]]:
    if pd.api.types.is_datetime64_any_dtype(values.dtype):
        days = values.dt.tz_localize(None)
    else:
        days = pd.to_datetime(text_of(values), format="ISO8601", errors="coerce", utc=True).dt.tz_localize(
            None
        )
    bad = (days.isna() & ~_missing(values)) | (days.notna() & (days != days.dt.normalize()))
    dates = pd.Series([None if pd.isna(d) else d for d in days.dt.date], index=values.index, dtype=object)
    return dates, list(found(column.name, values, bad, "allowed: a local day; write YYYY-MM-DD"))


def _time(
    column: Column, values: pd.Series, timezone: str | None, offset_min: pd.Series | None
) -> tuple[pd.Series, list[Finding]]:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.dt.tz_convert("UTC").dt.as_unit("us"), []
    if pd.api.types.is_datetime64_dtype(values.dtype):
        clock = values.dt.as_unit("us").dt.tz_localize("UTC")
        naive = clock.notna()
        findings = []
    else:
        text = text_of(values)
        clock = _parsed(text)
        naive = clock.notna() & ~text.str.contains(_OFFSET, na=False)
        bad = text.notna() & clock.isna()
        message = "allowed: an instant; write it like 2025-03-31T08:30:00+02:00"
        findings = list(found(column.name, values, bad, message))
    if offset_min is not None:
        shift = naive & offset_min.notna()
        clock = clock.mask(
            shift, clock - pd.to_timedelta(offset_min.where(shift, 0.0), unit="min").dt.as_unit("us")
        )
        naive &= ~shift
    if naive.any():
        local, new = localize(column.name, clock[naive].dt.tz_localize(None), timezone)
        at = np.flatnonzero(naive)
        findings += [Finding(f.column, at[f.rows], values.iloc[at[f.rows]], f.message) for f in new]
        clock = clock.mask(naive, local.reindex(clock.index))
    return clock.astype("datetime64[us, UTC]"), findings


def localize(column: str, clock: pd.Series, timezone: str | None) -> tuple[pd.Series, list[Finding]]:
    """UTC instants of local times; an hour that occurs twice or never is reported, not guessed."""
    if timezone is None:
        message = (
            "allowed: a time with its offset from UTC, like 08:30:00+02:00; add it, or set data.timezone "
            "(in a mapping file: timezone)"
        )
        return clock.dt.tz_localize("UTC").mask(clock.notna()), list(_all(column, clock, message))
    local = clock.dt.tz_localize(timezone, ambiguous="NaT", nonexistent="NaT")
    bad = (local.isna() & clock.notna()).to_numpy()
    findings: list[Finding] = []
    if bad.any():
        first = clock.dt.tz_localize(timezone, ambiguous=np.ones(len(clock), dtype=bool), nonexistent="NaT")
        twice, never = bad & first.notna().to_numpy(), bad & first.isna().to_numpy()
        add = "write it with its offset from UTC"
        findings += found(
            column, clock, twice, f"this local time occurs twice in {timezone} (clock change); {add}"
        )
        findings += found(
            column, clock, never, f"this local time does not exist in {timezone} (clock change); {add}"
        )
    return local.dt.tz_convert("UTC"), findings


def _all(column: str, values: pd.Series, message: str) -> Iterator[Finding]:
    return found(column, values, np.ones(len(values), dtype=bool), message)


_READERS = {
    "text": _text,
    "enum": _enum,
    "number": _number,
    "int": _int,
    "bool": _bool,
    "list": _list,
    "date": _date,
}
