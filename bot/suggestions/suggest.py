"""Selects the suggestions most similar to the question."""

import json
import logging
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, product, zip_longest
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.languages import catalogue
from bot.question.subject_words import is_vague, subject_terms
from bot.relevance.event_dates import past_day
from bot.state import Status, Turn
from bot.state.query import Query
from ingest.documents import Document, Passage
from ingest.embedding import Encoder
from ingest.index.index import Index
from ingest.japanese import nfkc
from ingest.japanese.characters import KANJI
from ingest.japanese.column_roles import Role, roles_of
from ingest.japanese.markers import LEADING_MARK
from ingest.japanese.tokenise import morphemes, words

# Longest question in characters that fits on two lines of a phone.
_MAX_CHARS = 44
# Length in characters: a shorter heading is too vague for a question, a longer one is a sentence.
_HEADING_LENGTHS = range(4, 29)
# Marks and numbers before a heading: ■, ▶, (1), 1.2., 第3. Not the 3 of 3歳児.
_NUMBERING = re.compile(rf"^(?:\s+|{LEADING_MARK}|[(（]\d{{1,2}}[)）]\s*|第?\d+(?:[.．]\d+)*[.．、\s]\s*)+")
# Additions after the name in a heading: telephone numbers, (new).
_SUFFIX = re.compile(r"\s*(?:【(?:電話|FAX|HP|メール|Eメール)】.*|[\[［][^\]］]{1,6}[\]］])$")
_FIGURE_START = re.compile(r"(?:約|計|延べ|[△▲+-])?\s?\d")
# Labels in a section, by the form of question that the text after them answers.
_LABELLED = {
    "when": re.compile(r"(?:日時|とき|開催日|期日|実施日)(?::|\s)"),
    "where": re.compile(r"(?:場所|会場|ところ)(?::|\s)"),
    "cost": re.compile(r"(?:費用|参加費|受講料|料金|入場料|観覧料)(?::|\s)"),
    "apply": re.compile(r"(?:申し?込み?|申込方法|応募方法)(?::|\s)"),
    "whom": re.compile(r"(?:対象|応募資格)(?::|\s)"),
}
# Kinds of headings whose sections state a date or an amount without a label.
_TIME_HEADING = re.compile(r"(?:期間|期限|締切|締め切り)$")
_MONEY_HEADING = re.compile(r"(?:費|料|料金|税|手当|給付金?|補助(?:金|制度)?|助成金?|奨励金|支援金|貸付|券|減免)$")
_DAY = re.compile(r"\d\s?[年月日]")
_AMOUNT = re.compile(r"\d[\d,]*(?:万|億)?円")
_APPLYING = re.compile(r"申し?込[みむん]|申請(?:書|方法|先|して|が必要)|応募(?:用紙|方法|して)|届け出")
_ITEM = re.compile(r"^\s*(?:[-・●○◎◆◇]|[(（]\d{1,2}[)）]|[①-⑳])", re.MULTILINE)
# A list has at least this many items.
_MIN_ITEMS = 3
_PLURAL_HEADING = re.compile(
    r"(?:指針|方針|方向性|施策|取組|取り組み|事業|制度|種類|項目|分野|視点|目標|サービス|書類|施設|窓口|支援|対策)$"
)
# A heading of a FAQ that is itself a question.
_QUESTION = re.compile(r".{4,}(?:か|\?)[。?]?$")
_IN_NAMES = {"名詞", "接頭辞", "接尾辞", "補助記号", "記号", "空白"}
_KANJI = re.compile(f"[{KANJI}々﨑]+")
# A name in two words (森 颯太), or an age (7歳).
_TWO_WORDS = re.compile(r"^[一-龥々髙﨑]{1,3}\s[一-龥々ぁ-ん]{1,4}(?![一-龥々ぁ-んァ-ヶ])|[(（]\d{1,3}歳[)）]")
_MIN_LABEL_LENGTH = 2
_TITLES = frozenset({"さん", "君", "くん", "ちゃん", "氏", "様"})
_COMMON_NOUNS = frozenset({"普通名詞", "副詞"})
# Suffixes that turn a name into a place.
_PLACE_SUFFIXES = frozenset("市町村区県郡駅")
# Forms that citizens ask first; the other forms list or explain.
_FORMS_ASKED_FIRST = ("apply", "cost", "amount", "when", "until", "where", "whom")


