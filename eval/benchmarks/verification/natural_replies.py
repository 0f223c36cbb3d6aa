"""Measures verification on model-written replies, right ones and ones with one error."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bot.verification import (
    CitedStatement,
    SourceText,
    SupportingQuote,
    check_statements,
    check_text,
    split_statements,
)
from eval.dataset.case import Words
from eval.metrics.statistics import compute_pass_rate
from eval.storage.numbered_lines import read_models, read_numbered_lines


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
    def is_analysed(self) -> bool:
        """Whether it is in the half whose failures were analysed; of the other half only rates are known."""
        return sha256(self.id.encode()).digest()[0] % 2 == 0


@dataclass(frozen=True, slots=True)
class VerifiedReply:
    """A reply and whether each of its sentences was stopped."""

    reply: NaturalReply
    stopped: tuple[bool, ...]

    @property
    def is_whole(self) -> bool:
        """Whether no sentence was stopped."""
        return not any(self.stopped)

    @property
    def is_error_caught(self) -> bool:
        """Whether the wrong sentence was stopped."""
        return self.reply.wrong_sentence is not None and self.stopped[self.reply.wrong_sentence]


def is_natural(file: Path) -> bool:
    """Whether the first line of a file is such a reply."""
    first = next(iter(read_numbered_lines(file)), ("", ""))[1]
    return '"wrong_sentence"' in first or '"quotes"' in first


def load_natural(files: Iterable[Path]) -> tuple[NaturalReply, ...]:
    """Return the replies of `files`; raises SetFileError, with file and line, for an invalid one."""
    return tuple(
        reply for file in files for _, reply in read_models(file, NaturalReply, "回答の組（書き方は README.md）")
    )


def _structured_statements(reply: NaturalReply) -> list[CitedStatement]:
    statements = []
    for sentence in reply.reply:
        (statement, *_) = split_statements(sentence.text) or [CitedStatement(sentence.text)]
        quotations = tuple(SupportingQuote(words, sentence.cites) for words in sentence.quotes)
        statements.append(CitedStatement(statement.text, sentence.cites, quotes=quotations, formula=sentence.formula))
    return statements


def verify_replies(replies: Sequence[NaturalReply], *, quotes: bool = False) -> list[VerifiedReply]:
    """Return the replies checked against their passages, as structured ones with `quotes` or as text with marks."""
    return [VerifiedReply(reply, _stopped_sentences(reply, quotes=quotes)) for reply in replies]


def _stopped_sentences(reply: NaturalReply, *, quotes: bool) -> tuple[bool, ...]:
    sources = [passage.as_source_text() for passage in reply.passages]
    if quotes:
        checked = check_statements(_structured_statements(reply), sources, reply.question)
        return tuple(bool(statement.problems) for statement in checked)
    sentences = [f"{sentence.text}{''.join(f'[{n}]' for n in sentence.cites)}" for sentence in reply.reply]
    statements = iter(check_text("\n".join(sentences), sources, reply.question))
    by_sentence = [list(islice(statements, len(split_statements(sentence)))) for sentence in sentences]
    return tuple(any(statement.problems for statement in group) for group in by_sentence)


def natural_figures(verified: Sequence[VerifiedReply]) -> dict[str, Any]:
    """Return `right_whole`, `wrong_stopped` (any sentence) and `wrong_sentence_stopped`, with `_se` and `_n`.

    Overall, `by_kind`, and for the `read` and the `unread` half.
    """
    kinds = sorted({row.reply.kind for row in verified})
    return _shares(verified) | {
        "by_kind": {kind: _shares([row for row in verified if row.reply.kind == kind]) for kind in kinds},
        "read": _shares([row for row in verified if row.reply.is_analysed]),
        "unread": _shares([row for row in verified if not row.reply.is_analysed]),
    }


def _shares(verified: Sequence[VerifiedReply]) -> dict[str, Any]:
    measures: dict[str, tuple[bool, Callable[[VerifiedReply], bool]]] = {
        "right_whole": (True, lambda row: row.is_whole),
        "wrong_stopped": (False, lambda row: not row.is_whole),
        "wrong_sentence_stopped": (False, lambda row: row.is_error_caught),
    }
    figures: dict[str, Any] = {}
    for name, (is_right, is_good) in measures.items():
        rows = [row for row in verified if row.reply.right is is_right]
        figures |= compute_pass_rate((row.reply.id, is_good(row)) for row in rows).figures(name)
    return figures
