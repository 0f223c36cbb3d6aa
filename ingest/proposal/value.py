"""A value that is proposed for an entry of the manifest: where it was read, and how surely."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Value:
    """`value` is as TOML and JSON have it: a text, or a list of texts; `sure` where nobody need look twice."""

    value: Any
    source: str
    sure: bool
