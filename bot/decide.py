"""Answer, ask back, or say that the documents do not tell."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.answer import Status
from bot.evidence import title_of
from bot.question import Asked, Kind, Term
from bot.scope import Scope, find_scope
from bot.turn import Draft, Turn
from bot.weigh import Scale, Weighed, wanted_terms, weigh
from ingest.documents import Document

# Share of the question's words, by weight, that the best piece must hold (curve in eval/LOG.md, 2026-11-20).
ENOUGH = 0.58
# Below this share nothing in the documents is even about the question.
NEAR = 0.25
_POINTS_BACK = re.compile(r"^(?:それ|これ|あれ|その|この|そっち|どちら|どっち)")


class Decide:
    """Weighs the hits and ends the turn where no piece of them is an answer."""

    def __init__(self, documents: Sequence[Document], scale: Scale, contact: str) -> None:
        self._documents = documents
        self._scale = scale
        self._contact = contact

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its evidence, or finished with a question back or a refusal."""
        asked = turn.asked
        if asked is None:
            return turn
        scope = turn.scope or find_scope(asked, self._documents, turn.as_of)
        weighed = tuple(weigh(asked, scope, turn.hits, self._scale))
        turn = replace(turn, scope=scope, weighed=weighed)
        if is_vague(asked, scope):
            return turn.finish(self._clarify(weighed))
        if not answers(asked, scope, weighed):
            return turn.finish(self._refuse(weighed))
        return turn

    def _clarify(self, weighed: Sequence[Weighed]) -> Draft:
        text = "何についてのご質問でしょうか。計画や指標の名前を添えて、もう一度お尋ねください。"
        return Draft(text, status=Status.CLARIFY, suggestions=suggestions(weighed))

    def _refuse(self, weighed: Sequence[Weighed]) -> Draft:
        contact = f"お急ぎのときは {self._contact} へお問い合わせください。" if self._contact else ""
        if max((w.coverage for w in weighed), default=0.0) < NEAR:
            text = (
                "このご質問は、登録されている計画や会議資料の範囲の外のようです。"
                f"市の計画や会議の内容についてお尋ねください。{contact}"
            )
            return Draft(text, status=Status.OUT_OF_SCOPE)
        text = (
            "お尋ねの内容は、登録されている文書の中には見つかりませんでした。"
            f"言い方を変えるか、担当の窓口にお問い合わせください。{contact}"
        )
        return Draft(text, status=Status.NO_ANSWER, suggestions=suggestions(weighed))


def is_vague(asked: Asked, scope: Scope) -> bool:
    """Whether the question names nothing that could be looked up (目標は?, 何人ですか?)."""
    strong = [t for t in asked.terms if t.weight >= 0.4]
    if scope.consumed or asked.dates or asked.ages or asked.quoted:
        return False
    return not strong or (bool(_POINTS_BACK.match(asked.text)) and len(strong) < 1)


def answers(asked: Asked, scope: Scope, weighed: Sequence[Weighed]) -> bool:
    """Whether a piece that fits what is asked holds enough of the question, its proper names and what it asks about."""
    if asked.compares and _names_members(asked, weighed):
        return True
    return any(w.fits and w.coverage >= ENOUGH and not _lacks(w, asked, scope) for w in weighed[:3])


def _names_members(asked: Asked, weighed: Sequence[Weighed]) -> bool:
    """Whether the question compares members of a series (視点1と視点2) each of which some piece is about."""
    numbered = [t.text for t in asked.terms if t.proper and t.text[-1].isdigit()]
    about = [w.evidence.own | w.evidence.near for w in weighed if w.fits]
    return len(numbered) > 1 and all(any(name in words for words in about) for name in numbered)


def _lacks(weighed: Weighed, asked: Asked, scope: Scope) -> bool:
    """Whether a word is missing that nothing can stand in for: a proper name, or all that is asked about."""
    missing = {t.text for t in weighed.missing}
    if any(t.proper and not (asked.compares and t.text[-1].isdigit()) for t in weighed.missing):
        return True
    wanted: list[Term] = [t for t in wanted_terms(asked, scope) if t.asked and t.weight >= 1.0]
    return bool(wanted) and all(t.text in missing for t in wanted) and asked.kind not in {Kind.WHY, Kind.HOW}


def suggestions(weighed: Sequence[Weighed], most: int = 3) -> tuple[str, ...]:
    """Return questions about the headings of what lies nearest, as a person would ask them."""
    titles = dict.fromkeys(title_of(w.evidence.passage.section) for w in weighed[:20])
    return tuple(f"{title}について教えてください" for title in titles if 2 < len(title) <= 30)[:most]
