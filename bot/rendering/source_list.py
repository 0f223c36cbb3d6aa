"""Renders notices, citations and related passages as text or Markdown under an answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.rendering.escaping import escape_markdown, is_web_address, markdown_link
from bot.state import Answer, Citation

_NEAREST = "近いことが書かれている箇所:"


@dataclass(frozen=True, slots=True)
class CitedSection:
    """A section of a document with the citations that stand in it, at least one: rows, passages that are read on in."""

    citations: tuple[Citation, ...]

    @property
    def first(self) -> Citation:
        """The citation that tells of the others where they stand."""
        return self.citations[0]

    @property
    def numbers(self) -> str:
        """The numbers of the citations as one says them: 3, 2–5, 1・4."""
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
    """Return where an answer's citations stand, in the order of their numbers, each section once."""
    found: dict[tuple[str, str], list[Citation]] = {}
    for citation in answer.citations:
        found.setdefault((citation.doc_id, citation.section), []).append(citation)
    return tuple(CitedSection(tuple(citations)) for citations in found.values())


def render_sources(answer: Answer, server: str | None = None) -> str:
    """Return, as Markdown, the notices, sources and related passages to append to an answer; "" where it has none.

    A quote that the answer already contains is not repeated, and next to an answer related passages are named without
    their text. With the address of the `server`, each source links to its file there and to where it was published;
    nothing else in the text is a link or a tag.
    """
    under = [escape_markdown(notice) for notice in answer.notices]
    if answer.citations:
        under += ["出典:", *("\n".join(_source(place, answer.answer, server)) for place in cited_sections(answer))]
    if answer.nearest:
        under += [_NEAREST, *("\n".join(_near(one, server, quoted=not answer.citations)) for one in answer.nearest)]
    return "".join("\n\n" + part for part in under)


def unquoted_citations(citations: Sequence[Citation], text: str) -> tuple[Citation, ...]:
    """Return the citations whose words do not stand in the answer's text letter for letter."""
    return tuple(citation for citation in citations if citation.quote.strip() not in text)


def _source(place: CitedSection, text: str, server: str | None) -> Iterator[str]:
    marks = "".join(f"[{citation.n}]" for citation in place.citations)
    yield f"{marks} {_where(place.first, server)}"
    for citation in unquoted_citations(place.citations, text):
        yield from _quoted(citation.quote)


def _near(citation: Citation, server: str | None, *, quoted: bool) -> Iterator[str]:
    yield f"・{_where(citation, server)}"
    if quoted:
        yield from _quoted(citation.quote)


def _where(citation: Citation, server: str | None) -> str:
    section = f"「{citation.section}」" if citation.section else ""
    page = f" {citation.page}ページ" if citation.page else ""
    state = f"（{validity_label(citation)}）" if validity_label(citation) else ""
    place = f"{citation.title}{section}{page}"
    if server is None:
        return f"{escape_markdown(place)}{state}"
    kept = f"{server.rstrip('/')}{citation.file_url}" if citation.file_url else None
    published = citation.url if is_web_address(citation.url) else None
    also = f" {markdown_link('公表元', published)}" if kept and published else ""
    return f"{markdown_link(place, kept or published)}{state}{also}"


def _quoted(text: str) -> Iterator[str]:
    return (f"> {escape_markdown(line)}" for line in text.splitlines() if line.strip())
