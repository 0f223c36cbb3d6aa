"""Renders notices, citations and related passages as text or Markdown under an answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.answering.rendering.escaping import escape_markdown, is_web_address, markdown_link
from bot.answering.state import Answer, Citation, Excerpt, Part, cited_numbers

_RELATED_PASSAGES = "近いことが書かれている箇所:"


@dataclass(frozen=True, slots=True)
class CitedSection:
    """A section of a document with its citations, at least one."""

    citations: tuple[Citation, ...]

    @property
    def first(self) -> Citation:
        return self.citations[0]

    @property
    def numbers(self) -> str:
        """The numbers of the citations: 3, 2–5, 1・4."""
        numbers = [citation.n for citation in self.citations]
        if len(numbers) > 1 and numbers == list(range(numbers[0], numbers[-1] + 1)):
            return f"{numbers[0]}–{numbers[-1]}"
        return "・".join(map(str, numbers))


def validity_label(citation: Citation) -> str:
    """Return 現行, 旧 (superseded) or 期間外 (before or after its period); "" for a document without a period."""
    if citation.in_force:
        return "現行"
    if citation.superseded_by:
        return "旧"
    return "" if citation.in_force is None else "期間外"


def cited_sections(answer: Answer) -> tuple[CitedSection, ...]:
    """Return the sections that an answer cites, in the order of their first citations."""
    sections: dict[tuple[str, str], list[Citation]] = {}
    for citation in answer.citations:
        sections.setdefault((citation.doc_id, citation.section), []).append(citation)
    return tuple(CitedSection(tuple(citations)) for citations in sections.values())


def attach_sections(
    parts: Iterable[Part], sections: Sequence[CitedSection]
) -> tuple[list[tuple[Part, list[CitedSection]]], list[CitedSection]]:
    """Return each part with the sections that its excerpt is the first to cite, and the other sections."""
    left = list(sections)
    attached = []
    for part in parts:
        numbers = cited_numbers(part) if isinstance(part, Excerpt) else frozenset()
        own = [section for section in left if any(citation.n in numbers for citation in section.citations)]
        left = [section for section in left if section not in own]
        attached.append((part, own))
    return attached, left


def render_sources(answer: Answer, server: str | None = None) -> str:
    """Return, as Markdown, the notices, sources and related passages to append to an answer; "" where it has none.

    A quote that the answer contains is not repeated, and related passages are quoted only where there are no citations.
    With the address of the `server`, each source links to its file there and to where it was published; nothing else in
    the text is a link or a tag.
    """
    paragraphs = [escape_markdown(notice) for notice in answer.notices]
    if answer.citations:
        paragraphs.append("出典:")
    for section in cited_sections(answer):
        marks = "".join(f"[{citation.n}]" for citation in section.citations)
        quotes = [citation.quote for citation in unquoted_citations(section.citations, answer.answer)]
        paragraphs.append(f"{marks} {_location(section.first, server)}{''.join(map(_block_quote, quotes))}")
    if answer.nearest:
        paragraphs.append(_RELATED_PASSAGES)
    for citation in answer.nearest:
        quoted = "" if answer.citations else _block_quote(citation.quote)
        paragraphs.append(f"・{_location(citation, server)}{quoted}")
    return "".join(f"\n\n{text}" for text in paragraphs)


def unquoted_citations(citations: Sequence[Citation], text: str) -> tuple[Citation, ...]:
    """Return the citations whose quote is not in the answer's text."""
    return tuple(citation for citation in citations if citation.quote.strip() not in text)


def _location(citation: Citation, server: str | None) -> str:
    section = f"「{citation.section}」" if citation.section else ""
    page = f" {citation.page}ページ" if citation.page else ""
    label = validity_label(citation)
    validity = f"（{label}）" if label else ""
    name = f"{citation.title}{section}{page}"
    if server is None:
        return f"{escape_markdown(name)}{validity}"
    file_url = f"{server.rstrip('/')}{citation.file_url}" if citation.file_url else None
    published = citation.url if is_web_address(citation.url) else None
    published_link = f" {markdown_link('公表元', published)}" if file_url and published else ""
    return f"{markdown_link(name, file_url or published)}{validity}{published_link}"


def _block_quote(text: str) -> str:
    return "".join(f"\n> {escape_markdown(line)}" for line in text.splitlines() if line.strip())
