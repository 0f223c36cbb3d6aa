"""A proposed manifest value with its source and whether it is certain."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class ProposedValue:
    """`value` is as TOML and JSON have it: a text, or a list of texts; `sure` where nobody need look twice."""

    value: Any
    source: str
    sure: bool
