"""The verdict of a judge on an answer, parsed from its reply."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Mark = Annotated[int, Field(ge=1, le=5, strict=True)]


class Verdict(BaseModel):
    """Marks from 1 (bad) to 5 (good) by the criteria of the workbench, with a reason in one sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    correctness: Mark
    grounds: Mark
    clarity: Mark
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


def read_verdict(reply: str) -> Verdict | None:
    """Return the verdict that `reply` is, or None where it is anything else.

    Nothing is guessed: a mark that has to be searched for in prose, or lies off the scale, is none.
    """
    try:
        return Verdict.model_validate_json(reply.strip())
    except ValidationError:
        return None
