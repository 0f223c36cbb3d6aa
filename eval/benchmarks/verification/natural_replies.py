"""Measures verification on model-written replies, right ones and ones with one error."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.generation.judging import KNOWN
from bot.verification import (
    CheckedStatement,
    Quotation,
    SourceText,
    Statement,
    check_statements,
    check_text,
    split_statements,
)
from eval.errors import SetFileError
from eval.metrics.statistics import compute_pass_rate
from eval.storage.numbered_lines import read_numbered_lines

Words = Annotated[str, Field(min_length=1)]


class ReplyPassage(BaseModel):
    """A passage that the model was shown; issuer, day and heading may be empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Words
    issuer: str
    published: str
    heading: str
    text: Words

    def as_source_text(self) -> SourceText:
        """Return it as a premise."""
        return SourceText(self.text, tuple(self.heading.splitlines()), self.title, (), self.issuer, self.published)


class ReplySentence(BaseModel):
    """A sentence of a reply, the passages that it cites, counted from 1, the words that carry it, how it reckons."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Words
    cites: tuple[int, ...]
    quotes: tuple[str, ...]
    formula: str = ""


class NaturalReply(BaseModel):
    """One reply; of a wrong one `wrong_sentence` counts from 0."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Words
    set: Words
    kind: Words
    question: Words
    passages: Annotated[tuple[ReplyPassage, ...], Field(min_length=1)]
    reply: Annotated[tuple[ReplySentence, ...], Field(min_length=1)]
    right: bool
    wrong: str = ""
    wrong_sentence: int | None = None

    @property
    def read(self) -> bool:
        """Whether it is of the half of which failures were read while the checks were made; of the other only rates."""
        return sha256(self.id.encode()).digest()[0] % 2 == 0


@dataclass(frozen=True, slots=True)
class VerifiedReply:
    """A reply and whether each of its sentences was stopped."""

    of: NaturalReply
    stopped: tuple[bool, ...]

    @property
    def whole(self) -> bool:
        """Whether it gets through whole."""
        return not any(self.stopped)

    @property
    def is_error_caught(self) -> bool:
        """Whether the sentence that is wrong was stopped."""
        return self.of.wrong_sentence is not None and self.stopped[self.of.wrong_sentence]


def is_natural(file: Path) -> bool:
    """Whether the file holds such replies, as its first line tells; one with none holds none."""
    first = next(iter(read_numbered_lines(file)), ("", ""))[1]
    return '"wrong_sentence"' in first or '"quotes"' in first


def load_natural(files: Iterable[Path]) -> tuple[NaturalReply, ...]:
    """Return the replies of `files`; raises SetFileError, with file and line, for a broken line."""
    replies = []
    for place, line in (placed for file in files for placed in read_numbered_lines(file)):
        try:
            replies.append(NaturalReply.model_validate_json(line))
        except ValidationError as error:
            raise SetFileError(f"{place}: 読めません。書き方は回答の組の README.md にあります。") from error
    return tuple(replies)


def _structured_statements(reply: NaturalReply) -> list[Statement]:
    """Return the statements of a structured reply, with the words said to carry them and its formulas."""
    said = []
    for sentence in reply.reply:
        (statement, *_) = split_statements(sentence.text) or [Statement(sentence.text)]
        carried = tuple(Quotation(words, sentence.cites) for words in sentence.quotes)
        said.append(Statement(statement.text, sentence.cites, quotes=carried, formula=sentence.formula))
    return said


def verify_replies(
    replies: Sequence[NaturalReply], *, quotes: bool = False, known: bool = False
) -> list[VerifiedReply]:
    """Return the replies held against their passages, as structured ones with `quotes` or as text with plain marks.

    With `known` a sentence is stopped only by what no model is asked about: as if one called every sentence supported.
    """
    held = []
    for reply in replies:
        premises = [shown.as_source_text() for shown in reply.passages]
        checked = (
            check_statements(_structured_statements(reply), premises, reply.question)
            if quotes
            else check_text(_text_with_marks(reply), premises, reply.question)
        )
        if known:
            checked = [CheckedStatement(c.statement, tuple(p for p in c.problems if p.kind in KNOWN)) for c in checked]
        held.append(VerifiedReply(reply, _stopped_sentences(reply, checked, quotes=quotes)))
    return held


def _text_with_marks(reply: NaturalReply) -> str:
    return "\n".join(f"{s.text}{''.join(f'[{n}]' for n in s.cites)}" for s in reply.reply)


def _stopped_sentences(reply: NaturalReply, checked: Sequence[CheckedStatement], *, quotes: bool) -> tuple[bool, ...]:
    """Return whether each sentence was stopped; one that was cut into several statements where any of them was."""
    if quotes:
        return tuple(bool(one.problems) for one in checked)
    lengths = [len(split_statements(f"{s.text}{''.join(f'[{n}]' for n in s.cites)}")) for s in reply.reply]
    ends = [sum(lengths[: n + 1]) for n in range(len(lengths))]
    parts = [checked[end - length : end] for end, length in zip(ends, lengths, strict=True)]
    return tuple(any(one.problems for one in part) for part in parts)


def natural_figures(held: Sequence[VerifiedReply]) -> dict[str, Any]:
    """Return `right_whole`, `wrong_stopped` (not let through whole) and `wrong_sentence_stopped`, with `_se` and `_n`.

    For all, `by_kind`, and for the half that was `read` and the one that was not.
    """
    kinds = sorted({one.of.kind for one in held})
    return _shares(held) | {
        "by_kind": {kind: _shares([one for one in held if one.of.kind == kind]) for kind in kinds},
        "read": _shares([one for one in held if one.of.read]),
        "unread": _shares([one for one in held if not one.of.read]),
    }


def _shares(held: Sequence[VerifiedReply]) -> dict[str, Any]:
    measures: dict[str, tuple[bool, Callable[[VerifiedReply], bool]]] = {
        "right_whole": (True, lambda one: one.whole),
        "wrong_stopped": (False, lambda one: not one.whole),
        "wrong_sentence_stopped": (False, lambda one: one.is_error_caught),
    }
    figures: dict[str, Any] = {}
    for name, (right, good) in measures.items():
        share = compute_pass_rate((one.of.id, good(one)) for one in held if one.of.right is right)
        if share.n:
            figures |= {name: share.rate, f"{name}_se": share.se, f"{name}_n": share.n}
    return figures
