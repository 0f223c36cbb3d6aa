"""Whether a piece says in a note or an entry of terms what the thing asked about means, or how it is counted."""

import re

from bot.find.evidence import Evidence, content_terms_cached, key_of
from bot.find.sought import Sought
from bot.understand.asked import Kind
from ingest.normalise import nfkc

_ASKS_COUNTING = re.compile(
    r"計算|算出|算定|数え|求め(?:方|た|る)|もとに|根拠|分母|分子|何で割|割ったもの|どう(?:出|だ)した|どういう(?:数字|数値|割合|率)"
    r"|含[みまむ]|入[りっ]|除[いくか]|対象"
)
_DEFINES = re.compile(
    r"とは、?|をいう|をいいます|のこと|割合|除し|割っ|÷|に占める|当たり|のうち|合計|延べ|として(?:算出|数え|計算)|対する"
)
# Characters in which a definition names its term, a mark of the note aside.
_LONGEST_TERM = 30
_MARK = re.compile(r"^\s*(?:[※*注]+\s?\d*[:：.)]?\s*)")
_DEFINING, _NOTED = 0.5, 0.2


def asks_defining(sought: Sought) -> bool:
    """Whether it is asked what something means, or how it is counted."""
    return sought.asked.kind is Kind.DEFINITION or bool(_ASKS_COUNTING.search(sought.asked.text))


def defining(evidence: Evidence, sought: Sought) -> float:
    """Return what the piece gains as the definition, or the way of counting, that is asked for.

    A note gains that names the thing and defines it, less a table's other notes: they may tell it.
    """
    if not asks_defining(sought):
        return 0.0
    if evidence.kind == "row":
        if any(_defines(note, evidence, sought) for note in evidence.passage.notes):
            return _DEFINING
        noted = evidence.passage.notes or "※" in evidence.text
        return _NOTED if noted and _ASKS_COUNTING.search(sought.asked.text) else 0.0
    if evidence.kind in {"sentence", "item"} and _is_entry(evidence, sought):
        return _DEFINING
    note = evidence.kind == "sentence" and evidence.text.lstrip().startswith("※")
    return _DEFINING if note and _defines(evidence.text, None, sought) else 0.0


def _is_entry(evidence: Evidence, sought: Sought) -> bool:
    """Whether the piece is the entry of a list of terms for what is asked about (定住率: 転入した者のうち…)."""
    named = content_terms_cached(key_of(evidence.normal))
    return bool(named & sought.strong) and named <= sought.words | sought.asked.hints


def _defines(note: str, row: Evidence | None, sought: Sought) -> bool:
    """Whether the note names what is asked about, which is the row's own subject, and says what it is."""
    text = _MARK.sub("", nfkc(note))
    named = content_terms_cached(text[:_LONGEST_TERM])
    subject = content_terms_cached(row.passage.cells[0].value) if row and row.passage.cells else sought.strong
    return bool(_DEFINES.search(text) and named & sought.strong and named & subject & sought.strong)