def question_candidates(document: Document, passages: Sequence[Passage]) -> Iterator[tuple[str, Passage]]:
    """Yield questions, each with its passage; headings of minutes are skipped because they are speakers' names."""
    texts: dict[tuple[str, ...], list[str]] = {}
    for passage in passages:
        texts.setdefault(passage.path, []).append(nfkc(passage.text))
    asked_sections: set[tuple[str, ...]] = set()
    form_counts = Counter[str]()
    for passage in passages:
        question = None
        if passage.kind == "row":
            question = _row_question(passage)
        elif passage.path not in asked_sections and document.kind != "meeting":
            asked_sections.add(passage.path)
            question = _section_question(document, passage, "\n".join(texts[passage.path]), form_counts)
        if question and len(question) <= _MAX_CHARS and not names_person(question):
            yield question, passage


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
        if not is_place and (token.pos[2] == "人名" or is_unknown):
            return True
    return False


def is_asked_first(question: str) -> bool:
    """Whether a question is about a procedure, money, a date, a place or eligibility: what citizens ask first."""
    return any(question.endswith(catalogue()["offered"][form].removeprefix("{name}")) for form in _FORMS_ASKED_FIRST)


def _section_question(document: Document, passage: Passage, text: str, form_counts: Counter[str]) -> str | None:
    heading = _SUFFIX.sub("", _NUMBERING.sub("", nfkc(passage.section))).strip()
    if document.kind == "faq" and _QUESTION.fullmatch(heading):
        return heading
    if len(heading) not in _HEADING_LENGTHS or heading in nfkc(document.title):
        return None
    if not all(m.pos[0] in _IN_NAMES or m.surface == "の" for m in morphemes(heading)):
        return None
    if document.kind == "notice" and is_vague(heading):
        return None  # 施設概要 is ambiguous among the notices of a year
    has_content = {form: label.search(text) for form, label in _LABELLED.items()} | {
        "until": _TIME_HEADING.search(heading) and _DAY.search(text),
        "amount": _MONEY_HEADING.search(heading) and _AMOUNT.search(text),
    }
    has_content["apply"] = has_content["apply"] or _APPLYING.search(text)
    forms = [form for form, has in has_content.items() if has]
    if not forms and document.kind != "notice":
        forms = _fallback_forms(heading, text)
    if not forms:
        return None
    form = min(forms, key=lambda candidate: form_counts[candidate])  # alternate between forms
    form_counts[form] += 1
    return str(catalogue()["offered"][form]).format(name=heading)


def _fallback_forms(heading: str, text: str) -> list[str]:
    has_list = len(_ITEM.findall(text)) >= _MIN_ITEMS
    last = morphemes(heading)[-1]
    if has_list and _PLURAL_HEADING.search(heading):
        return ["parts"]
    if has_list and (last.pos[2] == "サ変可能" or last.normal == "作り"):
        return ["does"]
    return ["meaning"] if re.search(rf"(?:^|[。\n]){re.escape(heading)}(?:とは|は)", text) else []


def _row_question(passage: Passage) -> str | None:
    if not passage.cells:
        return None
    label = nfkc(passage.cells[0].value).strip()
    columns = [
        nfkc(c.column).strip() for c in passage.cells[1:] if c.column and _FIGURE_START.match(nfkc(c.value).strip())
    ]
    if not columns or label.isdigit() or len(label) < _MIN_LABEL_LENGTH:
        return None
    column = next((c for c in columns if {Role.TARGET, Role.RESULT} & {*roles_of(c)}), columns[0])
    return str(catalogue()["offered"]["what"]).format(name=f"{label}の{column}")


