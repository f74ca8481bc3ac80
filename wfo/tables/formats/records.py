"""Records of JSON files, with their place in the file and what could not be read."""

import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wfo.errors import Problem, TableError
from wfo.tables.account import Tally


@dataclass(frozen=True)
class Record:
    """One record of a source.

    Attributes
    ----------
    file : str
        The file's name.
    row : int
        Its number in the file: the line of a file of lines, else its place in the list, from 1.
    content : dict
        Empty where the record could not be read.
    fault : str
        Why not; empty if it could.
    """

    file: str
    row: int
    content: dict[str, Any]
    fault: str = ""


def json_records(files: Iterable[Path], tally: Tally, lists: Sequence[str] = ()) -> Iterator[Record]:
    """Read files of JSON: one object a line, a list of objects, or an object that holds the list.

    Parameters
    ----------
    files : iterable of Path
        ``.json``, ``.jsonl`` or ``.ndjson``, also with ``.gz``.
    tally : Tally
        Counts the records.
    lists : sequence of str
        Names under which an object may hold its list of records; an object with none of them is one record.

    Raises
    ------
    TableError
        If a file is missing, empty, not UTF-8 or no JSON at all.
    """
    for path in files:
        text = _text(path)
        whole = _whole(text)
        for record in _lines(path, text) if whole is None else _listed(path, whole, lists):
            tally.rows += 1
            yield record


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
        content = gzip.decompress(raw) if path.name.lower().endswith(".gz") else raw
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"the text is not UTF-8 (byte {error.start}); save it as UTF-8"
        raise TableError([Problem(str(path), message)]) from error
    except (EOFError, gzip.BadGzipFile) as error:
        message = "the compressed file is broken off; write it again"
        raise TableError([Problem(str(path), message)]) from error
    except OSError as error:
        raise TableError(
            [Problem(str(path), f"cannot be read ({error.strerror}); check the path")]
        ) from error
    if not text.strip():
        raise TableError([Problem(str(path), "the file is empty; it needs JSON records")])
    return text


def _whole(text: str) -> Any:
    """The file as one JSON value; None if it is not one."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return None


def _listed(path: Path, whole: Any, lists: Sequence[str]) -> Iterator[Record]:
    if isinstance(whole, dict):
        held = next((whole[name] for name in lists if isinstance(whole.get(name), list)), None)
        whole = [whole] if held is None else held
    if not isinstance(whole, list):
        message = f"found a JSON {type(whole).__name__}; allowed: objects, one a line or in a list"
        raise TableError([Problem(str(path), message)])
    for row, content in enumerate(whole, start=1):
        yield _record(path, row, content)


def _lines(path: Path, text: str) -> Iterator[Record]:
    faults = 0
    records = []
    for row, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            records.append(_record(path, row, json.loads(line)))
        except json.JSONDecodeError as error:
            faults += 1
            records.append(Record(path.name, row, {}, f"no JSON: {error.msg} at character {error.pos + 1}"))
    if faults == len(records):
        message = "cannot be read as JSON; it may be broken off or of another format: write it again"
        raise TableError([Problem(str(path), message)])
    yield from records


def _record(path: Path, row: int, content: Any) -> Record:
    if isinstance(content, dict):
        return Record(path.name, row, content)
    return Record(path.name, row, {}, f"found a JSON {type(content).__name__}, where an object is needed")
