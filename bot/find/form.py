"""How well the form of a piece suits the question: its topic, its heading, its wording, its kind, its length."""

import re
from collections.abc import Callable
from functools import lru_cache

from bot.find.announced import announces_topic
from bot.find.evidence import Evidence, content_terms_cached, is_heading, title_of
from bot.find.manner import MANNER
from bot.find.minutes import MINUTES
from bot.find.part import Part, always, where
from bot.find.sought import Sought
from bot.find.told import told_again
from bot.find.totals import total_row
from bot.find.units import same_unit
from bot.understand.asked import Kind
from bot.understand.leaning import PAPERS
from ingest.documents import Document
from ingest.normalise import nfkc

_REASON_HEADING = re.compile(r"趣旨|目的|背景|経緯|理由|必要性|ねらい|きっかけ")
# A side remark is not about what its passage is about: it answers only who names its topic in full.
_ASIDE = ("なお、", "ただし、")
# A question that only names a topic (行動指針, 行動指針は何ですか, …を教えてください) wants what stands under it.
_TOPIC_ALONE = re.compile(
    r"[^はをがにで。?]+(?:(?:は|って)(?:何|なに|なん)(?:です|でしょう)?か?|を(?:お?教え|知りた)[^。?]*)?[。?]*"
)
_DEFINES = re.compile(r"(?:を|と)い(?:う|います)。?$|のこと(?:です|である|をいいます)?。?$")
# Characters within which a definition has named the word that it defines.
_WORD_DEFINED = 20
_CAME_TO_BE = re.compile(r"でき(?:た|て|る|ます|ました)|出来|オープン|始ま|はじま|開い")
_BEGINS = re.compile(r"開設|設置|開所|開館|開始|策定|創設|新設|施行|整備")
_PROCEDURE = re.compile(r"方法|手順|流れ|手続|使い方|やり方")
# What the heading over an answer of some kinds is called, where the question does not say it (いつからいつまで).
_HEADINGS_ASKED = {Kind.PERIOD: frozenset({"期間"})}
_ASKS_BODY = re.compile(r"ど(?:この|の)(?:課|部|係|室|局|部署|組織|団体|窓口)|担当(?:課|部署)")
_BODY = re.compile(r"[^\s]{2,}[課部係室局会]$")
_REASON = re.compile(r"ため|ことから|により|めざ|目指|踏まえ|鑑み|理由|影響|原因|要因")

Gain = Callable[[Evidence, Document], float]


def gains(sought: Sought) -> Gain:
    """Return what tells how much a piece of a document gains or loses by its form, held against the question."""
    parts = [part.gain for part in _PARTS if part.matters(sought)]

    def gain(evidence: Evidence, document: Document) -> float:
        total = 0.0
        for part in parts:
            total += part(evidence, sought, document)
        return total

    return gain


