"""Selects the passages and document data that the language model reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.guardrails.prompt_injection import has_instructions
from bot.llm.task import escape_prompt_data
from bot.state import Turn, Unit
from bot.state.citation_marks import escape_marks
from bot.verification import SourceText, to_source_texts
from ingest.documents import Document, DocumentKind, Passage
from ingest.index.index import Index
from ingest.japanese.dates import era_year
from ingest.japanese.today import format_japanese_date
from ingest.metadata.validity import is_in_force, superseded_by, superseding_documents
from ingest.minutes import Kind, read_speeches

# Passages found that are read, best first; with their neighbours no more than so many, of so many letters.
_FOUND, _MOST, _LETTERS = 10, 16, 7000
# Passages of a compact prompt, and the characters of each.
_COMPACT_PASSAGES, _COMPACT_CHARS = 4, 220
_KINDS: Mapping[DocumentKind, str] = {
    "plan": "計画",
    "meeting": "会議の記録",
    "faq": "よくある質問",
    "notice": "お知らせ",
    "rule": "条例・規則・要綱",
    "other": "その他",
}
_KINDS_OF_SPEECH = {Kind.QUESTION: "質問", Kind.REPLY: "答え", Kind.STATEMENT: "発言"}
_LANGUAGES = {"ja": "日本語", "en": "英語", "zh": "中国語", "vi": "ベトナム語", "pt": "ポルトガル語", "ko": "韓国語"}


@dataclass(frozen=True, slots=True)
class Materials:
    """The passages that are offered, `passages[n - 1]` as `[n]`, also as source texts for verification.

    `frames` are the parts of the prompt that show them.
    """

    passages: tuple[Passage, ...]
    sources: tuple[SourceText, ...]
    frames: tuple[str, ...]


class MaterialsSelector:
    """Chooses what a model reads for a question, of one opened index; safe to share between threads.

    Where `is_compact`, these are few passages, cut to the sentences that matter for the question.
    """

    def __init__(self, index: Index, *, is_compact: bool = False) -> None:
        self._documents = {document.id: document for document in index.documents}
        self._replacing = superseding_documents(index.documents)
        self._row = index.passage_row
        self._passages = index.passages
        self._is_compact = is_compact

    def __call__(self, turn: Turn) -> Materials:
        """Return the best passages in the order of the search, those of one section together with their neighbours."""
        if self._is_compact:
            return self._compact(turn)
        sections: dict[tuple[str, tuple[str, ...]], set[int]] = {}
        found = [self._row(hit.passage.id) for hit in turn.hits[:_FOUND]]
        for place in found:
            sections.setdefault(self._section(place), set()).add(place)
        read, letters = set(found), sum(len(self._passages[place].text) for place in found)
        for place in found:
            for near in (place + 1, place - 1):
                if near in read or not self._is_in_section(near, self._section(place)) or len(read) >= _MOST:
                    continue
                letters += len(self._passages[near].text)
                if letters <= _LETTERS:
                    read.add(near)
                    sections[self._section(place)].add(near)
        ordered = [[self._passages[place] for place in sorted(places)] for places in sections.values()]
        return self._numbered(ordered, turn.effective_day, lambda passage: passage.text)

    def _compact(self, turn: Turn) -> Materials:
        """Return the passages that most likely answer, each cut to the sentences that matter."""
        scored = turn.reading.passages[:_COMPACT_PASSAGES] if turn.reading else ()
        best = [one.hit.passage for one in scored] or [hit.passage for hit in turn.hits[:_COMPACT_PASSAGES]]
        units = {one.hit.passage.id: one.units for one in scored}
        sections: dict[tuple[str, tuple[str, ...]], list[Passage]] = {}
        for passage in best:
            sections.setdefault((passage.doc_id, passage.path), []).append(passage)
        return self._numbered(
            list(sections.values()), turn.effective_day, lambda passage: _cut(passage, units.get(passage.id, ()))
        )

    def _section(self, place: int) -> tuple[str, tuple[str, ...]]:
        return self._passages[place].doc_id, self._passages[place].path

    def _is_in_section(self, place: int, section: tuple[str, tuple[str, ...]]) -> bool:
        return 0 <= place < len(self._passages) and self._section(place) == section

    def _numbered(
        self, sections: Sequence[Sequence[Passage]], as_of: date, text_of: Callable[[Passage], str]
    ) -> Materials:
        passages, frames = list[Passage](), list[str]()
        for section in sections:
            numbered = [(n, text_of(passage)) for n, passage in enumerate(section, len(passages) + 1)]
            speakers = "" if self._is_compact else _speakers(section)
            frames.append(format_frame(f"{self._heading(section[0], as_of)}{speakers}", numbered))
            passages += section
        sources = to_source_texts(passages, tuple(self._documents.values()))
        return Materials(tuple(passages), tuple(sources), tuple(frames))

    def _heading(self, passage: Passage, as_of: date) -> str:
        """Return what a clerk knows of a section's passages: whose words they are, from when, whether they hold."""
        document = self._documents[passage.doc_id]
        if self._is_compact:
            validity = self._validity(document, as_of)
            title = f"{_name(document)}({validity})" if validity else _name(document)
            return as_prompt_data(f"{title} > {' > '.join(passage.path[-2:])}")
        issuer = "" if has_instructions(document.issuer) else document.issuer
        published = f"{document.published}公表" if document.published else ""
        in_text = f"本文の日付{document.date_in_text}" if document.date_in_text and not published else ""
        told = [_KINDS[document.kind], issuer, published, in_text]
        if document.period:
            told.append(f"期間{document.period.start}から{document.period.end}まで")
        told.append(self._validity(document, as_of))
        lines = [
            f"文書: {_name(document)}({'、'.join(one for one in told if one)})",
            f"見出し: {' > '.join(passage.path)}",
            f"ページ: {passage.page}" if passage.page else "",
        ]
        return as_prompt_data("\n".join(line for line in lines if line))

    def _validity(self, document: Document, as_of: date) -> str:
        if newer := superseded_by(document, as_of, self._replacing):
            return f"旧版、「{_name(newer)}」に置きかわった"
        if document.period is None:
            return ""
        return "現行" if is_in_force(document, as_of, self._replacing) else "期間外"


