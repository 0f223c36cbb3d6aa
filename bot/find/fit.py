"""Whether a piece of evidence can be the answer at all: it holds the kind of thing asked for, of the time asked for."""

import re
from functools import lru_cache

from bot.find.evidence import Evidence, content_terms_cached, speaker_of
from bot.find.holds import answers_alone, label_over
from bot.find.member import class_asked, names_member
from bot.find.of_dates import is_of_dates
from bot.find.other_row import names_other_row
from bot.find.record import is_idle
from bot.find.sought import Sought
from bot.understand.asked import Kind
from ingest.documents import Document
from ingest.normalise import nfkc

# What asks: a question, and a motion put to the vote (…とする案に賛成の方。).
_ASKS = re.compile(r"(?<!ほ)[かの]\s?[。?]?$|\?$|(?:賛成|反対|異議)の(?:ある|ない)?方(?:は)?。?$")


@lru_cache(maxsize=20_000)
def _asks(text: str) -> bool:
    return bool(_ASKS.search(text))


def fits(evidence: Evidence, sought: Sought, document: Document) -> bool:
    """Whether the piece can answer: it says more than the question, is of its dates, and holds what it asks for."""
    title = content_terms_cached(document.title)
    known = sought.words | sought.documents_named | sought.asked.hints | title
    says_more = not evidence.own <= known or _told_by_lead(evidence, sought)
    spoke = sought.asked.kind is Kind.WHO and sought.asks_speaker and speaker_of(evidence)
    if evidence.kind in {"sentence", "item"} and not spoke and (not says_more or _asks(evidence.normal)):
        return False
    if sought.asked.excepted and evidence.kind in {"row", "item"} and _is_excepted(evidence, sought.asked.excepted):
        return False
    if (of := class_asked(sought.asked.text)) and not names_member(evidence, of):
        return False
    if not _is_of_plan(evidence, sought, document) or names_other_row(evidence, sought.asked.text):
        return False
    if document.kind == "meeting" and is_idle(evidence, sought):
        return False
    operand = evidence.kind == "row" and sought.reckoning is not None
    return is_of_dates(evidence, sought, document) and (operand or answers_alone(evidence, sought))


def _told_by_lead(evidence: Evidence, sought: Sought) -> bool:
    """Whether who or where is told by the line over an item (金沢市DX会議 over ・進捗確認)."""
    if sought.asked.kind not in {Kind.WHO, Kind.WHERE} or not (label := label_over(evidence)):
        return False
    return not content_terms_cached(label) <= sought.words


def _is_excepted(evidence: Evidence, excepted: tuple[str, ...]) -> bool:
    """Whether the row or item is the one that the question leaves out, by the words that name it."""
    name = evidence.passage.cells[0].value if evidence.kind == "row" else evidence.text
    return any(name.lstrip("「【").startswith(word) for word in excepted)


def _is_of_plan(evidence: Evidence, sought: Sought, document: Document) -> bool:
    """Whether minutes that may tell what came of the plan that is named speak of that plan."""
    if not sought.scope.named or document.id in sought.scope.named | sought.scope.compared:
        return True
    text = re.sub(r"\s", "", nfkc(" ".join((*evidence.passage.path, evidence.text)))).casefold()
    return any(re.sub(r"\s", "", nfkc(name)).casefold() in text for name in sought.scope.consumed)
