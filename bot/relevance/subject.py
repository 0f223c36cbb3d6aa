"""Compares the names that a question asks about with what its passages name.

Retrieval and the relevance model weigh a missing name against all that fits. A question about a facility that no
document knows would be answered with the facts of another one; here the name is required (decision 074).
"""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from bot.question.query import JAPANESE, Query
from bot.relevance.adjustments import SUBJECT, record_change
from bot.state import Hit, Status, Turn, message, paragraph
from bot.verification import CITED
from ingest.documents import Passage
from ingest.index.index import Index
from ingest.japanese import dates, nfkc
from ingest.japanese.characters import KANJI
from ingest.japanese.spans import Spans
from ingest.japanese.tokenise import LIGHT_WORDS, Morpheme, morphemes, words
from ingest.terms.flow import squash_text

# After a name: it is the asker's home, origin or own name, or what something is compared with.
_NOT_ASKED_ABOUT = re.compile(
    r"に(?:住|在住|引っ?越|通|勤)|から|まで|より|へ|と(?:申|言|いい)|です[がけ]|だけど|在住|出身"
)
_IDENTIFYING_NUMBER = re.compile(r"第[0-9]+.?|[0-9]+(?:号|丁目)")
_NOUN_CHARACTER = "[一-龥々ァ-ヶーA-Za-z0-9]"
_LINKS_IN_NAMES = frozenset("ヶケノ")
_KANJI = re.compile(f"[{KANJI}々]+")
# Shorter readings occur within other words.
_MIN_READING = 3


@dataclass(frozen=True, slots=True)
class AskedName:
    """A name in a question: 緑町児童館.

    Attributes:
        text: the name as typed, in normal form.
        identifying: the parts that tell it from others of its kind (緑町).
        kind: the noun that says what it is (児童館), "" where nothing does.
        is_proper: whether a proper noun identifies it, so that no document can mean it in other words.
    """

    text: str
    identifying: tuple[str, ...]
    kind: str
    is_proper: bool


def find_asked_names(query: Query) -> tuple[AskedName, ...]:
    """Return the names that a Japanese question asks about, without those of municipalities, documents and dates.

    `query.scope` covers municipalities: a prefecture that published nothing may contain the issuer.
    """
    if query.language != JAPANESE:
        return ()
    interrogatives = {term.text for term in query.terms if term.is_interrogative}
    taken = Spans((mention.start, mention.end) for mention in dates(query.topic))
    names = (_read_name(query.topic, run, interrogatives) for run in _compound_nouns(query.topic, taken))
    return tuple(name for name in names if name and not query.scope.absent_towns.intersection(name.identifying))


def _compound_nouns(text: str, taken: Spans) -> Iterator[list[Morpheme]]:
    """Yield the compound nouns outside the spans that are taken, in Sudachi's long units; with ヶ and ノ of names."""
    run: list[Morpheme] = []
    for morpheme in morphemes(text, "C"):
        is_part = morpheme.is_noun or bool(run and morpheme.surface in _LINKS_IN_NAMES)
        is_part = is_part and not taken.meet(morpheme.start, morpheme.end)
        if run and not (is_part and run[-1].end == morpheme.start):
            yield run
            run = []
        if is_part:
            run.append(morpheme)
    if run:
        yield run


def _read_name(text: str, run: Sequence[Morpheme], interrogatives: AbstractSet[str]) -> AskedName | None:
    """Return the name that a compound noun is; None where it names a general thing or is not asked about."""
    start, end = run[0].start, run[-1].end
    if not interrogatives.isdisjoint(words(text[start:end])) or _NOT_ASKED_ABOUT.match(text, end):
        return None
    kind = run[-1] if len(run) > 1 and _is_common_noun(run[-1]) else None
    modifiers = run[:-1] if kind else run
    if any(m.surface in _LINKS_IN_NAMES for m in modifiers):
        proper: tuple[str, ...] = (text[start : modifiers[-1].end],)
    else:
        proper = tuple(m.surface for m in modifiers if _is_proper_noun(m))
    number = _IDENTIFYING_NUMBER.search(text, start, end) if kind else None
    others = (number[0],) if number else tuple(m.surface for m in modifiers if _is_common_noun(m))
    identifying = proper or (others if kind else ())
    if not identifying:
        return None
    return AskedName(text[start:end], identifying, kind.surface if kind else "", bool(proper))


def _is_proper_noun(morpheme: Morpheme) -> bool:
    """Whether a morpheme is a proper noun, or kanji that are no word and so can only be one."""
    is_unknown_kanji = morpheme.is_unknown and bool(_KANJI.fullmatch(morpheme.surface))
    return (morpheme.pos[1] == "固有名詞" or is_unknown_kanji) and len(morpheme.surface) > 1


def _is_common_noun(morpheme: Morpheme) -> bool:
    is_common = morpheme.pos[:2] == ("名詞", "普通名詞") and morpheme.pos[2] in {"一般", "サ変可能"}
    return is_common and len(morpheme.surface) > 1 and morpheme.normal not in LIGHT_WORDS


@dataclass(frozen=True, slots=True)
class _CheckedNames:
    """The names of a wording, those that no document has, and the hits that are about the others."""

    hits: tuple[Hit, ...]
    names: tuple[AskedName, ...] = ()
    missing: tuple[AskedName, ...] = ()


