"""Parses a question into a Query."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date

from bot.question.answer_type import detect_answer_type, expected_member_count, without_interrogatives, word_to_define
from bot.question.operation import parse_operation
from bot.question.query import JAPANESE, Query, Term, detect_language, rarest
from bot.question.scope import ScopeResolver
from ingest.documents import Document
from ingest.japanese import dates, resolve_relative_dates
from ingest.japanese.tokenise import words

# The particle that links a name to what is asked: 計画3.0の費用, 青葉市では….
_LINK = re.compile(r"(?:では|でも|には|にも|の|で|に|は|も)?、?\s*")
_CAPITALS = re.compile(r"(?:[A-Z][\w-]*\s+)+$")
_SENTENCE = re.compile(r"[^。?!\n]+[。?!\n]?")
# A personal detail that was masked (bot/privacy), the words that lead from it to the question (〔氏名〕ですが、…), and
# the end of a statement.
_MASKED = re.compile(r"〔[^〕\n]*〕")
_LEAD = re.compile(r"[^。?!\n]{0,20}?(?:です|ます|ました|まして|でして|だ)(?:が|けれども|けれど|けど|ので)、?")
_STATEMENT_END = re.compile(r"(?<!か)[。!\n]$")


class QueryParser:
    """Reads questions put to `documents`. Safe to share between threads.

    `rarity` is the idf of a word among their passages, highest for one that they lack.
    """

    def __init__(self, documents: Sequence[Document], rarity: Callable[[str], float]) -> None:
        self._scopes = ScopeResolver(documents)
        self._rarity = rarity

    def __call__(
        self, text: str, as_of: date, within: frozenset[str] = frozenset(), reader: str | None = None, typed: str = ""
    ) -> Query:
        """Return the query of normalised `text`; `within` are the ids of the documents of the conversation before it.

        Relative years are resolved if the documents name the year: documents too say 来年度. `reader` is the language
        that the user chose, `typed` the follow-up that the text was made of, if any.
        """
        scoped = self._scopes(text, dates(text), as_of, within)
        if (resolved := resolve_relative_dates(text, scoped.scope.as_of, self._is_known)) != text:
            return self(resolved, as_of, within, reader, typed)
        language = detect_language(text, reader)
        covered = scoped.covered if language == JAPANESE else [_with_capitals(text, span) for span in scoped.covered]
        topic = _remove_spans(text, (*covered, *_about_writer(text), *((d.start, d.end) for d in scoped.as_of_dates)))
        terms = self._terms(topic, typed)
        if not terms:  # プラン2.0とは?: the name is what is asked about
            topic, terms = text, self._terms(text, typed)
        kind, unit = detect_answer_type(topic)
        mentions = dates(topic)
        return Query(
            text=text,
            topic=topic,
            language=language,
            answer_type=kind,
            scope=scoped.scope,
            terms=terms,
            unit=unit,
            members=expected_member_count(topic),
            dates=tuple(mentions),
            operation=parse_operation(topic, mentions) if language == JAPANESE else None,
            word=word_to_define(topic) if language == JAPANESE else "",
            reader=reader,
        )

    def add_town(self, text: str, before: Sequence[str], as_of: date, reader: str | None = None) -> str:
        """Return normalised `text` as asked of the town that the talk is of, as `Scopes` does, if it is in Japanese."""
        return self._scopes.add_town(text, before, as_of) if detect_language(text, reader) == JAPANESE else text

    def _is_known(self, word: str) -> bool:
        return self._rarity(word) < self._rarity("")

    def _terms(self, topic: str, typed: str) -> tuple[Term, ...]:
        distinct = rarest(words(topic), self._rarity)
        rarity = {word: self._rarity(word) for word in distinct}
        total = sum(rarity.values()) or 1.0
        content, new = set(words(without_interrogatives(topic))), set(words(typed) if typed else distinct)
        return tuple(Term(word, rarity[word] / total, word not in content, word not in new) for word in distinct)


def _about_writer(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans about the writer, recognised by a masked detail: they say who asks, not what."""
    for sentence in _SENTENCE.finditer(text):
        masked = list(_MASKED.finditer(text, *sentence.span()))
        leads = (_LEAD.match(text, detail.end(), sentence.end()) for detail in reversed(masked))
        if lead := next(filter(None, leads), None):
            yield sentence.start(), lead.end()
        elif masked and _STATEMENT_END.search(sentence[0]):
            yield sentence.span()


def _with_capitals(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return a name with the words in capitals before it: of DX Action Plan 2.0 the documents know the end."""
    before = _CAPITALS.search(text[: span[0]])
    return (before.start() if before else span[0], span[1])


def _remove_spans(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return `text` without the `spans`; one that begins it goes with the particle that links it."""
    pieces, end = [], 0
    for start, stop in sorted(spans):
        pieces.append(text[end:start])
        link = _LINK.match(text, stop) if not "".join(pieces).strip() else None
        end = max(end, link.end() if link else stop)
    return "".join([*pieces, text[end:]]).strip()
