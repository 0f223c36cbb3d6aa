"""Verification of replies that models wrote against their passages."""

from argparse import Namespace
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from bot.answering.question.language import detect_language
from bot.answering.state.query import JAPANESE
from bot.answering.verification.source_text import SourceText
from bot.answering.verification.statement_check import CheckedStatement, check_statements, check_text, repair_citations
from bot.answering.verification.statements import CitedStatement, split_statements
from eval.command import OUT, Measurement, command, paths_option
from eval.dataset.case import Words
from eval.metrics.statistics import compute_mean
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


def load_natural(files: Iterable[Path]) -> tuple[NaturalReply, ...]:
    """Return the replies of `files`; raises SetFileError, with file and line, for an invalid one."""
    return tuple(
        reply for file in files for _, reply in read_models(file, NaturalReply, "回答の組（書き方は README.md）")
    )


def verify_reply(reply: NaturalReply, *, quotes: bool) -> dict[str, Any]:
    """Return what was stopped of a reply, checked as a structured one with `quotes` or as text with marks.

    `right_whole`: nothing of a right one; `wrong_stopped`: any sentence of a wrong one; `wrong_sentence_caught`: the
    wrong one.
    """
    stopped = [any(statement.problems for statement in of) for of in _check_sentences(reply, quotes=quotes)]
    verdicts = {"right_whole": not any(stopped)}
    if not reply.right:
        wrong = reply.wrong_sentence
        verdicts = {"wrong_stopped": any(stopped), "wrong_sentence_caught": wrong is not None and stopped[wrong]}
    fields = {"id": reply.id, "kind": reply.kind, "right": reply.right, "stopped": stopped}
    return {"way": "quotes" if quotes else "marks"} | fields | {"verdicts": verdicts}


def _check_sentences(reply: NaturalReply, *, quotes: bool) -> list[list[CheckedStatement]]:
    sources = [passage.as_source_text() for passage in reply.passages]
    language = detect_language(nfkc(reply.question)) or JAPANESE
    if quotes:
        cited = []
        for sentence in reply.reply:
            (first, *_) = split_statements(sentence.text) or [CitedStatement(sentence.text)]
            is_absence = not sentence.cites and not sentence.quotes
            said = replace(first, cited=sentence.cites, quotes=sentence.quotes, formula=sentence.formula)
            cited.append(replace(said, items=0, listed=False, is_absence=is_absence))
        checked = check_statements(cited, sources, reply.question, language=language)
        repaired = [repair_citations(one, sources) for one in checked]
        return [[one] for one in check_statements(repaired, sources, reply.question, language=language)]
    sentences = [f"{sentence.text}{''.join(f'[{n}]' for n in sentence.cites)}" for sentence in reply.reply]
    statements = iter(check_text("\n".join(sentences), sources, reply.question, language))
    return [list(islice(statements, len(split_statements(sentence)))) for sentence in sentences]


def reply_figures(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the shares of each verdict with `_se` and `_n`, overall and `by_kind`."""
    kinds = sorted({row["kind"] for row in rows})
    return _shares(rows) | {"by_kind": {kind: _shares([row for row in rows if row["kind"] == kind]) for kind in kinds}}


def _shares(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name in ("right_whole", "wrong_stopped", "wrong_sentence_caught"):
        judged = [(row["id"], float(row["verdicts"][name])) for row in rows if name in row["verdicts"]]
        figures |= compute_mean(judged).figures(name)
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
    marks, with_quotes = ([verify_reply(reply, quotes=quotes) for reply in replies] for quotes in (False, True))
    return Measurement(
        reply_figures(marks) | {"with_quotes": reply_figures(with_quotes)},
        [*marks, *with_quotes],
        {"replies": list(map(str, options.replies))},
        {
            "right_whole": "正しい回答が一文も欠けずに届く",
            "wrong_stopped": "誤った回答を止める",
            "wrong_sentence_caught": "誤った文を止める",
            "by_kind": "種類",
            "with_quotes": "引用つきの回答",
        },
    )