class SubjectCheck:
    """The step that compares the names of a question with the documents; safe to share between threads."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn without passages about others of the kind asked about, and with the names no document has.

        Such a name is `absent` where no document can mean it in other words and nothing else is asked about, otherwise
        `unconfirmed`. A name is not missing if the documents have its official name in the office's dictionary.
        """
        result = self._check(turn.parsed_query, turn.hits)
        if turn.wordings and all(name.has_known_official for name in turn.searched_names):
            official = [self._check(query, turn.hits) for query in turn.wordings[1:]]
            result = _with_official_names(result, official, turn)
        if result.missing or result.hits != turn.hits:
            record_change(SUBJECT)
        known = [name for name in result.names if name.is_proper and name not in result.missing]
        absent = tuple(name.text for name in result.missing if name.is_proper and not known)
        unconfirmed = tuple(name.text for name in result.missing if name.text not in absent)
        return replace(turn, hits=result.hits, absent=absent, unconfirmed=unconfirmed)

    def _check(self, query: Query, hits: tuple[Hit, ...]) -> "_CheckedNames":
        names, missing = find_asked_names(query), list[AskedName]()
        for name in names:
            rows = self._rows(name)
            named = self._hits_with(name, rows, hits)
            if not named and not rows.size:
                missing.append(name)
            elif name.is_proper and (kind := name.kind or _kind_in_headings(name, named)):
                hits = tuple(hit for hit in hits if hit in named or not _has_other_of_kind(hit.passage, kind))
        return _CheckedNames(hits, names, tuple(missing))

    def _hits_with(self, name: AskedName, rows: NDArray[np.int32], hits: Sequence[Hit]) -> list[Hit]:
        """Return the hits whose text, headings or title have a name; in its reading if none has its spelling.

        `rows` are those of the passages with its index terms.
        """
        spellings = [squash_text(part) for part in name.identifying]
        texts = [squash_text(self._text(hit.passage)) for hit in hits]
        named = [
            hit
            for hit, text in zip(hits, texts, strict=True)
            if all(spelling in text for spelling in spellings) or self._index.passage_row(hit.passage.id) in rows
        ]
        if named or rows.size:
            return named
        readings = [_reading(part) for part in name.identifying]
        if min(map(len, readings)) < _MIN_READING:
            return []
        spoken = [_reading(text) for text in texts]
        return [hit for hit, text in zip(hits, spoken, strict=True) if all(reading in text for reading in readings)]

    def _text(self, passage: Passage) -> str:
        document = self._index.document(passage.doc_id)
        return "\n".join((document.title if document else "", *passage.path, passage.text))

    def _rows(self, name: AskedName) -> NDArray[np.int32]:
        """Return the rows of the passages that have all index terms of a name's identifying parts."""
        terms = [word for part in name.identifying for word in words(part)]
        rows = [self._index.keyword.rows_of(word) for word in terms]
        return reduce(np.intersect1d, rows) if rows else np.zeros(0, np.int32)


def _with_official_names(typed: _CheckedNames, official: Sequence[_CheckedNames], turn: Turn) -> _CheckedNames:
    """Return the result for the typed wording, with the names that the documents have under official names known.

    Official names that no document has do not count. The hits are those of the official names, and those of the typed
    ones where the documents use them too.
    """
    own = {name.text for name in typed.names}
    found = [one for one in official if all(name.text in own for name in one.missing)]
    if not found:
        return typed
    still_missing = [{name.text for name in one.missing} for one in found]
    missing = tuple(name for name in typed.missing if all(name.text in texts for texts in still_missing))
    sources = [typed, *found] if all(name.use != "none" for name in turn.searched_names) else found
    kept = {hit.passage.id for one in sources for hit in one.hits}
    return _CheckedNames(tuple(hit for hit in turn.hits if hit.passage.id in kept), found[0].names, missing)


def _kind_in_headings(name: AskedName, named: Sequence[Hit]) -> str:
    """Return the noun that follows a name in the headings of passages (緑町: 緑町地区), "" where none does."""
    headings = nfkc("\n".join(heading for hit in named for heading in hit.passage.path))
    found = re.search(re.escape(name.identifying[-1]) + rf"({_NOUN_CHARACTER}{{2,}})", headings)
    return found[1] if found else ""


def _has_other_of_kind(passage: Passage, kind: str) -> bool:
    """Whether a passage or its headings have a kind in a compound noun (児童館: 泉町児童館)."""
    text = nfkc("\n".join((*passage.path, passage.text)))
    return bool(re.search(rf"(?<={_NOUN_CHARACTER}){re.escape(kind)}", text))


def _reading(text: str) -> str:
    """Return the reading of a text in katakana."""
    return "".join(morpheme.reading for morpheme in morphemes(text))


def qualify_draft(turn: Turn) -> Turn:
    """Return the turn with a cited answer called partial, and a remark before it, where a name is unconfirmed.

    An answer of staff stays as it is: it may be there because the documents do not use the people's word.
    """
    draft = turn.draft
    if not turn.unconfirmed or draft is None or draft.status not in CITED or draft.is_curated:
        return turn
    remark = paragraph(message("unconfirmed", names="」「".join(turn.unconfirmed)))
    return turn.with_draft(replace(draft, parts=(remark, *draft.parts), status=Status.PARTIAL))
