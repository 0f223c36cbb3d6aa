"""Parses a judge's verdict on an answer."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Mark = Annotated[int, Field(ge=1, le=5, strict=True)]


class JudgeVerdict(BaseModel):
    """Marks from 1 (bad) to 5 (good) by criterion, with a reason in one sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    correctness: Mark
    grounds: Mark
    clarity: Mark
    reason: Annotated[str, Field(min_length=1, max_length=1000)]


def read_verdict(reply: str) -> JudgeVerdict | None:
    """Return the verdict in `reply`, or None if it has any other form.

    Marks in prose or outside the scale are not guessed.
    """
    try:
        return JudgeVerdict.model_validate_json(reply.strip())
    except ValidationError:
        return None
