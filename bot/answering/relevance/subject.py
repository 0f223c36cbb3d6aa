"""Compares the names that a question asks about with what its passages name.

Retrieval and the relevance model weigh a missing name against all that fits. A question about a facility that no
document knows would be answered with the facts of another one; here the name is required (decision 074).
"""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, reduce

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from bot.answering.state import CITED, Hit, Status, Turn, paragraph, service_message
from bot.answering.state.query import AskedName, Query
from bot.answering.work_budget import take_work
from ingest.documents import Passage
from ingest.index.index import Index
from ingest.japanese.normal_forms import comparison_key, nfkc
from ingest.japanese.spans import occurrences
from ingest.japanese.tokenise import morphemes, words

# All letters and digits but hiragana.
_NOUN_CHARACTER = re.compile(r"[^\W_ぁ-ゟ]")
_BEGINS_NOUN = re.compile(rf"(?<!{_NOUN_CHARACTER.pattern})")
_NOUNS = re.compile(rf"{_NOUN_CHARACTER.pattern}*")
_NOUN = re.compile(rf"{_NOUN_CHARACTER.pattern}{{2,}}")
# Shorter readings occur within other words.
_MIN_READING_LENGTH = 3
# Passages whose readings are compared with a name that none has in its spelling; each has to be tokenised.
_MAX_READ_PASSAGES = 8


@dataclass(frozen=True, slots=True)
class _CheckedNames:
    # `hits` are without those about others of a kind; `apart` are names whose words no document has together.
    hits: tuple[Hit, ...]
    names: tuple[AskedName, ...]
    missing: tuple[AskedName, ...]
    apart: tuple[AskedName, ...]


class SubjectCheck:
    """The step that compares the names of a question with the documents; safe to share between threads."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn without passages about others of the kind asked about, and with the names no document has.

        Such a name is `absent` if no document can mean it in other words and nothing else is asked about, otherwise
        `unconfirmed`. A name is not missing if the documents have its official name in the office's dictionary.
        `apart` are those whose words the documents have, but nowhere together.
        """
        checked = self._check(turn.parsed_query, turn.hits)
        if turn.wordings and all(name.has_known_official for name in turn.searched_names):
            official = [self._check(query, turn.hits) for query in turn.wordings[1:]]
            checked = _with_official_names(checked, official, turn)
        is_other_name_known = any(name.is_proper and name not in checked.missing for name in checked.names)
        absent = tuple(name.text for name in checked.missing if name.is_proper and not is_other_name_known)
        unconfirmed = tuple(name.text for name in checked.missing if name.text not in absent)
        return replace(turn, hits=checked.hits, absent=absent, unconfirmed=unconfirmed, apart=checked.apart)

    def _check(self, query: Query, hits: tuple[Hit, ...]) -> _CheckedNames:
        names = query.names[: take_work("names", len(query.names))]
        text_by_id = self._searchable_texts(hits) if names else {}
        missing: list[AskedName] = []
        apart: list[AskedName] = []
        ids_by_name: dict[AskedName, set[str]] = {}
        for name in names:
            rows = self._find_rows(name)
            with_name = self._passages_with_name(name, rows, text_by_id) if name.identifying else set()
            if name.identifying and not with_name and not rows.size:
                missing.append(name)
            elif name.distinguishing and not self._is_together(name, text_by_id.values()):
                apart.append(name)
            if name.is_proper and name not in missing:
                ids_by_name[name] = with_name
        # A question about two of a kind (A児童館とB児童館の休館日) keeps the passages of both.
        named = set[str]().union(*ids_by_name.values())
        for name, with_name in ids_by_name.items():
            kind = name.kind or _kind_in_headings(name, [hit for hit in hits if hit.passage.id in with_name])
            others = [hit for hit in hits if hit.passage.id not in named] if kind else []
            excluded = {hit.passage.id for hit in others if _has_other_of_kind(hit.passage, kind)}
            hits = tuple(hit for hit in hits if hit.passage.id not in excluded) if excluded else hits
        return _CheckedNames(hits, names, tuple(missing), tuple(apart))

    def _passages_with_name(self, name: AskedName, rows: NDArray[np.int32], text_by_id: Mapping[str, str]) -> set[str]:
        # If none has the spelling of a name, the readings of the first passages are compared.
        spellings = [comparison_key(part) for part in name.identifying]
        numbers = {*rows.tolist()}
        with_spelling = {
            passage_id
            for passage_id, text in text_by_id.items()
            if all(spelling in text for spelling in spellings) or self._index.passage_row(passage_id) in numbers
        }
        if with_spelling or rows.size:
            return with_spelling
        readings = [_reading(part) for part in name.identifying]
        if min(map(len, readings)) < _MIN_READING_LENGTH:
            return set()
        first = list(text_by_id.items())[:_MAX_READ_PASSAGES]
        return {passage_id for passage_id, text in first if all(reading in _reading(text) for reading in readings)}

    def _is_together(self, name: AskedName, texts: Collection[str]) -> bool:
        terms = words(name.text)
        if not terms or any(comparison_key(name.text) in text for text in texts):
            return True
        numbers = [self._index.keyword.term_numbers.get(term, -1) for term in terms]
        rows = reduce(np.intersect1d, map(self._index.keyword.rows_of, terms))
        found, positions = self._index.term_sequences.gather(rows.astype(np.int64))
        found, positions = found[found >= 0], positions[found >= 0]
        if len(found) < len(numbers):
            return False
        is_start = (sliding_window_view(found, len(numbers)) == numbers).all(axis=1)
        return bool((is_start & (positions[: len(is_start)] == positions[len(numbers) - 1 :])).any())

    def _searchable_texts(self, hits: Sequence[Hit]) -> dict[str, str]:
        passages = [hit.passage for hit in hits]
        rows = np.array([self._index.passage_row(passage.id) for passage in passages], np.int64)
        texts = self._index.character_sequences.texts(rows)
        titles = (document.title if (document := self._index.document(one.doc_id)) else "" for one in passages)
        keys = map(_title_key, titles)
        return {passage.id: title + text for passage, title, text in zip(passages, keys, texts, strict=True)}

    def _find_rows(self, name: AskedName) -> NDArray[np.int32]:
        rows = [self._index.keyword.rows_of(word) for part in name.identifying for word in words(part)]
        return reduce(np.intersect1d, rows) if rows else np.zeros(0, np.int32)


