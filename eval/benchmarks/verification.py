"""Verification of replies that models wrote against their passages."""

from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bot.question.language import detect_language
from bot.state.query import JAPANESE
from bot.verification.source_text import SourceText
from bot.verification.statement_check import CheckedStatement, check_statements, check_text, repair_citations
from bot.verification.statements import CitedStatement, SupportingQuote, split_statements
from eval.command import OUT, Measurement, command, paths_option
from eval.dataset.case import Words
from eval.metrics.statistics import compute_pass_rate
from eval.storage.numbered_lines import read_models
from ingest.japanese import nfkc


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
        heading = tuple(self.heading.splitlines())
        return SourceText(self.text, heading, self.title, issuer=self.issuer, published=self.published)


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
        wrong = self.reply.wrong_sentence
        return wrong is not None and self.stopped[wrong]


def load_natural(files: Iterable[Path]) -> tuple[NaturalReply, ...]:
    """Return the replies of `files`; raises SetFileError, with file and line, for an invalid one."""
    return tuple(
        reply for file in files for _, reply in read_models(file, NaturalReply, "回答の組（書き方は README.md）")
    )


def verify_replies(replies: Sequence[NaturalReply], *, quotes: bool = False) -> list[VerifiedReply]:
    """Return the replies checked against their passages, as structured ones with `quotes` or as text with marks."""
    return [
        VerifiedReply(
            reply,
            tuple(any(statement.problems for statement in sentence) for sentence in sentences),
        )
        for reply, sentences in ((reply, _check_sentences(reply, quotes=quotes)) for reply in replies)
    ]


def _check_sentences(reply: NaturalReply, *, quotes: bool) -> list[list[CheckedStatement]]:
    sources = [passage.as_source_text() for passage in reply.passages]
    language = detect_language(nfkc(reply.question)) or JAPANESE
    if quotes:
        cited = []
        for sentence in reply.reply:
            (first, *_) = split_statements(sentence.text) or [CitedStatement(sentence.text)]
            quotations = tuple(SupportingQuote(words, sentence.cites) for words in sentence.quotes)
            is_absence = not sentence.cites and not sentence.quotes
            statement = CitedStatement(first.text, sentence.cites, quotes=quotations, formula=sentence.formula)
            cited.append(replace(statement, is_absence=is_absence))
        checked = check_statements(cited, sources, reply.question, language=language)
        repaired = repair_citations(checked, sources)
        return [[one] for one in check_statements(repaired, sources, reply.question, language=language)]
    sentences = [f"{sentence.text}{''.join(f'[{n}]' for n in sentence.cites)}" for sentence in reply.reply]
    statements = iter(check_text("\n".join(sentences), sources, reply.question, language))
    return [list(islice(statements, len(split_statements(sentence)))) for sentence in sentences]


def natural_figures(verified: Sequence[VerifiedReply]) -> dict[str, Any]:
    """Return the shares of right replies and wrong ones by what was stopped, with `_se` and `_n`.

    `right_whole`: nothing stopped; `wrong_stopped`: any sentence stopped; `wrong_sentence_caught`: the wrong one.

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
        "wrong_sentence_caught": (False, lambda row: row.is_error_caught),
    }
    figures: dict[str, Any] = {}
    for name, (is_right, is_good) in measures.items():
        rows = [row for row in verified if row.reply.right is is_right]
        figures |= compute_pass_rate((row.reply.id, is_good(row)) for row in rows).figures(name)
    return figures


@command(
    "verification",
    "言語モデルの誤った回答を止める割合と、正しい回答をそのまま通す割合を測る",
    paths_option(
        "--replies",
        "FILE",
        "回答(1行に1件の JSON。言語モデルが書いたもの、誤りをひとつ入れたもの)",
        required=True,
    ),
    OUT,
)
def verification(options: Namespace) -> Measurement:
    """Verify replies against their passages: with marks, and with quotes."""
    replies = load_natural(options.replies)
    verified = {"marks": verify_replies(replies), "quotes": verify_replies(replies, quotes=True)}
    rows = [
        {
            "way": form,
            "id": row.reply.id,
            "kind": row.reply.kind,
            "right": row.reply.right,
            "stopped": row.stopped,
        }
        for form, results in verified.items()
        for row in results
    ]
    return Measurement(
        natural_figures(verified["marks"]) | {"with_quotes": natural_figures(verified["quotes"])},
        rows,
        {"replies": list(map(str, options.replies))},
        {
            "right_whole": "正しい回答が一文も欠けずに届く",
            "wrong_stopped": "誤った回答を止める",
            "wrong_sentence_caught": "誤った文を止める",
            "by_kind": "種類",
            "read": "読んだ半分",
            "unread": "読んでいない半分",
            "with_quotes": "引用つきの回答",
        },
    )
