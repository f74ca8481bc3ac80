"""Mapping files: how one file of a source becomes one table of ours."""

from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, field_validator, model_validator

from wfo.domain.base import Frozen
from wfo.domain.centre import Zone
from wfo.tables.addresses import Address
from wfo.tables.contracts import INPUTS

Scalar = str | int | float | bool


class Range(Frozen):
    """A condition on a number, or on whether a cell is empty; all that is given must hold."""

    below: float | None = None
    """Holds under this."""
    above: float | None = None
    """Holds over this."""
    empty: bool | None = None
    """Whether the cell is empty."""

    @model_validator(mode="after")
    def _says_something(self) -> "Range":
        if self.below is None and self.above is None and self.empty is None:
            raise ValueError("says nothing; give below, above or empty")
        return self


When = Annotated[dict[str, Scalar | tuple[Scalar, ...] | Range], Field(min_length=1)]
"""Conditions by source column, all of which must hold: a value, a list of values, or a `Range`."""


class ColumnRule(Frozen):
    """Where a field's value comes from."""

    from_: Annotated[str | None, Field(alias="from")] = None
    """The source column."""
    value: Scalar | None = None
    """A constant instead."""
    map: dict[str, Scalar] | None = None
    """Other words for the source's words; a word not here refuses the row, unless there is a default."""
    as_: Annotated[Address | Literal["duration"] | None, Field(alias="as")] = None
    """Phone numbers and e-mail addresses in one way of writing; durations such as 3:20 in seconds."""
    strip: str = ""
    """Text taken off the beginning."""
    optional: bool = False
    """The source may lack the column; then the field stays empty."""
    scale: float | None = None
    """Factor on a number, 60 for minutes in a field of seconds."""
    format: str | None = None
    """How a time is written, as in strptime; empty: ISO 8601."""
    plus_s: tuple[str, ...] = ()
    """Source columns of seconds added to a time."""
    when: When | None = None
    """Only in rows where this holds; elsewhere the field stays empty."""
    default: Scalar | None = None
    """Where the field would be empty otherwise."""

    @model_validator(mode="before")
    @classmethod
    def _short(cls, given: Any) -> Any:
        return {"from": given} if isinstance(given, str) else given

    @model_validator(mode="after")
    def _one_origin(self) -> "ColumnRule":
        if (self.from_ is None) == (self.value is None):
            raise ValueError("give either 'from' (a source column) or 'value' (a constant)")
        return self


class RowRule(Frozen):
    """Rows of one kind."""

    reason: Annotated[str, Field(min_length=3)]
    """Why, in the words the report will use."""
    when: When
    """Which rows."""


Denominator = Literal["offered", "answered", "offered without short abandons", "answered and virtual"]
"""What a service level may divide by: vendors differ and let it be configured."""


def _known(table: str) -> str:
    if table not in INPUTS:
        raise ValueError(f"'{table}' is no table; allowed: {', '.join(INPUTS)}")
    return table


class Mapping(Frozen):
    """How one file of a source becomes one table."""

    table: Annotated[str, AfterValidator(_known)]
    """The table it fills."""
    file: str
    """The source file's name in the folder; ``*`` stands for any text."""
    format: str | None = None
    """A nested or event format that is unfolded first; empty: a table, CSV, Parquet or Excel."""
    part: str | None = None
    """Which table of the unfolded format, or which sheet of a workbook."""
    source: str = ""
    """Where the data come from and whom to thank."""
    keep_latest: str | None = None
    """A source column of times: of several records with one key the latest counts."""
    legs: tuple[str, ...] = ()
    """Source columns that name the row a row goes on with, the best first: rows of one contact handed on."""
    timezone: Zone | None = None
    """Zone of times without an offset."""
    service_level_of: Denominator | None = None
    """What the source's own service level divides by; asked for where ``answered_in_target`` is mapped."""
    columns: dict[str, ColumnRule]
    """Fields of the table by name."""
    drop: tuple[RowRule, ...] = ()
    """Rows that are no such thing: left out, with the reason."""
    quarantine: tuple[RowRule, ...] = ()
    """Rows nobody should trust: left out until someone has looked at them."""
    flag: tuple[RowRule, ...] = ()
    """Rows that stay, and are counted."""

    @field_validator("columns")
    @classmethod
    def _words_by_text(cls, columns: dict[str, ColumnRule]) -> dict[str, ColumnRule]:
        if not columns:
            raise ValueError("names no field; write field: source column")
        return columns

    @model_validator(mode="after")
    def _of_contacts(self) -> "Mapping":
        if self.legs and self.table not in ("interactions", "segments"):
            raise ValueError("legs are for the tables interactions and segments alone; take them out")
        return self

    @model_validator(mode="after")
    def _denominator(self) -> "Mapping":
        if "answered_in_target" in self.columns and self.service_level_of is None:
            raise ValueError(
                "answered_in_target is mapped, but not what the source's service level divides by; "
                f"add service_level_of: one of {', '.join(get_args(Denominator))}"
            )
        return self

    @property
    def facts(self) -> dict[str, str]:
        """What a file of the table says of its source beside its rows."""
        of = self.service_level_of
        return {} if of is None else {"service_level_of": of}
