"""What of a language model's reply may be told: its sentences are judged one by one, and those that hold are kept."""

import logging
import re
from collections.abc import Sequence

from bot.answer import Status
from bot.check.claims import figures
from bot.check.given import Given
from bot.check.grounds import ANY_THING
from bot.check.names import squash
from bot.check.quote import quote
from bot.check.statements import MARK, Statement, statements
from bot.check.verify import wrong_in
from bot.model.reply import ABSTENTION, Unit
from bot.turn import Draft, Source
from ingest.documents import Passage
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

    `rules` is what the prompt tells the model, and no part of an answer; `model`, who gives the reply.
    """

    def __init__(self, given: Given, rules: str = "") -> None:
        self.model = ""
        self._given = given
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
        wrong = self._wrong(statements(text)) or ([f"「{text}」は前の文を受けています"] if leans else [])
        return self._drop(wrong) if wrong else self._keep(text)

    def _list(self, lead: str, items: Sequence[str]) -> str:
        """Return the lead with those of its items that hold; nothing where their number is not the one it tells."""
        kept = [item for item in items if not self._wrong([s for s in statements(lead + item) if s.listed])]
        told = [s for s in statements(lead + "".join(kept)) if not s.listed]
        counts = [f.value for s in told for f in figures(s.text) if f.unit in ANY_THING]
        wrong = self._wrong(told)
        if not kept or (len(kept) < len(items) and len(items) in counts):
            wrong = [*wrong, "並べた項目が出典にありません"]
        return self._drop(wrong) if wrong else self._keep(lead + "".join(kept))

    def _wrong(self, said: Sequence[Statement]) -> list[str]:
        return [problem for statement in said for problem in (*self._recited(statement), *self._unsupported(statement))]

    def _unsupported(self, statement: Statement) -> list[str]:
        return list(wrong_in(statement, self._given.passages, self._given))

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

    def _keep(self, text: str) -> str:
        """Return `text`, its marks numbered anew; what has none waits for a sentence that has one."""
        self._gap = False
        if not self._kept and not MARK.search(text):
            self._waiting += text
            return ""
        self._order += [n for n in dict.fromkeys(map(int, MARK.findall(text))) if n not in self._order]
        told = MARK.sub(lambda mark: f"[{self._order.index(int(mark[1])) + 1}]", self._waiting + text)
        self._waiting = ""
        self._kept.append(told)
        return told

    def draft(self) -> Draft:
        """Return what was kept as the model's answer; NO_ANSWER where nothing with a source was."""
        text = "".join(self._kept)
        if not self._order:
            return Draft(f"{ABSTENTION}。", status=Status.NO_ANSWER, generator=self.model)
        said = statements(text)
        passages = [self._given.passages[n - 1] for n in self._order]
        sources = tuple(Source(p, _quote(p, n, said)) for n, p in enumerate(passages, 1))
        status = Status.PARTIAL if ABSTENTION in text else Status.ANSWERED
        return Draft(text, sources, status, generator=self.model)


def _quote(passage: Passage, n: int, said: Sequence[Statement]) -> str:
    return quote(passage, [s.text for s in said if n in s.cited])
