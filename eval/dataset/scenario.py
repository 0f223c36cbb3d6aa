"""Scenarios: short conversations over a few documents of their own, which are indexed alone."""

from datetime import date
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.state import Status
from eval.dataset.case import Group, Words
from eval.errors import CaseFileError, SetFileError
from eval.storage.numbered_lines import read_numbered_lines

_ANSWERING = (Status.ANSWERED, Status.PARTIAL)


class Scenario(BaseModel):
    """One conversation; the answer to its last turn is scored.

    Attributes:
        documents: names of the files that are indexed, without suffix.
        must: each group needs one of its wordings in the answer.
        status: what the answer's status may be.
        highlight_not: wordings that no highlighted passage of the answer may have.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Words
    documents: Annotated[tuple[Words, ...], Field(min_length=1)]
    as_of: date
    turns: Annotated[tuple[Words, ...], Field(min_length=1)]
    must: tuple[Group, ...] = ()
    must_not: tuple[Words, ...] = ()
    status: tuple[Status, ...] = _ANSWERING
    highlight_not: tuple[Words, ...] = ()
    kind: str = ""

    @property
    def is_answerable(self) -> bool:
        """Whether the documents answer the last turn."""
        return bool(self.must)


def load_scenarios(file: Path) -> tuple[Scenario, ...]:
    """Return the scenarios of a file of JSON lines; those without a `kind` get the name of the file's folder.

    Raises CaseFileError, with file and line, for one that is invalid.
    """
    scenarios = list[Scenario]()
    try:
        lines = read_numbered_lines(file)
    except SetFileError as error:
        raise CaseFileError(str(error)) from error
    for place, line in lines:
        try:
            scenario = Scenario.model_validate_json(line)
        except ValidationError as error:
            problems = "、".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
            raise CaseFileError(f"{place}: 場面として読めません（{problems}）。") from error
        kind = scenario.kind or file.resolve().parent.name
        scenarios.append(scenario.model_copy(update={"kind": kind}))
    return tuple(scenarios)