def _speakers(passages: Sequence[Passage]) -> str:
    """Return a line with those who speak in passages of minutes and what they do, "" for other passages."""
    spoken = (speech for passage in passages for speech in read_speeches(passage))
    named = (f"{s.person.display}({_KINDS_OF_SPEECH[s.kind]})" for s in spoken if s.person and s.person.label)
    listed = list(dict.fromkeys(named))
    return as_prompt_data(f"\n発言者: {'、'.join(listed)}") if listed else ""


def _name(document: Document) -> str:
    """Return the title, or the id of a document whose title, maybe its file's name, gives orders to the machine."""
    return document.id if has_instructions(document.title) else document.title


def reading_limits(*, is_compact: bool) -> tuple[int, int]:
    """Return how many passages a model is given at most, and the characters of them all."""
    return (_COMPACT_PASSAGES, _COMPACT_PASSAGES * _COMPACT_CHARS) if is_compact else (_MOST, _LETTERS)


def format_frame(heading: str, numbered: Sequence[tuple[int, str]]) -> str:
    """Return the part of a prompt with the passages of one section, each with its number."""
    body = "\n".join(f"[{n}]\n{as_prompt_data(text)}" for n, text in numbered)
    return f"<資料>\n{heading}\n{body}\n</資料>"


def describe_situation(turn: Turn) -> str:
    """Return what a clerk knows of the asker: the day, who reads, in which style and language, and names they use."""
    language = turn.query.answer_language if turn.query else "ja"
    told = _LANGUAGES.get(language, "質問と同じ言語")
    lines = [
        f"日付: {format_japanese_date(turn.effective_day)}({era_year(turn.effective_day.year)}年)",
        "読む人: 窓口で電話を受ける職員" if turn.question.audience == "staff" else "読む人: 市民",
        f"答えの言語: {told}",
    ]
    lines += [
        f"言葉: 質問の「{name.name}」は、文書では「{'」または「'.join(name.officials)}」と呼ばれるもの"
        for name in turn.searched_names
    ]
    if language != "ja":
        lines.append("quotes は資料の日本語のまま写します。年は西暦で書きます。")
    if turn.question.style == "easy":
        lines.append("書き方: やさしい日本語。短い文で、むずかしい言葉を使いません。")
    return "\n".join(lines)


def as_prompt_data(text: str) -> str:
    """Return `text` as data of a prompt, in which nothing looks like a mark of citation."""
    return escape_marks(escape_prompt_data(text))


def _cut(passage: Passage, units: Sequence[Unit]) -> str:
    """Return the parts of a passage's text that most likely answer, in order, up to the limit of a compact prompt.

    A part next to the best ones is kept as well: exceptions and prices are often one sentence on.
    """
    text = passage.text
    if len(text) <= _COMPACT_CHARS or not units:
        return text[:_COMPACT_CHARS]
    ranked = sorted(range(len(units)), key=lambda n: -units[n].probability)
    kept, length = set[int](), 0
    for place in dict.fromkeys(near for n in ranked for near in (n, n + 1) if near < len(units)):
        size = units[place].end - units[place].start
        if length + size > _COMPACT_CHARS and kept:
            break
        kept.add(place)
        length += size
    return "\n".join(text[units[n].start : units[n].end].strip() for n in sorted(kept))
