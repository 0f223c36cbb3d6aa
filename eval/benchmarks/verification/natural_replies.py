"""Measures verification on model-written replies, right ones and ones with one error."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.state.citation_marks import format_marks
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
    """A passage given to the model; issuer, date and heading may be empty."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    title: Words
    issuer: str
    published: str
    heading: str
    text: Words

    def as_source_text(self) -> SourceText:
        """Return it as a source text."""
        return SourceText(self.text, tuple(self.heading.splitlines()), self.title, (), self.issuer, self.published)


class NaturalSentence(BaseModel):
    """A sentence of a reply, the passages it cites (from 1), its quotes and its formula."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    text: Words
    cites: tuple[int, ...]
    quotes: tuple[str, ...]
    formula: str = ""


class NaturalReply(BaseModel):
    """One reply; `wrong_sentence` is the index (from 0) of the wrong sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: Words
    set: Words
    kind: Words
    question: Words
    passages: Annotated[tuple[ReplyPassage, ...], Field(min_length=1)]
    reply: Annotated[tuple[NaturalSentence, ...], Field(min_length=1)]
    right: bool
    wrong: str = ""
    wrong_sentence: int | None = None

    @property
    def read(self) -> bool:
        """Whether it is in the half whose failures were analysed; of the other half only rates are known."""
        return sha256(self.id.encode()).digest()[0] % 2 == 0


@dataclass(frozen=True, slots=True)
class VerifiedReply:
    """A reply and whether each of its sentences was stopped."""

    of: NaturalReply
    stopped: tuple[bool, ...]

    @property
    def whole(self) -> bool:
        """Whether no sentence was stopped."""
        return not any(self.stopped)

    @property
    def is_error_caught(self) -> bool:
        """Whether the wrong sentence was stopped."""
        return self.of.wrong_sentence is not None and self.stopped[self.of.wrong_sentence]


def is_natural(file: Path) -> bool:
    """Whether the first line of a file is such a reply."""
    first = next(iter(read_numbered_lines(file)), ("", ""))[1]
    return '"wrong_sentence"' in first or '"quotes"' in first


def load_natural(files: Iterable[Path]) -> tuple[NaturalReply, ...]:
    """Return the replies of `files`; raises SetFileError, with file and line, for an invalid one."""
    replies = []
    for place, line in (located for file in files for located in read_numbered_lines(file)):
        try:
            replies.append(NaturalReply.model_validate_json(line))
        except ValidationError as error:
            raise SetFileError(f"{place}: 読めません。書き方は回答の組の README.md にあります。") from error
    return tuple(replies)


def _structured_statements(reply: NaturalReply) -> list[Statement]:
    """Return the statements of a structured reply, with quotes and formulas."""
    statements = []
    for sentence in reply.reply:
        (statement, *_) = split_statements(sentence.text) or [Statement(sentence.text)]
        quotations = tuple(Quotation(words, sentence.cites) for words in sentence.quotes)
        statements.append(Statement(statement.text, sentence.cites, quotes=quotations, formula=sentence.formula))
    return statements


def verify_replies(replies: Sequence[NaturalReply], *, quotes: bool = False) -> list[VerifiedReply]:
    """Return the replies checked against their passages, as structured ones with `quotes` or as text with marks."""
    verified = []
    for reply in replies:
        sources = [shown.as_source_text() for shown in reply.passages]
        checked = (
            check_statements(_structured_statements(reply), sources, reply.question)
            if quotes
            else check_text(_text_with_marks(reply), sources, reply.question)
        )
        verified.append(VerifiedReply(reply, _stopped_sentences(reply, checked, quotes=quotes)))
    return verified


def _text_with_marks(reply: NaturalReply) -> str:
    return "\n".join(f"{s.text}{format_marks(s.cites)}" for s in reply.reply)


def _stopped_sentences(reply: NaturalReply, checked: Sequence[CheckedStatement], *, quotes: bool) -> tuple[bool, ...]:
    """Return whether any statement of each sentence was stopped."""
    if quotes:
        return tuple(bool(one.problems) for one in checked)
    lengths = [len(split_statements(f"{s.text}{format_marks(s.cites)}")) for s in reply.reply]
    ends = [sum(lengths[: n + 1]) for n in range(len(lengths))]
    parts = [checked[end - length : end] for end, length in zip(ends, lengths, strict=True)]
    return tuple(any(one.problems for one in part) for part in parts)


def natural_figures(verified: Sequence[VerifiedReply]) -> dict[str, Any]:
    """Return `right_whole`, `wrong_stopped` (any sentence) and `wrong_sentence_stopped`, with `_se` and `_n`.

    Overall, `by_kind`, and for the `read` and the `unread` half.
    """
    kinds = sorted({one.of.kind for one in verified})
    return _shares(verified) | {
        "by_kind": {kind: _shares([one for one in verified if one.of.kind == kind]) for kind in kinds},
        "read": _shares([one for one in verified if one.of.read]),
        "unread": _shares([one for one in verified if not one.of.read]),
    }


def _shares(verified: Sequence[VerifiedReply]) -> dict[str, Any]:
    measures: dict[str, tuple[bool, Callable[[VerifiedReply], bool]]] = {
        "right_whole": (True, lambda one: one.whole),
        "wrong_stopped": (False, lambda one: not one.whole),
        "wrong_sentence_stopped": (False, lambda one: one.is_error_caught),
    }
    figures: dict[str, Any] = {}
    for name, (right, good) in measures.items():
        share = compute_pass_rate((one.of.id, good(one)) for one in verified if one.of.right is right)
        if share.n:
            figures |= {name: share.rate, f"{name}_se": share.se, f"{name}_n": share.n}
    return figures