def _with_official_names(typed: _CheckedNames, official: Sequence[_CheckedNames], turn: Turn) -> _CheckedNames:
    # Official names that no document has do not count, nor do the hits of typed names that the documents do not use.
    typed_names = {name.text for name in typed.names}
    confirmed = [checked for checked in official if all(name.text in typed_names for name in checked.missing)]
    if not confirmed:
        return typed
    still_missing = [{name.text for name in checked.missing} for checked in confirmed]
    missing = tuple(name for name in typed.missing if all(name.text in names for names in still_missing))
    are_typed_names_used = all(name.use != "none" for name in turn.searched_names)
    passage_ids: set[str] = set()
    for checked in (typed, *confirmed) if are_typed_names_used else confirmed:
        passage_ids.update(hit.passage.id for hit in checked.hits)
    hits = tuple(hit for hit in turn.hits if hit.passage.id in passage_ids)
    return _CheckedNames(hits, confirmed[0].names, missing, confirmed[0].apart)


def _kind_in_headings(name: AskedName, hits: Sequence[Hit]) -> str:
    headings = nfkc("\n".join(heading for hit in hits for heading in hit.passage.path))
    word = name.identifying[-1]
    kinds = (_NOUN.match(headings, start + len(word)) for start in occurrences(word, headings))
    return next((kind[0] for kind in kinds if kind), "")


def _has_other_of_kind(passage: Passage, kind: str) -> bool:
    text = nfkc(passage.text_with_headings)
    return any(_NOUN_CHARACTER.match(text, start - 1) for start in occurrences(kind, text) if start)


# The passages of a document share its title.
_title_key = lru_cache(maxsize=4096)(comparison_key)


@lru_cache(maxsize=1024)
def _reading(text: str) -> str:
    return "".join(morpheme.reading for morpheme in morphemes(text))


def qualify_draft(turn: Turn) -> Turn:
    """Return the turn with an extractive answer made partial, and a remark before it, if a name is not in it.

    A name whose words, one after the other, or reading the shown passages have is not denied, nor one whose words are
    apart, unless they have another in its place (東原集会所 for 北原集会所). Answers of staff and of a language model
    stay as they are: both know what people call things.
    """
    draft = turn.draft
    if not (turn.unconfirmed or turn.apart) or draft is None or draft.status not in CITED or not draft.is_extractive:
        return turn
    # The words one after the other: 北町 and 公園 apart are no 北町公園.
    shown = nfkc("\n".join(source.passage.text_with_headings for source in draft.sources))
    lines = "\n".join((*map(comparison_key, shown.splitlines()), shown.casefold()))
    names = (*turn.unconfirmed, *(name.text for name in turn.apart if _has_other(name, lines)))
    if not names:
        return turn
    shown_words, reading = _joined_words(shown), _reading(shown)
    names = tuple(name for name in names if _joined_words(name) not in shown_words and _reading(name) not in reading)
    if not names:
        return turn
    remark = paragraph(service_message("unconfirmed", names="」「".join(names)))
    return turn.with_draft(replace(draft, parts=(remark, *draft.parts), status=Status.PARTIAL))


def _joined_words(text: str) -> str:
    return "\n".join(("", *words(text), ""))


def _has_other(name: AskedName, lines: str) -> bool:
    # Not if the lines have it in two, as a label and a column head, or with words that it leaves out (DXプラン).
    parts = [comparison_key(part) for part in name.words]
    cuts = (("".join(parts[:n]), "".join(parts[n:])) for n in range(1, len(parts)))
    is_longer = min(map(len, parts)) > 1 and any(_ends(parts, range(7), lines))
    if is_longer or any(all(_has_noun([part], range(1), lines) for part in cut) for cut in cuts):
        return False
    rests = (("".join(parts[:n]), "".join(parts[n + 1 :])) for n in name.distinguishing)
    return any(
        _has_noun([before, after], range(0 if after else 1, 5), lines)
        for before, after in rests
        if len(before + after) > 1
    )


def _has_noun(parts: Sequence[str], gaps: range, lines: str) -> bool:
    return any(not _NOUN_CHARACTER.match(lines, end) for end in _ends(parts, gaps, lines, is_start=_BEGINS_NOUN.match))


def _ends(
    parts: Sequence[str], gaps: range, lines: str, is_start: Callable[[str, int], object] = lambda *_: True
) -> set[int]:
    # Where the parts end one after the other, with so many letters of nouns between them.
    ends = {start + len(parts[0]) for start in occurrences(parts[0], lines) if is_start(lines, start)}
    for part in parts[1:]:
        starts = {end + gap for end in ends for gap in gaps if _NOUNS.fullmatch(lines, end, end + gap)}
        ends = {start + len(part) for start in starts if lines.startswith(part, start)}
    return ends
