"""Compares the names that a question asks about with what its passages name.

Retrieval and the relevance model weigh a missing name against all that fits. A question about a facility that no
document knows would be answered with the facts of another one; here the name is required (decision 074).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray

from bot.state import Hit, Status, Turn, paragraph, service_message
from bot.state.query import AskedName, Query
from bot.verification.statement_check import CITED
from bot.work_budget import take_work
from ingest.documents import Passage
from ingest.index.index import Index
from ingest.japanese.normal_forms import comparison_key, nfkc
from ingest.japanese.tokenise import morphemes, words

_NOUN_CHARACTER = "[一-龥々ァ-ヶーA-Za-z0-9]"
# Shorter readings occur within other words.
_MIN_READING_LENGTH = 3
# Passages whose readings are compared with a name that none has in its spelling; each has to be tokenised.
_MAX_READ_PASSAGES = 8


@dataclass(frozen=True, slots=True)
class _CheckedNames:
    """The names of one wording of a question.

    Attributes:
        hits: the hits without those about others of a kind.
        names: all names.
        missing: the names that no document has.
    """

    hits: tuple[Hit, ...]
    names: tuple[AskedName, ...]
    missing: tuple[AskedName, ...]


class SubjectCheck:
    """The step that compares the names of a question with the documents; safe to share between threads."""

    def __init__(self, index: Index) -> None:
        self._index = index

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn without passages about others of the kind asked about, and with the names no document has.

        Such a name is `absent` if no document can mean it in other words and nothing else is asked about, otherwise
        `unconfirmed`. A name is not missing if the documents have its official name in the office's dictionary.
        """
        checked = self._check(turn.parsed_query, turn.hits)
        if turn.wordings and all(name.has_known_official for name in turn.searched_names):
            official = [self._check(query, turn.hits) for query in turn.wordings[1:]]
            checked = _with_official_names(checked, official, turn)
        is_other_name_known = any(name.is_proper and name not in checked.missing for name in checked.names)
        absent = [] if is_other_name_known else [name.text for name in checked.missing if name.is_proper]
        unconfirmed = [name.text for name in checked.missing if name.text not in absent]
        return replace(turn, hits=checked.hits, absent=tuple(absent), unconfirmed=tuple(unconfirmed))

    def _check(self, query: Query, hits: tuple[Hit, ...]) -> _CheckedNames:
        names = query.names[: take_work("names", len(query.names))]
        text_by_id = {hit.passage.id: self._searchable_text(hit.passage) for hit in hits} if names else {}
        missing: list[AskedName] = []
        ids_by_name: dict[AskedName, set[str]] = {}
        for name in names:
            rows = self._find_rows(name)
            with_name = self._passages_with_name(name, rows, text_by_id)
            if not with_name and not rows.size:
                missing.append(name)
            elif name.is_proper:
                ids_by_name[name] = with_name
        # A question about two of a kind (A児童館とB児童館の休館日) keeps the passages of both.
        named = set[str]().union(*ids_by_name.values())
        for name, with_name in ids_by_name.items():
            kind = name.kind or _kind_in_headings(name, [hit for hit in hits if hit.passage.id in with_name])
            others = [hit for hit in hits if hit.passage.id not in named] if kind else []
            excluded = {hit.passage.id for hit in others if _has_other_of_kind(hit.passage, kind)}
            hits = tuple(hit for hit in hits if hit.passage.id not in excluded) if excluded else hits
        return _CheckedNames(hits, names, tuple(missing))

    def _passages_with_name(self, name: AskedName, rows: NDArray[np.int32], text_by_id: Mapping[str, str]) -> set[str]:
        """Return the ids of the passages whose text, headings or title have a name.

        If none has its spelling, the readings of the first passages are compared. `rows` are those of the passages with
        its index terms.
        """
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

    def _searchable_text(self, passage: Passage) -> str:
        document = self._index.document(passage.doc_id)
        return comparison_key(f"{document.title if document else ''}\n{passage.text_with_headings}")

    def _find_rows(self, name: AskedName) -> NDArray[np.int32]:
        rows = [self._index.keyword.rows_of(word) for part in name.identifying for word in words(part)]
        return reduce(np.intersect1d, rows) if rows else np.zeros(0, np.int32)


def _with_official_names(typed: _CheckedNames, official: Sequence[_CheckedNames], turn: Turn) -> _CheckedNames:
    """Return the result for the typed wording, with the names that the documents have under official names known.

    Official names that no document has do not count. The hits are those of the official names, and those of the typed
    names too if the documents use them.
    """
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
    return _CheckedNames(hits, confirmed[0].names, missing)


def _kind_in_headings(name: AskedName, hits: Sequence[Hit]) -> str:
    headings = nfkc("\n".join(heading for hit in hits for heading in hit.passage.path))
    match = re.search(re.escape(name.identifying[-1]) + rf"({_NOUN_CHARACTER}{{2,}})", headings)
    return match[1] if match else ""


def _has_other_of_kind(passage: Passage, kind: str) -> bool:
    text = nfkc(passage.text_with_headings)
    return bool(re.search(rf"(?<={_NOUN_CHARACTER}){re.escape(kind)}", text))


@lru_cache(maxsize=1024)
def _reading(text: str) -> str:
    return "".join(morpheme.reading for morpheme in morphemes(text))


def qualify_draft(turn: Turn) -> Turn:
    """Return the turn with an extractive answer made partial, and a remark before it, if a name is unconfirmed.

    A name whose words, one after the other, or reading the shown passages have is not denied. Answers of staff and of a
    language model stay as they are: both know what people call things.
    """
    draft = turn.draft
    if not turn.unconfirmed or draft is None or draft.status not in CITED or not draft.is_extractive:
        return turn
    # The words one after the other: 北町 and 公園 apart are no 北町公園.
    shown = nfkc("\n".join(source.passage.text_with_headings for source in draft.sources))
    shown_words, reading = "\n".join(words(shown)), _reading(shown)
    names = [
        name for name in turn.unconfirmed if "\n".join(words(name)) not in shown_words and _reading(name) not in reading
    ]
    if not names:
        return turn
    remark = paragraph(service_message("unconfirmed", names="」「".join(names)))
    return turn.with_draft(replace(draft, parts=(remark, *draft.parts), status=Status.PARTIAL))
