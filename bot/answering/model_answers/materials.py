"""Selects the passages and document data that the language model reads."""

import calendar
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain, groupby, takewhile, zip_longest

import jpholiday
from dateutil.relativedelta import relativedelta

from bot.answering.languages import NAMES_IN_JAPANESE, catalogue
from bot.answering.llm.chat_model import escape_prompt_data
from bot.answering.llm.model_calls import estimate_tokens
from bot.answering.state import Turn, Unit
from bot.answering.state.citation_marks import escape_marks
from bot.answering.verification.source_text import SourceText, to_source_texts
from ingest.documents import Document, Passage
from ingest.guardrails.prompt_injection import has_instructions
from ingest.index.index import Index
from ingest.japanese import nfkc, telephones
from ingest.japanese.mentions.days import days_in
from ingest.japanese.mentions.times import era_year
from ingest.japanese.normal_forms import normalise_figures
from ingest.japanese.notation import WEEKDAYS
from ingest.japanese.today import format_japanese_date

MAX_TOKENS = 20_000
"""Estimated tokens of the passages of a prompt at most; documents that have no more are given whole."""
# Passages of the ranking that are given of longer documents (decision 089).
_MAX_RANKED = 20
# Best passages that are given with their section, and its characters; lists and small tables are whole.
_MAX_WHOLE_SECTIONS = 3
_MAX_SECTION_CHARACTERS = 3000
# Passages of a compact prompt.
_MAX_COMPACT_PASSAGES = 4
# Characters of each passage of a compact prompt.
_MAX_COMPACT_CHARACTERS = 220
MAX_COMPACT_TOKENS = _MAX_COMPACT_PASSAGES * _MAX_COMPACT_CHARACTERS
"""Estimated tokens of the passages of a compact prompt at most."""
# Sets of documents whose numbered passages are kept.
_CACHED_SETS = 16
_CACHED_IMPRINTS = 1024
# Periods from a day in the question mostly end within these.
_TWO_WEEKS = timedelta(weeks=2)
_YEAR = timedelta(days=366)
_MAX_MONTHS = 5


@dataclass(frozen=True, slots=True)
class ShownPassage:
    """A passage as a prompt shows it: the data of its document, those of its section, and its words."""

    document: str
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class Materials:
    """The passages that are offered, `passages[n - 1]` as `[n]`, also as source texts for verification.

    Attributes:
        shown: the passages as the prompt shows them.
        ranked: the numbers of those that are kept where not all fit, best first.
        is_whole: whether they are all passages of the documents that may answer.
    """

    passages: tuple[Passage, ...]
    sources: tuple[SourceText, ...]
    shown: tuple[ShownPassage, ...]
    ranked: tuple[int, ...]
    is_whole: bool = False

    def format_frames(self, numbers: Iterable[int]) -> str:
        """Return passages by their numbers as the prompt shows them, under the data of their documents and sections."""
        frames = list[str]()
        for document, of_document in groupby(sorted(numbers), key=lambda n: self.shown[n - 1].document):
            lines = [document]
            for section, of_section in groupby(of_document, key=lambda n: self.shown[n - 1].section):
                lines += [section, *(f"[{n}]\n{self.shown[n - 1].text}" for n in of_section)]
            frames.append("\n".join(("<資料>", *filter(None, lines), "</資料>")))
        return "\n\n".join(frames)

    def fit(self, limit: int | None) -> str:
        """Return all passages; if they have more than `limit` estimated tokens, the best that fit."""
        everything = self.format_frames(range(1, len(self.passages) + 1))
        if limit is None or estimate_tokens(everything) <= limit:
            return everything
        kept = self.ranked[:1]
        for count in range(2, len(self.ranked) + 1):
            if estimate_tokens(self.format_frames(self.ranked[:count])) > limit:
                break
            kept = self.ranked[:count]
        return self.format_frames(kept)


