"""How well a piece suits what is done in the question: defining, counting, deciding, applying."""

import re

from bot.check.roles import role_of_column
from bot.find.defining import asks_defining, defining
from bot.find.evidence import Evidence, content_terms_cached, speaker_of, title_of, topic_before_wa
from bot.find.part import Part, where
from bot.find.sought import Sought
from bot.understand.asked import Kind
from bot.understand.reckoning import Operation
from bot.understand.thesaurus import same_meaning
from ingest.documents import Document
from ingest.normalise import nfkc, quantities

# A sentence that says what kind of thing something is: …する会議です, …の実現に向けた行動計画, …会議を開催し.
_IS_A = re.compile(r"[るたなの](?!予定|必要|見込|方向|推進)[一-龥ァ-ヶー]{2,8}(?:です|である)?。?$|開催し|設置し")
# Characters in which a definition names its term.
_LONGEST_TERM = 25
# How long a plan holds: 図書館の計画は何年まで, プランの期間は.
_OF_A_PLAN = re.compile(
    r"(?:計画|プラン|ビジョン|戦略|指針)(?:は|って|の期間|が|、)[^、。]{0,8}(?:いつ|何年|期間|まで|\?|$)"
)
_PLAN_PERIOD = re.compile(r"^(?:本?(?:計画|プラン|ビジョン|戦略|指針)の?)?期間$")
_ASKS_WHOM = re.compile(
    r"(?:どんな|どのような|どういう)(?:人|方|かた|者|世帯|家庭|家|お?店|会社|団体|子)(?![一-龥])|[誰だれ]でも|どなたでも|対象(?:は|者|になる|となる)"
    r"|(?:誰|だれ|どなた|どういう人)が(?:使|利用|頼|受け|もら|借り|申し?込|申請|対象)"
)
_FOR_WHOM = re.compile(r"対象|該当|いずれか|当たる|あたる|[者人方世帯](?:に限|が利用|が(?:受け|使|借り|申))|資格")
_REACH = re.compile(r"達成|達し|届|上回|下回|クリア|満た")
# By what means it is done: 応募フォームから申し込めます.
_MEANS = re.compile(r"(?:から|より|にて|で|へ|に)(?:お?申し?込|申請|応募|予約|届け?出|提出|登録|受け付け)")
_CHANGES = frozenset({Operation.CHANGE, Operation.DIFFERENCE})
# 412万人から318万人まで減少しています, 5日から7日に延ばします.
_WENT = re.compile(r"\d\S{0,6}から\S{0,16}\d\S{0,12}(?:減|増|伸|延|上昇|低下|上が|下が|拡大|縮小)")
_SEVERAL = re.compile(r"順に|すべて|全て|全部|一覧|それぞれ")
# The weight of verbs (bot/understand/terms.py).
_VERB = 0.3
# Characters from which on a sentence is long: half of those of the plans have fewer than 60.
_LONG = 120


@where(lambda sought: sought.asked.kind is Kind.DEFINITION)
def _kind_of_thing(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Prefer the sentence that says what kind of thing it is, which begins with the thing or stands under its name."""
    if evidence.kind != "sentence" or speaker_of(evidence):
        return 0.0
    topic = content_terms_cached(topic_before_wa(evidence.text))
    if not topic <= sought.words | sought.documents_named | sought.asked.hints:
        return 0.0  # the role of a thing is not the thing
    begins = content_terms_cached(evidence.text[:_LONGEST_TERM]) | content_terms_cached(evidence.passage.section)
    return 0.3 if sought.strong <= begins and _IS_A.search(evidence.normal) else 0.0


@where(asks_defining)
def _defining(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Prefer what tells in a note what a word means or how a figure is counted, where that is asked."""
    return defining(evidence, sought)


@where(lambda sought: sought.asked.kind is Kind.PERIOD and bool(_OF_A_PLAN.search(sought.asked.text)))
def _plan_period(evidence: Evidence, _: Sought, __: Document) -> float:
    """Prefer what stands under the heading of a plan's period, where it is asked how long the plan holds."""
    return 0.3 if _PLAN_PERIOD.search(title_of(evidence.passage.section)) else 0.0


@where(lambda sought: bool(_ASKS_WHOM.search(sought.asked.text)))
def _whom(evidence: Evidence, _: Sought, __: Document) -> float:
    """Prefer the conditions of who may have something, where it is asked whom it is for."""
    if evidence.kind == "row":
        return 0.0
    told = _FOR_WHOM.search(f"{nfkc(evidence.lead)} {evidence.normal}")
    return (0.4 if evidence.kind == "list" else 0.2) if told else 0.0


@where(lambda sought: bool(_REACH.search(sought.asked.text)))
def _both_figures(evidence: Evidence, _: Sought, __: Document) -> float:
    """Prefer the row that has target and result, where it is asked whether the one reaches the other."""
    if evidence.kind != "row":
        return 0.0
    return 0.2 if {"目標", "実績"} <= {role_of_column(cell.column) for cell in evidence.passage.cells} else 0.0


@where(lambda sought: sought.asked.kind in {Kind.LIST, Kind.WHAT, Kind.DEFINITION})
def _deed(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Prefer what stands under a heading that names the deed asked for: 決定事項 for 決まったこと."""
    if evidence.kind == "item":
        return 0.0
    deeds = [same_meaning(t.text) for t in sought.terms if not t.asked and t.weight <= _VERB]
    heading = content_terms_cached(title_of(evidence.passage.section))
    return 0.4 if any(not deed.isdisjoint(heading) for deed in deeds) else 0.0


@where(lambda sought: sought.asked.kind is Kind.HOW)
def _means(evidence: Evidence, _: Sought, __: Document) -> float:
    """Prefer a sentence that says by what means something is done, where that is asked."""
    return 0.2 if evidence.kind == "sentence" and _MEANS.search(evidence.normal) else 0.0


@where(lambda sought: sought.reckoning is not None and sought.reckoning.operation in _CHANGES)
def _course(evidence: Evidence, _: Sought, __: Document) -> float:
    """Prefer a sentence that tells from what to what a figure went, where its change is asked for."""
    told = evidence.kind == "sentence" and bool(_WENT.search(evidence.normal))
    return 0.3 if told and len(quantities(evidence.normal)) > 1 else 0.0


@where(lambda sought: sought.asked.kind is not Kind.LIST and not _SEVERAL.search(sought.asked.text))
def _length(evidence: Evidence, _: Sought, __: Document) -> float:
    """Put back a very long sentence, unless it may enumerate: it holds the words of many questions and answers few."""
    over = max(0, len(evidence.text) - _LONG) if evidence.kind == "sentence" else 0
    return -0.15 * min(1.0, over / _LONG)


MANNER: tuple[Part, ...] = (
    _kind_of_thing,
    _defining,
    _whom,
    _plan_period,
    _both_figures,
    _deed,
    _means,
    _course,
    _length,
)
"""What a piece gains or loses; parts of `bot.find.form.gains`."""