_log = logging.getLogger(__name__)
FILE = "suggestions.json"
"""File of a generation with its questions: a list of [question, passage id]."""
_MAX_SUGGESTIONS = 3
# Limit of questions answered by staff, so that suggestions from documents still fit.
_MAX_CURATED = 2
# With more towns, none is suggested, so that other suggestions still fit.
_MAX_TOWNS = 2
# After a notice or no answer, a suggestion with a smaller cosine to the query is about another notice (decision 023).
_MIN_COSINE = 0.45
# As above, for the share of a suggestion's words, by rarity, in the query and the heading cited first.
_MIN_SHARED_WEIGHT = 0.3
_WITH_SUGGESTIONS = frozenset({Status.ANSWERED, Status.PARTIAL, Status.NO_ANSWER})


@dataclass(frozen=True, slots=True)
class _QuestionVectors:
    texts: tuple[str, ...]
    passage_ids: tuple[str, ...]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SuggestionTopic:
    """A top heading of a document, with questions answered in its section."""

    heading: str
    questions: tuple[str, ...]


class Suggestions:
    """Selects from the questions of an index, none if it was built without them. Safe to share.

    `find_curated` returns similar questions that staff have answered; they come first if a turn is not surely answered.
    """

    def __init__(
        self, index: Index, encoder: Encoder, find_curated: Callable[[Turn], Sequence[str]] | None = None
    ) -> None:
        self._index = index
        self._encoder = encoder
        self._find_curated = find_curated
        self._documents = {document.id: document for document in index.documents}
        self._issuers = sorted({document.issuer for document in index.documents if document.issuer})
        self._town_words = frozenset(chain.from_iterable(map(words, self._issuers)))
        self._questions = _load(index, encoder, index.folder / FILE)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with up to three suggestions, unless its draft already has some."""
        draft = turn.draft
        if draft is None or draft.suggestions or draft.status not in _WITH_SUGGESTIONS or turn.query is None:
            return turn
        cited = {(source.passage.doc_id, source.passage.path) for source in draft.sources}
        # Sections of a plan share one subject; those of a bulletin do not.
        is_from_plan = any(self._documents[source.passage.doc_id].kind != "notice" for source in draft.sources)
        headings = [source.passage.section for source in draft.sources[:1]]
        subject_words = None if is_from_plan else frozenset(words("\n".join((turn.query.text, *headings))))
        similar = self._most_similar(turn.query, cited, subject_words)
        find_curated = self._find_curated if draft.status is not Status.ANSWERED else None
        answered_by_staff = find_curated(turn)[:_MAX_CURATED] if find_curated else ()
        curated = [text for text in answered_by_staff if text != turn.query.text and not names_person(text)]
        suggestions = tuple(dict.fromkeys((*self._towns(turn), *curated, *similar)))[:_MAX_SUGGESTIONS]
        return replace(turn, draft=replace(draft, suggestions=suggestions))

    def examples(self, doc_ids: Collection[str], limit: int, day: date) -> tuple[str, ...]:
        """Return up to `limit` example questions, taken in turn from the documents in their order.

        Questions about coming events on `day` precede those about past ones; within both, questions that citizens ask
        first (procedures, costs, dates, places) precede the others.
        """
        groups: dict[tuple[bool, ...], dict[str, list[str]]] = {
            key: {doc_id: [] for doc_id in doc_ids} for key in product((False, True), repeat=2)
        }
        for question, passage in self._questions_with_passages():
            group = groups[self._is_past(passage, day), not is_asked_first(question)]
            if passage.doc_id in group:
                group[passage.doc_id].append(question)
        examples: list[str] = []
        for group in groups.values():
            samples = [_sample_evenly(questions, limit) for questions in group.values()]
            in_turn = chain.from_iterable(zip_longest(*samples))
            examples += [question for question in in_turn if question is not None]
        return tuple(dict.fromkeys(examples))[:limit]

    def _questions_with_passages(self) -> Iterator[tuple[str, Passage]]:
        return zip(self._questions.texts, map(self._find_passage, self._questions.passage_ids), strict=True)

    def topics(self, doc_ids: Collection[str], limit: int, questions_per_topic: int) -> tuple[SuggestionTopic, ...]:
        """Return up to `limit` of the top headings of these documents, each with some of the questions below it.

        Selects the headings with the most questions, in document order.
        """
        by_heading: dict[tuple[str, str], list[str]] = {}
        for question, passage in self._questions_with_passages():
            if passage.doc_id in doc_ids and len(passage.path) > 1 and not names_person(passage.path[0]):
                by_heading.setdefault((passage.doc_id, passage.path[0]), []).append(question)
        order = {doc_id: i for i, doc_id in enumerate(doc_ids)}
        headings = sorted(by_heading, key=lambda heading: order[heading[0]])
        largest = sorted(headings, key=lambda heading: -len(by_heading[heading]))[:limit]
        return tuple(
            SuggestionTopic(heading[1], tuple(_sample_evenly(by_heading[heading], questions_per_topic)))
            for heading in headings
            if heading in largest
        )

    def _towns(self, turn: Turn) -> tuple[str, ...]:
        names_town = turn.query is None or turn.query.scope.issuers or turn.query.scope.named
        cited = turn.draft is not None and turn.draft.sources
        if names_town or not cited or not 1 < len(self._issuers) <= _MAX_TOWNS:
            return ()
        return tuple(catalogue()["offered"]["there"].format(name=nfkc(town)) for town in self._issuers)

    def _most_similar(
        self, query: Query, cited: set[tuple[str, tuple[str, ...]]], subject_words: frozenset[str] | None
    ) -> tuple[str, ...]:
        if not self._questions.texts:
            return ()
        cosines = self._questions.vectors @ self._encoder.encode_query(query.text)
        similar: list[str] = []
        for i in np.argsort(-cosines, kind="stable"):
            question = self._questions.texts[i]
            passage = self._find_passage(self._questions.passage_ids[i])
            if (subject_words is not None and cosines[i] < _MIN_COSINE) or len(similar) == _MAX_SUGGESTIONS:
                break
            if passage.doc_id not in query.scope.preferred or (passage.doc_id, passage.path) in cited:
                continue
            is_near = subject_words is None
            if subject_words is not None and not self._is_past(passage, query.scope.as_of):
                terms = subject_terms(words(question)) - self._town_words
                rarity = {word: self._index.keyword.idf(word) for word in terms}
                shared = sum(rarity[word] for word in terms & subject_words)
                is_near = shared / max(sum(rarity.values()), 1e-6) >= _MIN_SHARED_WEIGHT
            if is_near and question != query.text:
                similar.append(question)
        return tuple(similar)

    def _find_passage(self, passage_id: str) -> Passage:
        return self._index.passages[self._index.passage_row(passage_id)]

    def _is_past(self, passage: Passage, day: date) -> bool:
        return bool(past_day(self._documents[passage.doc_id], [passage.text], day))


def _sample_evenly(questions: list[str], limit: int) -> list[str]:
    if len(questions) <= limit:
        return questions
    return [questions[round(i * (len(questions) - 1) / max(limit - 1, 1))] for i in range(limit)]


def _load(index: Index, encoder: Encoder, file: Path) -> _QuestionVectors:
    try:
        pairs = [(nfkc(str(question)), str(passage)) for question, passage in json.loads(file.read_text("utf-8"))]
        for _, passage_id in pairs:
            index.passage_row(passage_id)
    except FileNotFoundError:
        pairs = []
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("質問の候補を読めません（%s）。`python -m ingest build --full` で作り直せます。", error)
        pairs = []
    questions = tuple(question for question, _ in pairs)
    vectors = encoder.encode_documents(questions) if questions else np.zeros((0, encoder.dimension), np.float32)
    return _QuestionVectors(questions, tuple(passage for _, passage in pairs), vectors)
