"""Measures verification on scripted replies: wrong ones caught, right ones wrongly rejected."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.errors import ModelError
from bot.generation.answer_writer import AnswerWriter
from bot.generation.non_answers import NonAnswerCheck
from bot.generation.reply import ABSTENTION, Reply, parse_marked_text
from bot.llm.prompt_files import load_prompt
from bot.rendering.answer_text import render_text
from bot.state.citation_marks import remove_marks
from bot.verification import to_source_texts
from eval.benchmarks.verification.scripted_replies import ScriptedReply, resolve_passages
from eval.metrics.statistics import compute_pass_rate
from ingest.documents import Document, ParsedDocument, Passage
from ingest.japanese.normal_forms import comparison_key


@dataclass(frozen=True, slots=True)
class VerifiedScript:
    """A reply with the text that verification lets through; "" if the model's answer is discarded."""

    reply: ScriptedReply
    verified_text: str
    set: str = ""

    @property
    def stopped(self) -> bool:
        """Whether the error was removed; of a right reply, whether anything was."""
        if self.reply.right:
            return _letters_only(self.verified_text) != _letters_only(_full_text(self.reply.reply))
        if not self.reply.wrong:
            return not self.verified_text
        return comparison_key(self.reply.wrong) not in comparison_key(self.verified_text)


def verify_scripted(
    name: str, replies: Iterable[ScriptedReply], readings: Sequence[ParsedDocument]
) -> list[VerifiedScript]:
    """Verify each reply of the set `name` as if a model had written it. Raises SetFileError."""
    documents = [reading.document for reading in readings]
    passages = [passage for reading in readings for passage in reading.passages]
    rules = "\n".join(text for role, text in load_prompt("answer").messages if role == "system")
    return [
        VerifiedScript(reply, _verified_text(reply, resolve_passages(reply, passages), documents, rules), name)
        for reply in replies
    ]


def _verified_text(reply: ScriptedReply, passages: Sequence[Passage], documents: Sequence[Document], rules: str) -> str:
    sources = to_source_texts(passages, documents)
    non_answers = NonAnswerCheck(reply.question, sources, rules, ABSTENTION)
    writer = AnswerWriter(passages, sources, reply.question, non_answers)
    try:
        writer.read(Reply([reply.reply]))
    except ModelError:
        return ""
    writer.close()
    return render_text(writer.draft().parts) if writer.has_grounded_text else ""


def _full_text(reply: str) -> str:
    return "".join(sentence.text for sentence in parse_marked_text(reply))


def _letters_only(text: str) -> str:
    return comparison_key(remove_marks(text))


def verification_figures(rows: Sequence[VerifiedScript]) -> dict[str, Any]:
    """Return `caught` and `wrongly_stopped`, rates in 0-1 with `_se` and `_n`.

    Overall, `after` for those written after the checks were built, `by_kind` and `by_set`.
    """
    after = [row for row in rows if row.reply.written == "after"]
    return _shares(rows) | {
        "after": _shares(after),
        "by_kind": _shares_by(rows, lambda row: row.reply.kind),
        "by_set": _shares_by(rows, lambda row: row.set),
    }


def _shares_by(
    rows: Sequence[VerifiedScript], group_name: Callable[[VerifiedScript], str]
) -> dict[str, dict[str, Any]]:
    ordered = sorted(sorted(rows, key=group_name), key=lambda row: row.reply.right)
    return {
        name: _shares([row for row in rows if group_name(row) == name])
        for name in dict.fromkeys(map(group_name, ordered))
    }


def _shares(rows: Sequence[VerifiedScript]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    for name, is_right in (("caught", False), ("wrongly_stopped", True)):
        share = compute_pass_rate((row.reply.id, row.stopped) for row in rows if row.reply.right is is_right)
        figures |= share.figures(name)
    return figures