class MaterialsSelector:
    """Chooses what a model reads for a question, of one opened index; safe to share between threads.

    With `is_compact`, these are few passages, cut to the sentences that matter for the question.
    """

    def __init__(self, index: Index, *, is_compact: bool = False) -> None:
        self._index = index
        self._is_compact = is_compact
        self._whole_documents = lru_cache(_CACHED_SETS)(self._number_whole_documents)
        self._imprint = lru_cache(_CACHED_IMPRINTS)(self._find_imprint)

    def __call__(self, turn: Turn) -> Materials:
        """Return all passages of the documents in the question's scope if these are short, else the best passages."""
        if self._is_compact:
            return self._compact(turn)
        ranked = _ranked(turn)[:_MAX_RANKED]
        around = chain.from_iterable(map(self._section_of, ranked[:_MAX_WHOLE_SECTIONS]))
        ranked = _distinct([*ranked, *around, *self._imprint(ranked[0].doc_id)])
        allowed = turn.query.scope.allowed if turn.query else frozenset(self._index.by_id)
        whole = self._whole_documents(tuple(filter(allowed.__contains__, self._index.by_id)), turn.effective_day)
        if whole is None or {passage.id for passage in ranked} - {passage.id for passage in whole.passages}:
            return self._number(self._by_section(ranked), turn.effective_day, ranked)
        return _with_ranking(whole, ranked)

    def extend(self, materials: Materials, passages: Iterable[Passage], turn: Turn) -> Materials:
        """Return the materials with more passages, numbered after the others and kept before them."""
        ids = {passage.id for passage in materials.passages}
        added = self._by_section(_distinct(passage for passage in passages if passage.id not in ids))
        new = self._number(added, turn.effective_day)
        count = len(materials.passages)
        return replace(
            materials,
            passages=(*materials.passages, *new.passages),
            sources=(*materials.sources, *new.sources),
            shown=(*materials.shown, *new.shown),
            ranked=(*range(count + 1, count + len(added) + 1), *materials.ranked),
        )

    def _number_whole_documents(self, doc_ids: tuple[str, ...], as_of: date) -> Materials | None:
        passages = list[Passage]()
        tokens = 0
        for passage in chain.from_iterable(map(self._index.document_passages, doc_ids)):
            tokens += estimate_tokens(passage.text)
            if tokens > MAX_TOKENS:
                return None
            passages.append(passage)
        materials = replace(self._number(passages, as_of), is_whole=True)
        return materials if estimate_tokens(materials.fit(None)) <= MAX_TOKENS else None

    def _section_of(self, best: Passage) -> list[Passage]:
        row = self._index.passage_row(best.id)

        def read_on(step: int) -> Iterator[Passage]:
            return takewhile(lambda passage: _section(passage) == _section(best), self._index.passages_from(row, step))

        characters = len(best.text)
        members = list[Passage]()
        for passage in filter(None, chain.from_iterable(zip_longest(read_on(1), read_on(-1)))):
            characters += len(passage.text)
            if characters > _MAX_SECTION_CHARACTERS:
                break
            members.append(passage)
        return members

    def _find_imprint(self, doc_id: str) -> tuple[Passage, ...]:
        # Only if one section of the document has all of its telephone numbers.
        found = [passage for passage in self._index.document_passages(doc_id) if telephones(nfkc(passage.text))]
        is_one_section = len({passage.path for passage in found}) == 1
        return tuple(found) if is_one_section else ()

    def _by_section(self, passages: Sequence[Passage]) -> list[Passage]:
        # In the order of their sections' best ones, those of a section in reading order.
        sections: dict[tuple[str, tuple[str, ...]], list[Passage]] = {}
        for passage in passages:
            sections.setdefault(_section(passage), []).append(passage)
        for section in sections.values():
            section.sort(key=lambda passage: self._index.passage_row(passage.id))
        return list(chain.from_iterable(sections.values()))

    def _compact(self, turn: Turn) -> Materials:
        units = {one.hit.passage.id: one.units for one in turn.relevance.passages} if turn.relevance else {}
        best = _ranked(turn)[:_MAX_COMPACT_PASSAGES]
        return self._number(
            self._by_section(best),
            turn.effective_day,
            best,
            lambda passage: _cut(passage, units.get(passage.id, ())),
        )

    def _number(
        self,
        passages: Sequence[Passage],
        as_of: date,
        ranked: Sequence[Passage] = (),
        text_of: Callable[[Passage], str] = lambda passage: passage.text,
    ) -> Materials:
        shown = list[ShownPassage]()
        for _, section in groupby(passages, _section):
            members = list(section)
            document, heading = self._headings(members, as_of)
            shown += [ShownPassage(document, heading, as_prompt_data(text_of(passage))) for passage in members]
        sources = tuple(to_source_texts(passages, tuple(self._index.by_id.values())))
        return _with_ranking(Materials(tuple(passages), sources, tuple(shown), ()), ranked)

    def _headings(self, section: Sequence[Passage], as_of: date) -> tuple[str, str]:
        first = section[0]
        document = self._index.by_id[first.doc_id]
        validity = self._validity(document, as_of)
        if self._is_compact:
            title = f"{_name(document)}({validity})" if validity else _name(document)
            return "", as_prompt_data(f"{title} > {' > '.join(first.path[-2:])}")
        issuer = "" if has_instructions(document.issuer) else document.issuer
        published = f"{document.published}公表" if document.published else ""
        in_text = f"本文の日付{document.date_in_text}" if document.date_in_text and not published else ""
        period = f"期間{document.period.start}から{document.period.end}まで" if document.period else ""
        details = filter(None, (catalogue()["kinds"][document.kind], issuer, published, in_text, period, validity))
        path = first.path[1:] if first.path[:1] == (document.title,) else first.path
        lines = [f"見出し: {' > '.join(path)}" if path else ""]
        lines += [f"ページ: {first.page}"] if first.page else []
        return (
            as_prompt_data(f"文書: {_name(document)}({'、'.join(details)})"),
            as_prompt_data("\n".join(filter(None, lines))),
        )

    def _validity(self, document: Document, as_of: date) -> str:
        if newer := self._index.publications.successor(document, as_of):
            return f"旧版、「{_name(newer)}」に置きかわった"
        if document.period is None:
            return ""
        return "現行" if self._index.publications.is_in_force(document, as_of) else "期間外"


