"""How well a piece suits what is done in the question: defining, counting, deciding, applying."""

import re
from collections.abc import Callable

from bot.check.roles import role_of_column
from bot.find.evidence import Evidence, content_terms_cached, speaker_of, title_of, topic_before_wa
from bot.find.sought import Sought
from bot.understand.asked import Kind
from bot.understand.thesaurus import same_meaning
from ingest.documents import Document

# A sentence that says what kind of thing something is: …する会議です, …の実現に向けた行動計画, …会議を開催し.
_IS_A = re.compile(r"[るたなの](?!予定|必要|見込|方向|推進)[一-龥ァ-ヶー]{2,8}(?:です|である)?。?$|開催し|設置し")
# Characters in which a definition names its term.
_LONGEST_TERM = 25
_ASKS_COUNTING = re.compile(r"計算|算出|数え|もとに|根拠|含[みまむ]|入[りっ]|除[いくか]|対象")
_REACH = re.compile(r"達成|達し|届|上回|下回|クリア|満た")
# By what means it is done: 応募フォームから申し込めます.
_MEANS = re.compile(r"(?:から|より|にて|で|へ|に)(?:お?申し?込|申請|応募|予約|届け?出|提出|登録|受け付け)")
_SEVERAL = re.compile(r"順に|すべて|全て|全部|一覧|それぞれ")
# The weight of verbs (bot/understand/terms.py).
_VERB = 0.3
# Characters from which on a sentence is long: half of those of the plans have fewer than 60.
_LONG = 120


def _kind_of_thing(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Prefer the sentence that says what kind of thing it is, which begins with the thing or stands under its name."""
    if sought.asked.kind is not Kind.DEFINITION or evidence.kind != "sentence" or speaker_of(evidence):
        return 0.0
    topic = content_terms_cached(topic_before_wa(evidence.text))
    if not topic <= sought.words | sought.documents_named | sought.asked.hints:
        return 0.0  # the role of a thing is not the thing
    begins = content_terms_cached(evidence.text[:_LONGEST_TERM]) | content_terms_cached(evidence.passage.section)
    return 0.3 if sought.strong <= begins and _IS_A.search(evidence.normal) else 0.0


def _counting(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Prefer a row that tells in a note how its figure is counted, where that is asked."""
    noted = evidence.kind == "row" and bool(evidence.passage.notes or "※" in evidence.text)
    return 0.2 if noted and _ASKS_COUNTING.search(sought.asked.text) else 0.0


def _both_figures(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Prefer the row that has target and result, where it is asked whether the one reaches the other."""
    if evidence.kind != "row" or not _REACH.search(sought.asked.text):
        return 0.0
    return 0.2 if {"目標", "実績"} <= {role_of_column(cell.column) for cell in evidence.passage.cells} else 0.0


def _deed(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Prefer what stands under a heading that names the deed asked for: 決定事項 for 決まったこと."""
    if sought.asked.kind not in {Kind.LIST, Kind.WHAT, Kind.DEFINITION} or evidence.kind == "item":
        return 0.0
    deeds = [same_meaning(t.text) for t in sought.terms if not t.asked and t.weight <= _VERB]
    heading = content_terms_cached(title_of(evidence.passage.section))
    return 0.4 if any(not deed.isdisjoint(heading) for deed in deeds) else 0.0


def _means(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Prefer a sentence that says by what means something is done, where that is asked."""
    by_means = evidence.kind == "sentence" and bool(_MEANS.search(evidence.normal))
    return 0.2 if by_means and sought.asked.kind is Kind.HOW else 0.0


def _length(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Put back a very long sentence, unless it may enumerate: it holds the words of many questions and answers few."""
    several = sought.asked.kind is Kind.LIST or _SEVERAL.search(sought.asked.text)
    long = evidence.kind == "sentence" and not several
    over = max(0, len(evidence.text) - _LONG) if long else 0
    return -0.15 * min(1.0, over / _LONG)


MANNER: tuple[Callable[[Evidence, Sought, Document], float], ...] = (
    _kind_of_thing,
    _counting,
    _both_figures,
    _deed,
    _means,
    _length,
)
"""What a piece gains or loses; parts of `bot.find.form.gain`."""
