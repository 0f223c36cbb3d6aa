"""Two readings that are equally good: the rows of which a question names no more than what they share."""

import re
from collections.abc import Iterable, Sequence

from bot.find.evidence import announces, content_terms_cached, title_of
from bot.find.sought import Sought
from bot.find.weigh import Weighed
from bot.understand.asked import Kind
from ingest.documents import Passage

# Coverage by which readings lie together, and how many are offered for choosing.
_AS_GOOD, _MOST = 0.02, 4
_IN_BRACKETS = re.compile(r"([^()]+)\(([^()]+)\)$")
_ALL = re.compile(r"すべて|全て|全部|ぜんぶ|両方|それぞれ|一覧")
_NUMBER, _NOTE = re.compile(r"[\d.\-()①-⑳]+"), re.compile(r"※\s?\d*.*$")
_OF_ONE = frozenset({Kind.QUANTITY, Kind.MONEY, Kind.WHAT, Kind.WHEN, Kind.YESNO})


def equally_good(sought: Sought, weighed: Sequence[Weighed]) -> tuple[str, ...]:
    """Return questions for each of the rows that the question means equally well; none where one is meant, or all are.

    They are rows of one document in force, with other names that hold all that the question names.
    """
    asked = sought.asked
    if asked.kind is Kind.LIST:
        return _tables(sought, weighed)
    if asked.kind not in _OF_ONE or asked.compares or asked.count or asked.excepted or sought.reckoning:
        return ()
    fitting = [w for w in weighed if w.fits]
    if not fitting or fitting[0].evidence.kind != "row":
        return ()
    best = fitting[0]
    alike = [w for w in fitting if w.evidence.kind == "row" and w.coverage >= best.coverage - _AS_GOOD]
    names = dict.fromkeys(
        name
        for w in alike
        if w.evidence.passage.doc_id == best.evidence.passage.doc_id
        and sought.strong <= content_terms_cached(name := _name(w.evidence.passage))
    )
    others = [w for w in fitting if w.evidence.kind != "row" and w.coverage > best.coverage]
    if not 1 < len(names) <= _MOST or not sought.strong or others:
        return ()
    return tuple(f"{name}{_rest(sought)}" for name in names)


def _tables(sought: Sought, weighed: Sequence[Weighed]) -> tuple[str, ...]:
    """Return questions for each of the tables whose headings hold all that a question for their rows names."""
    best = next((w for w in weighed if w.fits), None)
    if best is None or not _is_of_table(best) or sought.asked.count or sought.asked.excepted or not sought.strong:
        return ()
    sections = dict.fromkeys(
        w.evidence.passage.section
        for w in weighed
        if w.fits
        and w.evidence.kind == best.evidence.kind
        and _is_of_table(w)
        and w.coverage >= best.coverage - _AS_GOOD
        and w.evidence.passage.doc_id == best.evidence.passage.doc_id
        and sought.strong <= content_terms_cached(w.evidence.passage.section)
    )
    if not 1 < len(sections) <= _MOST or _ALL.search(sought.asked.text):
        return ()
    return tuple(f"{_distinct(section, sections)}の{sought.asked.text}" for section in sections)


def _distinct(section: str, sections: Iterable[str]) -> str:
    """Return what tells a heading from the others: what its brackets hold, where the words before are theirs too."""
    match = _IN_BRACKETS.match(title_of(section))
    others = [other for other in sections if other != section]
    return match[2] if match and all(match[1] in other for other in others) else title_of(section)


def _is_of_table(weighed: Weighed) -> bool:
    """Whether the piece is a row, or the sentence that announces a table."""
    return weighed.evidence.kind == "row" or (weighed.evidence.kind == "sentence" and announces(weighed.evidence.text))


def _name(row: Passage) -> str:
    """Return what a row is about: its first cell that is no number of a row, without its mark of a note."""
    value = next((c.value for c in row.cells if not _NUMBER.fullmatch(c.value.strip())), "")
    return _NOTE.sub("", value).strip()


def _rest(sought: Sought) -> str:
    """Return what is asked of each: its target, its result, or what is told of it."""
    said = {"target": "の目標は?", "result": "の実績は?"}
    aspects = sought.asked.aspects
    return said[aspects[0]] if len(aspects) == 1 else "について教えてください"
