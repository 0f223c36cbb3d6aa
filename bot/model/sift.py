"""What of a language model's reply may be told: its sentences are judged one by one, and those that hold are kept."""

import logging
import re
from collections.abc import Sequence

from bot.answer import Status
from bot.claims import ANY_THING, MARK, Statement, check, figures, premises_of, quote, squash, statements
from bot.model.reply import ABSTENTION, Unit
from bot.turn import Draft, Source
from ingest.documents import Document, Passage
from ingest.normalise import nfkc

_log = logging.getLogger(__name__)
# So many letters of the prompt's rules in a row are no chance: the longest run that a right reply of eval/verification
# shares with them has 9 (eval/LOG.md, 2026-11-20).
_RECITED = 13
# Such a sentence says nothing without the one before it.
_LEANS = re.compile(
    r"\s*(?:しかし|だが|ただ(?:し|、)|一方|それ|その|これ|この(?!プラン|計画|資料)|そう|したがって|よって|つまり|すなわち|前者|後者|同(?:年|月|日|様|じ))"
)
_COURTESY = re.compile(
    r"\s*(?:ご質問|お問い合わせ|お尋ね|以下|次のとおり|それでは|承知)[^。]{0,40}(?:ます|です|ました)(?:\[\d+\])*。"
)


class UnfitReplyError(Exception):
    """The reply's main sentence does not hold, so that the rest answers nothing."""


class Sieve:
    """Takes the units of one reply to a question from the passages that were offered, the first as 1.

    `documents` are those of the passages; `rules` is what the prompt tells the model, and no part of an answer;
    `model`, who gives the reply.
    """

    def __init__(
        self, passages: Sequence[Passage], documents: Sequence[Document] = (), question: str = "", rules: str = ""
    ) -> None:
        self.model = ""
        self._passages = tuple(passages)
        self._premises = premises_of(passages, documents)
        self._question = question
        self._said: list[Statement] = []
        self._rules = squash(nfkc(rules)).replace(squash(ABSTENTION), "|")
        self._kept: list[str] = []
        self._waiting = ""
        self._order: list[int] = []
        self._gap = False

    def take(self, unit: Unit) -> str:
        """Return what of `unit` may be told, with its marks numbered as `draft` will have them; it may be empty.

        Raises UnfitReplyError when the first sentence that answers does not hold.
        """
        *sentences, last = unit.sentences
        told = "".join(self._sentence(text) for text in sentences)
        return told + (self._list(last, unit.items) if unit.items else self._sentence(last))

    def _sentence(self, text: str) -> str:
        if _COURTESY.fullmatch(text) and not self._kept:
            return ""
        leans = self._gap and bool(_LEANS.match(text))
        said = statements(text)
        wrong = self._wrong(said) or ([f"「{text}」は前の文を受けています"] if leans else [])
        return self._drop(wrong) if wrong else self._keep(text, said)

    def _list(self, lead: str, items: Sequence[str]) -> str:
        """Return the lead with those of its items that hold; nothing where their number is not the one it tells."""
        kept = [item for item in items if not self._wrong([s for s in statements(lead + item) if s.listed])]
        told = [s for s in statements(lead + "".join(kept)) if not s.listed]
        counts = [f.value for s in told for f in figures(s.text) if f.unit in ANY_THING]
        wrong = self._wrong(told)
        if not kept or (len(kept) < len(items) and len(items) in counts):
            wrong = [*wrong, "並べた項目が出典にありません"]
        whole = lead + "".join(kept)
        return self._drop(wrong) if wrong else self._keep(whole, statements(whole))

    def _wrong(self, said: Sequence[Statement]) -> list[str]:
        """Return what is wrong with these statements, which stand behind those that were kept."""
        checked = check([*self._said, *said], self._premises, self._question)[len(self._said) :]
        recited = [problem for statement in said for problem in self._recited(statement)]
        return [*recited, *(problem.message for one in checked for problem in one.problems)]

    def _recited(self, statement: Statement) -> list[str]:
        """Return a reason where the statement holds a piece of the prompt's rules."""
        said = squash(statement.text)
        runs = (said[n : n + _RECITED] for n in range(len(said) - _RECITED + 1))
        return ["言語モデルが指示文を答えに書きました"] if any(run in self._rules for run in runs) else []

    def _drop(self, wrong: Sequence[str]) -> str:
        _log.info("言語モデルの文を使えません: %s", " / ".join(wrong))
        if not self._kept:
            raise UnfitReplyError(" / ".join(wrong))
        self._gap = True
        return ""

    def _keep(self, text: str, said: Sequence[Statement]) -> str:
        """Return `text`, its marks numbered anew; what has none waits for a sentence that has one."""
        self._gap = False
        self._said += said
        if not self._kept and not MARK.search(text):
            self._waiting += text
            return ""
        self._order += [n for n in dict.fromkeys(map(int, MARK.findall(text))) if n not in self._order]
        told = MARK.sub(lambda mark: f"[{self._order.index(int(mark[1])) + 1}]", self._waiting + text)
        self._waiting = ""
        self._kept.append(told)
        return told

    @property
    def has_abstained(self) -> bool:
        """Whether all that was said is that the documents do not tell."""
        return not self._order and ABSTENTION in self._waiting

    @property
    def has_told(self) -> bool:
        """Whether any sentence with a source holds."""
        return bool(self._order)

    def draft(self) -> Draft:
        """Return what was kept as the model's answer; NO_ANSWER where nothing with a source was."""
        text = "".join(self._kept)
        if not self._order:
            return Draft(f"{ABSTENTION}。", status=Status.NO_ANSWER, generator=self.model)
        said = statements(text)
        passages = [self._passages[n - 1] for n in self._order]
        sources = tuple(Source(p, _quote(p, n, said)) for n, p in enumerate(passages, 1))
        status = Status.PARTIAL if ABSTENTION in text else Status.ANSWERED
        return Draft(text, sources, status, generator=self.model)


def _quote(passage: Passage, n: int, said: Sequence[Statement]) -> str:
    return quote(passage, [s.text for s in said if n in s.cited])