@always
def _hints(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Gain where words of the asking (期間, 目標) stand in the piece or what introduces it."""
    hints = sought.asked.hints | _HEADINGS_ASKED.get(sought.asked.kind, frozenset())
    return 0.15 * len(hints & evidence.around) / len(hints) if hints else 0.0


@where(lambda sought: bool(sought.asked.compounds or sought.asked.quoted))
def _phrases(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Gain where the question's compounds, and its quoted words, stand there as they are."""
    text = _squashed("\n".join((evidence.text, evidence.lead, *evidence.passage.path)))
    compounds = sought.asked.compounds
    literal = 0.2 * sum(c in text for c in compounds) / len(compounds) if compounds else 0.0
    return literal + sum(0.15 if _squashed(quote) in text else -0.1 for quote in sought.asked.quoted[:2])


@lru_cache(maxsize=50_000)
def _squashed(text: str) -> str:
    return re.sub(r"\s", "", nfkc(text)).casefold()


@where(lambda sought: bool(sought.words))
def _heading(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Gain where the heading is what is asked, no more and no less."""
    heading = content_terms_cached(title_of(evidence.passage.section))
    if not heading:
        return 0.0
    shared = len(heading & sought.words)
    member = bool(sought.numbered) and heading.issuperset(sought.numbered)  # under Stage 2 itself
    return 0.15 * (shared / len(heading)) * (shared / len(sought.words)) + 0.15 * member


@where(lambda sought: sought.asked.kind is not Kind.LIST)
def _topic(evidence: Evidence, sought: Sought, document: Document) -> float:
    """Gain where the topic of the sentence (what stands before its first は) is what the question names."""
    if evidence.kind not in {"sentence", "item"}:
        return 0.0
    wanted = sought.words | sought.asked.hints | sought.documents_named
    # The document's own name distinguishes nothing in it.
    topic = evidence.topic - (content_terms_cached(document.title) - wanted)
    if evidence.text.startswith(_ASIDE) and not topic <= wanted:
        return 0.0
    return 0.25 * len(topic & wanted) / len(topic | wanted) if topic and wanted else 0.0


@always
def _list(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Prefer a list for a question for members, the more where it has as many as the question names."""
    asked = sought.asked
    named = bool(sought.words) and sought.strong <= evidence.around
    if evidence.kind == "list":
        counted = asked.count is not None and asked.count == len(evidence.items)
        topic = named and asked.kind is Kind.WHAT and bool(_TOPIC_ALONE.fullmatch(asked.text))
        members = asked.kind is Kind.LIST or topic
        # 行動指針は次の5つです is what 行動指針は? and 行動指針って何? ask for, whatever else is told of them.
        said = not members and announces_topic(evidence, sought)
        return 0.25 * (members or said) + 0.3 * counted + 0.2 * named
    # A row that names all that is asked is a member of the table asked for.
    lone = evidence.kind == "item" or (evidence.kind == "row" and not named)
    return -0.15 if asked.kind is Kind.LIST and lone else 0.0


@always
def _item(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Put back an item of which only the lead speaks of what is asked: the list is the answer.

    Under a heading of its own (○ 計画期間) that is what is asked, it is the answer.
    """
    if evidence.kind == "item" and is_heading(evidence.lead):
        heading = content_terms_cached(evidence.lead)
        asked = sought.words | sought.asked.hints
        named = heading & asked and len(heading - asked) <= 1 and sought.strong <= heading | PAPERS
        return 0.3 if named else -0.3
    return -0.3 if evidence.kind == "item" and not evidence.own & sought.words else 0.0


@always
def _row(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Prefer a row for figures: it has them all, with their columns."""
    figures = sought.asked.kind is Kind.QUANTITY or bool(sought.asked.aspects) or sought.asked.yesno
    if evidence.kind == "row" and sought.asked.unit and not sought.asked.aspects:
        figures = any(same_unit(unit, sought.asked.unit) for unit in evidence.cell_units)
    return (0.25 if sought.asked.yesno else 0.2) if evidence.kind == "row" and figures else 0.0


@where(lambda sought: bool(_ASKS_BODY.search(sought.asked.text)))
def _body(evidence: Evidence, _: Sought, __: Document) -> float:
    """Prefer a row that names a body and tells its tasks, where it is asked which one does something."""
    return 0.15 if evidence.kind == "row" and _BODY.search(nfkc(evidence.passage.cells[0].value)) else 0.0


def _asks_figures(sought: Sought) -> bool:
    return sought.asked.kind is Kind.QUANTITY or bool(sought.asked.aspects)


@where(lambda sought: _asks_figures(sought) and not sought.asked.dates)
def _moment(evidence: Evidence, _: Sought, __: Document) -> float:
    """Put back a figure of one month or year, where none was asked for."""
    return -0.1 if evidence.kind == "sentence" and evidence.dates else 0.0


@where(lambda sought: sought.asked.kind is Kind.WHY)
def _reason(evidence: Evidence, _: Sought, __: Document) -> float:
    """Prefer a sentence that gives reasons, where one is asked for."""
    if evidence.kind != "sentence":
        return 0.0
    return 0.25 * bool(_REASON_HEADING.search(evidence.passage.section)) + 0.1 * bool(_REASON.search(evidence.text))


@where(lambda sought: sought.asked.kind is Kind.HOW)
def _procedure(evidence: Evidence, _: Sought, __: Document) -> float:
    """Prefer the steps of a procedure, where the question is how something is done."""
    return 0.3 if evidence.kind == "list" and _PROCEDURE.search(evidence.passage.section) else 0.0


@where(lambda sought: "なんぼ" in sought.asked.text and sought.asked.kind is Kind.QUANTITY)
def _price(evidence: Evidence, _: Sought, __: Document) -> float:
    """Prefer a sum of money for なんぼ, which asks for prices first."""
    return 0.35 if evidence.kind != "row" and "円" in evidence.units else 0.0


@where(lambda sought: sought.asked.kind is Kind.DEFINITION)
def _definition(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Prefer the sentence that says what a word means, where that is asked."""
    if evidence.kind != "sentence":
        return 0.0
    return (
        0.3
        if _DEFINES.search(evidence.normal) and sought.strong <= content_terms_cached(evidence.text[:_WORD_DEFINED])
        else 0.0
    )


@where(lambda sought: sought.asked.kind is Kind.WHEN and bool(_CAME_TO_BE.search(sought.asked.text)))
def _beginning(evidence: Evidence, _: Sought, __: Document) -> float:
    """Prefer what tells of a beginning, where it is asked when something came to be (いつできた)."""
    return 0.2 if evidence.dates and _BEGINS.search(evidence.normal) else 0.0


_PARTS: tuple[Part, ...] = (
    _hints,
    _phrases,
    _heading,
    _topic,
    _list,
    _item,
    _row,
    total_row,
    _body,
    _moment,
    _reason,
    _procedure,
    _price,
    _definition,
    _beginning,
    told_again,
    *MANNER,
    *MINUTES,
)
