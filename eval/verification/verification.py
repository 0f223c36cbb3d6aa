"""Verification measured: how much of what is wrong is caught, how much of what is right is wrongly stopped."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.claims import MARK, premises_of, squash
from bot.errors import ModelError
from bot.model.prompts import load_prompt
from bot.writing.judging import Judge
from bot.writing.parts import Writing
from bot.writing.words import units
from eval.metrics.pass_rate import rate_of
from eval.verification.scripted_replies import Scripted, offered
from ingest.documents import Document, Passage, Reading
from ingest.normalise import nfkc


@dataclass(frozen=True, slots=True)
class Judged:
    """A reply with what of it would be told; nothing where the composer answers in its place."""

    of: Scripted
    told: str
    set: str = ""

    @property
    def stopped(self) -> bool:
        """Whether what is wrong in it was not told; of a right reply, whether anything was not."""
        if self.of.right:
            return _letters(self.told) != _letters(_whole(self.of.reply))
        return squash(nfkc(self.of.wrong)) not in squash(nfkc(self.told)) if self.of.wrong else not self.told


def judge(name: str, replies: Iterable[Scripted], readings: Sequence[Reading]) -> list[Judged]:
    """Read each reply of the set called `name` as one of a model's, over the documents read. Raises SetFileError."""
    documents = [reading.document for reading in readings]
    passages = [passage for reading in readings for passage in reading.passages]
    rules = "\n".join(text for role, text in load_prompt("answer").messages if role == "system")
    return [Judged(reply, _told(reply, offered(reply, passages), documents, rules), name) for reply in replies]


def _told(reply: Scripted, passages: Sequence[Passage], documents: Sequence[Document], rules: str) -> str:
    writing = Writing(Judge(premises_of(passages, documents), reply.question, rules), passages)
    try:
        for unit in units([reply.reply]):
            writing.take(unit)
    except ModelError:
        return ""
    writing.close()
    return writing.draft("").text if writing.has_told else ""


def _whole(reply: str) -> str:
    return "".join(said.text for unit in units([reply]) for said in (*unit.sentences, *unit.items))


def _letters(text: str) -> str:
    return squash(nfkc(MARK.sub("", text)))


def verification_figures(rows: Sequence[Judged]) -> dict[str, Any]:
    """Return `caught` and `wrongly_stopped`, rates in 0-1 with `_se` and `_n`.

    They are given for all, `after` for those written after the checks were built, `by_kind` and `by_set`.
    """
    after = [row for row in rows if row.of.written == "after"]
    by_kind, by_set = _each(rows, lambda row: row.of.kind), _each(rows, lambda row: row.set)
    return _shares(rows) | {"after": _shares(after), "by_kind": by_kind, "by_set": by_set}


def _each(rows: Sequence[Judged], of: Callable[[Judged], str]) -> dict[str, dict[str, Any]]:
    """Return the shares of each kind or set, those of wrong replies first."""
    ordered = sorted(sorted(rows, key=of), key=lambda row: row.of.right)
    return {name: _shares([row for row in rows if of(row) == name]) for name in dict.fromkeys(map(of, ordered))}


def _shares(rows: Sequence[Judged]) -> dict[str, Any]:
    """Return the shares of the wrong replies and of the right ones, each where there are any."""
    figures: dict[str, Any] = {}
    for name, right in (("caught", False), ("wrongly_stopped", True)):
        share = rate_of((row.of.id, row.stopped) for row in rows if row.of.right is right)
        if share.n:
            figures |= {name: share.rate, f"{name}_se": share.se, f"{name}_n": share.n}
    return figures
