"""Intents of contacts in Parquet files of any size: learnt in one pass, read in a second, piece by piece.

The same contacts teach, and the same are held out, as of a frame, so the same log is read alike either way.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wfo.chains.intents.engage import engaged
from wfo.chains.intents.infer import (
    HELD_OUT,
    Reader,
    confusion_of,
    coverage_of,
    not_in_taxonomy,
    order_of,
    states_intent,
    with_shares,
)
from wfo.chains.intents.reading import judged, strange
from wfo.chains.taxonomy import UNKNOWN, InferSettings, Intent
from wfo.tables.contracts import INPUTS
from wfo.tables.given import files_of

_SHOWN = (
    "interaction_id",
    "intent",
    "channel",
    "queue",
    "disposition",
    "page",
    "text",
    "controlled",
    "outcome",
)
_LONG = ("page", "text", "disposition")
_READ = pa.schema(
    {"interaction_id": pa.string(), "intent": pa.string(), "source": pa.string(), "p": pa.float64()}
)
_ROWS = 500_000


@dataclass(frozen=True)
class ReadFiles:
    """A log in files with its intents read.

    Attributes
    ----------
    seen : Path
        The log as chains see it, without what customers wrote.
    intents : Path
        Table ``intents``.
    tables : mapping of str to DataFrame
        ``intent_coverage`` and ``intent_confusion``, as `wfo.chains.intents.infer.ReadIntents` has them.
    notes : tuple of str
    """

    seen: Path
    intents: Path
    tables: Mapping[str, pd.DataFrame]
    notes: tuple[str, ...]

    def kept(self, into: Path | None) -> dict[str, pd.DataFrame]:
        """The tables, ``intents`` moved into a folder where one is given and then empty."""
        if into is None:
            return {**self.tables, "intents": pd.read_parquet(self.intents)}
        none = pq.read_schema(self.intents).empty_table().to_pandas()
        self.intents.replace(into / self.intents.name)
        return {**self.tables, "intents": none}


@dataclass
class _Tally:
    """What is counted while the pieces are read."""

    coverage: list[pd.DataFrame] = field(default_factory=list)
    confusion: list[pd.DataFrame] = field(default_factory=list)
    by: list[pd.Series] = field(default_factory=list)
    strange: list[pd.Series] = field(default_factory=list)


def read_files(
    source: Path | str | Sequence[Path], taxonomy: Mapping[str, Intent], settings: InferSettings, into: Path
) -> ReadFiles | None:
    """Read the intents of contacts that state none; None where all state theirs.

    Parameters
    ----------
    source : Parquet file or several of them
        After the table contract (`wfo.tables.given.register_checked`).
    taxonomy : mapping of str to Intent
    settings : InferSettings
    into : Path
        Folder for ``seen.parquet`` and ``intents.parquet``.
    """
    files = files_of(source)
    teachers, others, silent = _teachers(files, settings)
    if not silent:
        return None
    everyone, judge = Reader(teachers, taxonomy, settings), Reader(others, taxonomy, settings)
    seen, intents, tally = into / "seen.parquet", into / "intents.parquet", _Tally()
    schema = _schema(files)
    with pq.ParquetWriter(seen, schema) as log, pq.ParquetWriter(intents, _READ) as read:
        for table, frame in _pieces(files, None):
            told = _told(frame, everyone, judge, taxonomy, tally)
            read.write_table(pa.Table.from_pandas(told, _READ, preserve_index=False))
            log.write_table(_filled(table, _seen(frame, told, taxonomy), schema))
    confusion = _summed(tally.confusion, ["actual", "predicted"])
    tables = {
        "intent_coverage": with_shares(_summed(tally.coverage, ["channel", "queue", "source"])),
        "intent_confusion": confusion,
    }
    by, unlisted = (pd.concat(x).groupby(level=0, sort=True).sum() for x in (tally.by, tally.strange))
    return ReadFiles(seen, intents, tables, (*strange(unlisted), *judged(by, confusion)))


def _teachers(files: list[Path], settings: InferSettings) -> tuple[pd.DataFrame, pd.DataFrame, int]:
    """Contacts that teach, those that teach where others are held out, and how many state no intent."""
    columns = [c for c in _SHOWN if c not in ("controlled", "outcome")]
    kept: dict[bool, pd.DataFrame] = {}
    silent = 0
    for _, frame in _pieces(files, columns):
        stated = states_intent(frame)
        silent += int((~stated).sum())
        came = frame[stated].assign(order=lambda f: order_of(f["interaction_id"]))
        for all_of_them in (True, False):
            more = came if all_of_them else came[came["order"] % HELD_OUT != 0]
            both = pd.concat([kept[all_of_them], more]) if all_of_them in kept else more
            kept[all_of_them] = both.nsmallest(settings.most_labelled, "order")
    return kept[True], kept[False], silent


def _told(
    frame: pd.DataFrame, everyone: Reader, judge: Reader, taxonomy: Mapping[str, Intent], tally: _Tally
) -> pd.DataFrame:
    """How the silent contacts of a piece are read: interaction_id, intent, source, p."""
    stated = states_intent(frame)
    silent, teachers = frame[~stated], frame[stated]
    held = teachers[order_of(teachers["interaction_id"]) % HELD_OUT == 0]
    told = everyone.read(silent)
    source = np.full(len(frame), "stated", dtype=object)
    source[~stated] = told["source"]
    tally.coverage.append(coverage_of(frame, source))
    tally.by.append(told["source"].value_counts())
    tally.strange.append(not_in_taxonomy(frame, taxonomy))
    if len(held):
        found = judge.read(held)["intent"].to_numpy()
        tally.confusion.append(confusion_of(held["intent"].to_numpy(), found))
    told = told.assign(interaction_id=silent["interaction_id"].to_numpy())
    return told[["interaction_id", "intent", "source", "p"]]


def _seen(frame: pd.DataFrame, told: pd.DataFrame, taxonomy: Mapping[str, Intent]) -> pd.DataFrame:
    """A piece with the intents read, ignored mentions marked; row by row, so that an id may stand twice."""
    stated = states_intent(frame)
    intent = np.full(len(frame), None, dtype=object)
    if "intent" in frame.columns:
        intent[stated] = frame["intent"].to_numpy(dtype=object)[stated]
    intent[~stated] = told["intent"].where(told["intent"] != UNKNOWN, None).to_numpy(dtype=object)
    return engaged(frame.assign(intent=pd.Series(intent, frame.index).astype("str")), taxonomy)


def _pieces(files: list[Path], columns: Sequence[str] | None) -> Iterator[tuple[pa.Table, pd.DataFrame]]:
    """Pieces of the files, whole and as a frame of what intents are read from."""
    for path in files:
        with pq.ParquetFile(path) as file:
            have = file.schema_arrow.names
            wanted = [c for c in have if columns is None or c in columns]
            for batch in file.iter_batches(batch_size=_ROWS, columns=wanted):
                table = pa.Table.from_batches([batch])
                frame = table.select([c for c in wanted if c in _SHOWN]).to_pandas()
                words = [c for c in frame if c != "controlled"]
                frame[words] = frame[words].astype("str")
                yield table, frame


def _filled(table: pa.Table, seen: pd.DataFrame, schema: pa.Schema) -> pa.Table:
    """The piece with intents and outcomes as they are read, in the columns that all files have together."""
    columns = []
    for name, kind in zip(schema.names, schema.types, strict=True):
        if name in ("intent", "outcome") and name in seen.columns:
            cells = seen[name].astype(object).where(seen[name].notna(), None)
            columns.append(pa.array(cells, type=kind))
        elif name in table.column_names:
            columns.append(table.column(name).cast(kind))
        else:
            columns.append(pa.nulls(table.num_rows, kind))
    return pa.Table.from_arrays(columns, schema=schema)


def _schema(files: list[Path]) -> pa.Schema:
    """Columns of the table that any file has, but for long texts; where types differ, text or numbers."""
    known = {c.name for c in INPUTS["interactions"].columns} - set(_LONG)
    kinds: dict[str, pa.DataType] = {"intent": pa.string(), "outcome": pa.string()}
    for path in files:
        for one in pq.read_schema(path):
            kind = one.type.value_type if pa.types.is_dictionary(one.type) else one.type
            had = kinds.get(one.name, kind)
            if one.name not in known or pa.types.is_null(kind):
                continue
            if had != kind:
                kind = pa.float64() if _is_number(had) and _is_number(kind) else had
                kind = pa.string() if _is_number(had) != _is_number(kind) else kind
            kinds[one.name] = kind
    return pa.schema(kinds)


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _summed(parts: list[pd.DataFrame], by: list[str]) -> pd.DataFrame:
    if not parts:
        return pd.DataFrame(columns=[*by, "contacts"])
    return pd.concat(parts).groupby(by, sort=True)["contacts"].sum().reset_index()
