"""Selects example questions, which are headings of sections, and those most similar to a question."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import chain, zip_longest

from bot.answering.languages import catalogue
from bot.answering.question.subject_words import is_vague
from bot.answering.state import Source, Status, Turn
from bot.answering.state.query import Query
from ingest.documents import Document, Passage
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.characters import KANJI
from ingest.japanese.markers import LEADING_MARK
from ingest.japanese.tokenise import morphemes
from ingest.publications import published_on

# Length in characters: a shorter heading is too vague for a question, a longer one is a sentence.
_HEADING_LENGTHS = range(4, 29)
# Marks and numbers before a heading: ■, ▶, (1), 1.2., 第3. Not the 3 of 3歳児.
_NUMBERING = re.compile(rf"^(?:\s+|{LEADING_MARK}|[(（]\d{{1,2}}[)）]\s*|第?\d+(?:[.．]\d+)*[.．、\s]\s*)+")
# Additions after the name in a heading: telephone numbers, (new).
_SUFFIX = re.compile(r"(?<!\s)\s*+(?:【(?:電話|FAX|HP|メール|Eメール)】.*|[\[［][^\]］]{1,6}[\]］])$")
# A heading of a FAQ that is itself a question.
_QUESTION = re.compile(r".{4,}(?:か|\?)[。?]?$")
_MAX_QUESTION_LENGTH = 44
_IN_NAMES = {"名詞", "接頭辞", "接尾辞", "補助記号", "記号", "空白"}
_KANJI = re.compile(f"[{KANJI}々﨑]+")
# A name in two words (森 颯太), or an age (7歳).
_TWO_WORDS = re.compile(r"^[一-龥々髙﨑]{1,3}\s[一-龥々ぁ-ん]{1,4}(?![一-龥々ぁ-んァ-ヶ])|[(（]\d{1,3}歳[)）]")
_TITLES = frozenset({"さん", "君", "くん", "ちゃん", "氏", "様"})
_COMMON_NOUNS = frozenset({"普通名詞", "副詞"})
# Suffixes that turn a name into a place.
_KATAKANA = re.compile("[ァ-ヶー]+")
_PLACE_SUFFIXES = frozenset("市町村区県郡駅")


def names_person(text: str) -> bool:
    """Whether a text may contain a person's name.

    Signs are a name in SudachiDict, a kanji word unknown to it (琉生), a name in two words, or a title after a word
    that is not a common noun.
    """
    if _TWO_WORDS.search(nfkc(text)):
        return True
    tokens = morphemes(nfkc(text), "C")
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if following and following.normal in _TITLES and token.pos[1] not in _COMMON_NOUNS:
            return True
        is_place = following is not None and following.surface in _PLACE_SUFFIXES
        is_unknown = _KANJI.fullmatch(token.surface) and (not token.reading or _KANJI.search(token.reading))
        # A name in katakana before a common noun in katakana is a part of one word: マイナ|ポータル.
        is_part = following is not None and _KATAKANA.fullmatch(token.surface + following.surface)
        if not is_place and ((token.pos[2] == "人名" and not is_part) or is_unknown):
            return True
    return False


def section_question(document: Document, section: str) -> str | None:
    """Return the question for a section by its heading; None if that is too vague, a sentence, or may name a person."""
    heading = _SUFFIX.sub("", _NUMBERING.sub("", nfkc(section))).strip()
    if document.kind == "faq" and _QUESTION.fullmatch(heading) and len(heading) <= _MAX_QUESTION_LENGTH:
        return None if names_person(heading) else heading
    if len(heading) not in _HEADING_LENGTHS or heading in nfkc(document.title):
        return None
    is_name = all(m.pos[0] in _IN_NAMES or m.surface == "の" for m in morphemes(heading))
    if not is_name or (document.kind == "notice" and is_vague(heading)) or names_person(heading):
        return None
    return str(catalogue()["offered"]["about"]).format(name=heading)


# Passages whose sections may become questions, evenly spaced over the documents.
_MAX_PASSAGES = 1000
# Questions of an index, each of which is encoded when it opens.
_MAX_QUESTIONS = 200
# Notices older than this before the issuer's latest are not suggested.
_MAX_NOTICE_AGE = timedelta(days=100)


def section_questions(index: Index) -> dict[str, Passage]:
    """Return example questions of an index, each with the first of its section's passages that were sampled.

    Minutes have none, because their headings are speakers, nor have old notices.
    """
    current = [document for document in _current_documents(index.documents) if document.kind != "meeting"]
    rows = [row for document in current for row in index.passage_rows(document.id)]
    documents = {document.id: document for document in current}
    questions: dict[str, Passage] = {}
    sections = set[tuple[str, tuple[str, ...]]]()
    for row in rows[:: max(1, len(rows) // _MAX_PASSAGES)]:
        passage = index.passages[row]
        section = passage.doc_id, passage.path
        if section not in sections and (question := section_question(documents[passage.doc_id], passage.section)):
            questions.setdefault(question, passage)
        sections.add(section)
    sampled = [*questions.items()]
    return dict(sampled[:: -(-len(sampled) // _MAX_QUESTIONS) or 1])


def _current_documents(documents: Sequence[Document]) -> list[Document]:
    days = {document.id: published_on(document) for document in documents if document.kind == "notice"}
    latest: dict[str, date] = {}
    for document in documents:
        if day := days.get(document.id):
            latest[document.issuer] = max(day, latest.get(document.issuer, day))
    return [
        document
        for document in documents
        if not ((day := days.get(document.id)) and latest[document.issuer] - day > _MAX_NOTICE_AGE)
    ]


_MAX_SUGGESTIONS = 3
# Limit of questions answered by staff, so that suggestions from documents still fit.
_MAX_FAQ = 2
# A section of a bulletin with a smaller cosine to the query is about something else (decision 014).
_MIN_COSINE = 0.45
_WITH_SUGGESTIONS = frozenset({Status.ANSWERED, Status.PARTIAL, Status.NO_ANSWER})


class Suggestions:
    """Selects from the questions of an index. Safe to share.

    `find_faq` returns similar questions that staff have answered; they come first unless one of them is the answer.
    """

    def __init__(self, index: Index, encoder: Encoder, find_faq: Callable[[Turn], Sequence[str]] | None = None) -> None:
        self._encoder = encoder
        self._find_faq = find_faq
        self._documents = {document.id: document for document in index.documents}
        self._questions = section_questions(index)
        self._vectors = encoder.encode_documents([*self._questions]) if self._questions else None

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with up to three suggestions, unless its draft already has some."""
        draft = turn.draft
        if draft is None or draft.suggestions or draft.status not in _WITH_SUGGESTIONS or turn.query is None:
            return turn
        find_faq = None if draft.is_curated else self._find_faq
        by_staff = [text for text in (find_faq(turn) if find_faq else ())[:_MAX_FAQ] if not names_person(text)]
        found = dict.fromkeys((*by_staff, *self._similar(turn.query, draft.sources or draft.nearest)))
        suggestions = tuple(text for text in found if text != turn.query.text)[:_MAX_SUGGESTIONS]
        return replace(turn, draft=replace(draft, suggestions=suggestions))

    def examples(self, doc_ids: Collection[str], limit: int) -> tuple[str, ...]:
        """Return up to `limit` example questions, taken in turn from the documents in their order."""
        by_document: dict[str, list[str]] = {doc_id: [] for doc_id in doc_ids}
        for question, passage in self._questions.items():
            if passage.doc_id in by_document:
                by_document[passage.doc_id].append(question)
        in_turn = zip_longest(*(_sample_evenly(questions, limit) for questions in by_document.values()))
        return tuple(filter(None, chain.from_iterable(in_turn)))[:limit]

    def _similar(self, query: Query, sources: Sequence[Source]) -> list[str]:
        if self._vectors is None:
            return []
        doc_ids = {source.passage.doc_id for source in sources}
        cited = {(source.passage.doc_id, source.passage.path) for source in sources}
        # Sections of a plan share one subject; those of a bulletin do not.
        is_from_plan = any(self._documents[doc_id].kind != "notice" for doc_id in doc_ids)
        least = -1.0 if is_from_plan else _MIN_COSINE
        cosines = (self._vectors @ self._encoder.encode_query(query.text)).tolist()
        similar = [
            (cosine, question)
            for cosine, (question, passage) in zip(cosines, self._questions.items(), strict=True)
            if cosine >= least and passage.doc_id in doc_ids and (passage.doc_id, passage.path) not in cited
        ]
        return [question for _, question in sorted(similar, key=lambda pair: -pair[0])]


def _sample_evenly(questions: list[str], limit: int) -> list[str]:
    if len(questions) <= limit:
        return questions
    return [questions[round(i * (len(questions) - 1) / max(limit - 1, 1))] for i in range(limit)]
