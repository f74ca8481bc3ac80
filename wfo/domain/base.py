"""The base of everything a planner can write down."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """Immutable, refuses unknown keys; attribute docstrings are the schema's text."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
