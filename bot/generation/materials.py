"""Selects the passages and document data that the language model reads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.guardrails.prompt_injection import has_instructions
from bot.languages import NAMES_IN_JAPANESE
from bot.llm.chat_model import escape_prompt_data
from bot.state import Turn, Unit
from bot.state.citation_marks import escape_marks
from bot.verification.source_text import SourceText
from bot.verification.statement_check import to_source_texts
from ingest.documents import Document, DocumentKind, Passage
from ingest.index.index import Index
from ingest.japanese.dates import era_year
from ingest.japanese.today import format_japanese_date
from ingest.metadata.validity import is_in_force, superseded_by, superseding_documents
from ingest.minutes import Kind, read_speeches

# Hits that a model reads, best first.
_MAX_HITS = 10
# Passages that a model reads, hits and their neighbours.
_MAX_PASSAGES = 16
# Characters of these passages.
_MAX_CHARACTERS = 7000
# Passages of a compact prompt.
_MAX_COMPACT_PASSAGES = 4
# Characters of each passage of a compact prompt.
_MAX_COMPACT_CHARACTERS = 220
_DOCUMENT_KINDS: Mapping[DocumentKind, str] = {
    "plan": "計画",
    "meeting": "会議の記録",
    "faq": "よくある質問",
    "notice": "お知らせ",
    "rule": "条例・規則・要綱",
    "other": "その他",
}
_SPEECH_KINDS = {Kind.QUESTION: "質問", Kind.REPLY: "答え", Kind.STATEMENT: "発言"}


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

    With `is_compact`, these are few passages, cut to the sentences that matter for the question.
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
        hit_rows = [self._row(hit.passage.id) for hit in turn.hits[:_MAX_HITS]]
        sections: dict[tuple[str, tuple[str, ...]], set[int]] = {}
        for row in hit_rows:
            sections.setdefault(self._section(row), set()).add(row)
        selected = set(hit_rows)
        characters = sum(len(self._passages[row].text) for row in hit_rows)
        for row in hit_rows:
            section = self._section(row)
            for neighbour in (row + 1, row - 1):
                is_candidate = neighbour not in selected and (
                    0 <= neighbour < len(self._passages) and self._section(neighbour) == section
                )
                if not is_candidate or len(selected) >= _MAX_PASSAGES:
                    continue
                characters += len(self._passages[neighbour].text)
                if characters <= _MAX_CHARACTERS:
                    selected.add(neighbour)
                    sections[section].add(neighbour)
        passages = [[self._passages[row] for row in sorted(rows)] for rows in sections.values()]
        return self._numbered(passages, turn.effective_day, lambda passage: passage.text)

    def _compact(self, turn: Turn) -> Materials:
        ranked = turn.reading.passages[:_MAX_COMPACT_PASSAGES] if turn.reading else ()
        best = [scored.hit.passage for scored in ranked] or [hit.passage for hit in turn.hits[:_MAX_COMPACT_PASSAGES]]
        units = {scored.hit.passage.id: scored.units for scored in ranked}
        sections: dict[tuple[str, tuple[str, ...]], list[Passage]] = {}
        for passage in best:
            sections.setdefault((passage.doc_id, passage.path), []).append(passage)
        return self._numbered(
            list(sections.values()), turn.effective_day, lambda passage: _cut(passage, units.get(passage.id, ()))
        )

    def _section(self, row: int) -> tuple[str, tuple[str, ...]]:
        return self._passages[row].doc_id, self._passages[row].path

    def _numbered(
        self, sections: Sequence[Sequence[Passage]], as_of: date, text_of: Callable[[Passage], str]
    ) -> Materials:
        passages = list[Passage]()
        frames = list[str]()
        for section in sections:
            numbered = [(n, text_of(passage)) for n, passage in enumerate(section, len(passages) + 1)]
            speakers = "" if self._is_compact else _speakers(section)
            frames.append(format_frame(f"{self._heading(section[0], as_of)}{speakers}", numbered))
            passages += section
        sources = to_source_texts(passages, tuple(self._documents.values()))
        return Materials(tuple(passages), tuple(sources), tuple(frames))

    def _heading(self, passage: Passage, as_of: date) -> str:
        document = self._documents[passage.doc_id]
        if self._is_compact:
            validity = self._validity(document, as_of)
            title = f"{_name(document)}({validity})" if validity else _name(document)
            return as_prompt_data(f"{title} > {' > '.join(passage.path[-2:])}")
        issuer = "" if has_instructions(document.issuer) else document.issuer
        published = f"{document.published}公表" if document.published else ""
        in_text = f"本文の日付{document.date_in_text}" if document.date_in_text and not published else ""
        details = [_DOCUMENT_KINDS[document.kind], issuer, published, in_text]
        if document.period:
            details.append(f"期間{document.period.start}から{document.period.end}まで")
        details.append(self._validity(document, as_of))
        lines = [
            f"文書: {_name(document)}({'、'.join(filter(None, details))})",
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
    speakers = dict[str, None]()
    for speech in (speech for passage in passages for speech in read_speeches(passage)):
        if speech.person and speech.person.label:
            speakers[f"{speech.person.display}({_SPEECH_KINDS[speech.kind]})"] = None
    return as_prompt_data(f"\n発言者: {'、'.join(speakers)}") if speakers else ""


def _name(document: Document) -> str:
    return document.id if has_instructions(document.title) else document.title


def reading_limits(*, is_compact: bool) -> tuple[int, int]:
    """Return the maximum number of passages in a prompt, and the maximum of their characters in total."""
    if is_compact:
        return _MAX_COMPACT_PASSAGES, _MAX_COMPACT_PASSAGES * _MAX_COMPACT_CHARACTERS
    return _MAX_PASSAGES, _MAX_CHARACTERS


def format_frame(heading: str, numbered: Sequence[tuple[int, str]]) -> str:
    """Return the part of a prompt with the passages of one section, each with its number."""
    body = "\n".join(f"[{n}]\n{as_prompt_data(text)}" for n, text in numbered)
    return f"<資料>\n{heading}\n{body}\n</資料>"


def describe_situation(turn: Turn) -> str:
    """Return the lines of a prompt about the reader: day, audience, language, style, and names that the reader uses."""
    language = turn.query.answer_language if turn.query else "ja"
    lines = [
        f"日付: {format_japanese_date(turn.effective_day)}({era_year(turn.effective_day.year)}年)",
        "読む人: 窓口で電話を受ける職員" if turn.question.audience == "staff" else "読む人: 市民",
        f"答えの言語: {NAMES_IN_JAPANESE.get(language, '質問と同じ言語')}",
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
