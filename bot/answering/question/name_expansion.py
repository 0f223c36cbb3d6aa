"""Searches a question with the official names of the names that it uses."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import lru_cache, reduce
from itertools import islice, product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.answering.question.dictionary import NameMention, fold_letters, fold_name, replace_mentions
from bot.answering.question.office_dictionary import OfficeDictionary
from bot.answering.question.query_parser import QueryParser
from bot.answering.question.subject_words import importance
from bot.answering.state import NameUse, SearchedName, Turn
from bot.answering.state.query import JAPANESE
from bot.answering.work_budget import SEARCH_TERMS, take_work
from ingest.index.index import Index
from ingest.japanese.lexicon import FACILITY
from ingest.japanese.tokenise import is_dictionary_word, morphemes, words

# Wordings with official names, each searched and read like a question; two names with two official names have 4.
_MAX_WORDINGS = 4
# Passages with all words of a name that are compared with it letter by letter.
_MAX_COMPARED = 200
# A word that this share of the passages has, and no fewer than so many, names nothing in particular, nor does a noun of
# less importance, whatever the documents (料金 .79, 学童 .82), unless it is a kind of facility.
_GENERAL_SHARE = 0.02
_MIN_GENERAL_PASSAGES = 20
_MIN_IMPORTANCE = 0.8
_FACILITY_END = re.compile(f"{FACILITY}$")
# Names whose occurrence in the documents is remembered.
_CACHED_NAMES = 4_096


class NameExpansion:
    """The step that adds wordings with official names to a question; safe to share between threads.

    Attributes:
        dictionary: the office's dictionary, beside the documents of the index and in its data folder.
    """

    def __init__(self, index: Index, parser: QueryParser) -> None:
        self._index = index
        self._parse = parser
        issuers = {document.issuer for document in index.documents}
        self._issuer_words = frozenset(word for issuer in issuers for word in words(issuer))
        self._folded_titles = [fold_name(document.title) for document in index.documents]
        self._count_in_documents = lru_cache(maxsize=_CACHED_NAMES)(self._count)
        folders = map(Path, index.generation.basis.corpora)
        self.dictionary = OfficeDictionary(folders, index.data, self._is_too_general)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with the names of its question and the wordings with their official names."""
        if turn.parsed_query.language != JAPANESE:
            return turn
        text = (turn.wordings or (turn.parsed_query,))[-1].text
        mentions = self.find(text)
        if not mentions:
            return turn
        documents = turn.history[-1].documents if turn.texts.typed_follow_up else frozenset[str]()
        names = [text[mention.start : mention.end] for mention in mentions]
        wordings = [turn.parsed_query]
        for officials in islice(product(*(mention.officials for mention in mentions)), _MAX_WORDINGS):
            # A name that no document has is only found by its official one, so the first is searched in any case.
            if take_work("terms", SEARCH_TERMS) < SEARCH_TERMS and wordings[1:]:
                break
            wording = replace_mentions(text, mentions, officials)
            typed = turn.texts.typed_follow_up.text
            for name, official in zip(names, officials, strict=True):
                typed = typed.replace(name, official)
            wordings.append(self._parse(wording, turn.requested_day, documents, turn.question.language, typed))
        searched = (
            SearchedName(
                name, mention.officials, self._use(name, mention.officials), self._has_words(mention.officials)
            )
            for name, mention in zip(names, mentions, strict=True)
        )
        return replace(turn, searched_names=tuple(dict.fromkeys(searched)), wordings=tuple(wordings))

    def find(self, text: str) -> list[NameMention]:
        """Return the names in a normalised question that are not part of a longer name in the documents."""
        finder = self.dictionary.read().finder
        return [mention for mention in finder.find(text) if not self._is_part_of_name(text, mention)]

    def keep_names(self, text: str, correct: Callable[[str], str]) -> str:
        """Return a question with its spelling corrected, but not within the names of the dictionary."""
        corrected = correct(text)
        mentions = self.find(text)
        if text == corrected or len(mentions) <= len(self.find(corrected)):
            return corrected
        return replace_mentions(text, mentions, [text[one.start : one.end] for one in mentions], correct)

    def is_in_documents(self, name: str) -> bool:
        return self._count_in_documents(name) > 0

    def _use(self, name: str, officials: Sequence[str]) -> NameUse:
        count = self._count_in_documents(name)
        if not count:
            return "none"
        return "usual" if count >= max(map(self._count_in_documents, officials)) else "sometimes"

    def _has_words(self, officials: Iterable[str]) -> bool:
        terms = ([word for word in words(official) if word not in self._issuer_words] for official in officials)
        return any(self._rows_with(words_of_name).size for words_of_name in terms) or any(
            map(self.is_in_documents, officials)
        )

    def _rows_with(self, terms: Iterable[str]) -> NDArray[np.int32]:
        rows = [self._index.keyword.rows_of(term) for term in dict.fromkeys(terms)]
        common = reduce(np.intersect1d, rows) if rows else np.zeros(0, np.int32)
        mask = self._index.searchable_mask
        return common if mask is None else common[mask[common]]

    def _is_part_of_name(self, text: str, mention: NameMention) -> bool:
        # 支援センター is not センター if the documents have both together; センター使用料 is, with an official name.
        name = text[mention.start : mention.end]
        is_known = self.is_in_documents(name)
        if mention.before and (is_known or self.is_in_documents(mention.before + name)):
            return True
        if not mention.after or any(self.is_in_documents(official + mention.after) for official in mention.officials):
            return False
        return (mention.has_suffix and is_known) or self.is_in_documents(name + mention.after)

    def _count(self, name: str) -> int:
        folded = fold_name(name)
        titles = sum(folded in title for title in self._folded_titles)
        rows = self._rows_with(words(name))[:_MAX_COMPARED].astype(np.int64)
        return titles + sum(folded in fold_letters(text) for text in self._index.character_sequences.texts(rows))

    def _is_too_general(self, name: str) -> bool:
        # A common word of many passages or questions would be found in most of them.
        if not is_dictionary_word(name) or morphemes(name, "C")[0].pos[1] == "固有名詞":
            return False
        count = self._rows_with(words(name)).size
        is_frequent = count >= max(_MIN_GENERAL_PASSAGES, _GENERAL_SHARE * len(self._index.passages))
        is_facility = _FACILITY_END.search(name) is not None
        return is_frequent or (not is_facility and importance({*words(name)}) < _MIN_IMPORTANCE)