def _ranked(turn: Turn) -> list[Passage]:
    # Those that an excerpt would show come first: the plan in force before the one it replaced.
    scored = (*turn.relevance.selected, *turn.curated.selected, *turn.relevance.passages) if turn.relevance else ()
    return _distinct([*(one.hit.passage for one in scored), *(hit.passage for hit in turn.hits)])


def _section(passage: Passage) -> tuple[str, tuple[str, ...]]:
    return passage.doc_id, passage.path


def _distinct(passages: Iterable[Passage]) -> list[Passage]:
    return list({passage.id: passage for passage in passages}.values())


def _with_ranking(materials: Materials, ranked: Sequence[Passage]) -> Materials:
    numbers = {passage.id: n for n, passage in enumerate(materials.passages, 1)}
    return replace(materials, ranked=tuple(numbers[passage.id] for passage in ranked))


def _name(document: Document) -> str:
    return document.id if has_instructions(document.title) else document.title


def describe_situation(turn: Turn, question: str | None = None) -> str:
    """Return the lines of a prompt about the reader: day, audience, language, style, and names that the reader uses.

    With the `question` as the model reads it there is a calendar, of the months of the day and of the days in it.
    """
    language = turn.query.answer_language if turn.query else "ja"
    day = turn.effective_day
    lines = [
        f"日付: {format_japanese_date(day)}({era_year(day.year)}年、{WEEKDAYS[day.weekday()]}曜日)",
        *(_calendar(question, day) if question is not None else ()),
        "読む人: 窓口で電話を受ける職員" if turn.question.audience == "staff" else "読む人: 市民",
        f"答えの言語: {NAMES_IN_JAPANESE.get(language, '質問と同じ言語')}",
    ]
    lines += [
        f"言葉: 質問の「{name.name}」は、文書では「{'」または「'.join(name.officials)}」と呼ばれるもの"
        for name in turn.searched_names
    ]
    if turn.absent:
        lines.append(f"「{'」「'.join(turn.absent)}」という名前は、資料のどこにも見つかりません。")
    if language != "ja":
        lines.append("quotes は資料の日本語のまま写します。年は西暦で書きます。")
    if turn.question.style == "easy":
        lines.append("書き方: やさしい日本語。短い文で、むずかしい言葉を使いません。")
    return "\n".join(lines)


def _calendar(question: str, today: date) -> list[str]:
    asked = [day for day in days_in(normalise_figures(question), today) if abs(day - today) < _YEAR]
    days = (today, today + relativedelta(months=1), *(day for one in asked for day in (one, one + _TWO_WEEKS)))
    lines = list[str]()
    for year, month in sorted({(day.year, day.month) for day in days})[:_MAX_MONTHS]:
        weeks = calendar.monthcalendar(year, month)
        weekdays = [f"{name} {'・'.join(str(week[n]) for week in weeks if week[n])}" for n, name in enumerate(WEEKDAYS)]
        holidays = [f"{day.day}日({name})" for day, name in jpholiday.month_holidays(year, month)]
        lines.append(f"{year}年{month}月の暦: {'、'.join(weekdays)}。祝日 {'、'.join(holidays) or 'なし'}")
    return lines


def as_prompt_data(text: str) -> str:
    """Return `text` as data of a prompt, in which nothing looks like a citation mark."""
    return escape_marks(escape_prompt_data(text))


def _cut(passage: Passage, units: Sequence[Unit]) -> str:
    text = passage.text
    if len(text) <= _MAX_COMPACT_CHARACTERS or not units:
        return text[:_MAX_COMPACT_CHARACTERS]
    by_probability = sorted(range(len(units)), key=lambda i: -units[i].probability)
    # Exceptions and prices are often in the next sentence.
    with_following = dict.fromkeys(j for i in by_probability for j in (i, i + 1) if j < len(units))
    selected = set[int]()
    length = 0
    for i in with_following:
        size = units[i].end - units[i].start
        if length + size > _MAX_COMPACT_CHARACTERS and selected:
            break
        selected.add(i)
        length += size
    return "\n".join(text[units[i].start : units[i].end].strip() for i in sorted(selected))
