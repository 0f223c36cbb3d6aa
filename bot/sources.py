"""The sources of an answer, each place once, and how they stand under it where only text is shown."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.answer import Answer, Citation

_BRACKET, _ESCAPED = re.compile(r"[\[\]\\]"), r"\\\g<0>"
_NEAREST = "近いことが書かれている箇所:"


@dataclass(frozen=True, slots=True)
class Place:
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


def validity(citation: Citation) -> str:
    """Return 現行, 旧 (superseded) or 期間外 (before or after its period); "" for a document without a period."""
    if citation.in_force:
        return "現行"
    if citation.superseded_by:
        return "旧"
    return "" if citation.in_force is None else "期間外"


def places(answer: Answer) -> tuple[Place, ...]:
    """Return where an answer's citations stand, in the order of their numbers, each section once."""
    found: dict[tuple[str, str], list[Citation]] = {}
    for citation in answer.citations:
        found.setdefault((citation.doc_id, citation.section), []).append(citation)
    return tuple(Place(tuple(citations)) for citations in found.values())


def sources(answer: Answer, server: str | None = None) -> str:
    """Return what stands under the answer: notices, its sources, what lies near; "" where there is none of them.

    Words of a source that the answer itself shows are not said twice, and beside an answer what lies near is but named.
    With the address of the `server`, sources are links in Markdown to their files there, and to where they were
    published.
    """
    under = [*answer.notices]
    if answer.citations:
        under += ["出典:", *("\n".join(_source(place, answer.answer, server)) for place in places(answer))]
    if answer.nearest:
        under += [_NEAREST, *("\n".join(_near(one, server, quoted=not answer.citations)) for one in answer.nearest)]
    return "".join("\n\n" + part for part in under)


def unsaid(citations: Sequence[Citation], text: str) -> tuple[Citation, ...]:
    """Return the citations whose words do not stand in the answer's text letter for letter."""
    return tuple(citation for citation in citations if citation.quote.strip() not in text)


def _source(place: Place, text: str, server: str | None) -> Iterator[str]:
    marks = "".join(f"[{citation.n}]" for citation in place.citations)
    yield f"{marks} {_where(place.first, server)}"
    for citation in unsaid(place.citations, text):
        yield from _quoted(citation.quote)


def _near(citation: Citation, server: str | None, *, quoted: bool) -> Iterator[str]:
    yield f"・{_where(citation, server)}"
    if quoted:
        yield from _quoted(citation.quote)


def _where(citation: Citation, server: str | None) -> str:
    section = f"「{citation.section}」" if citation.section else ""
    page = f" {citation.page}ページ" if citation.page else ""
    state = f"（{validity(citation)}）" if validity(citation) else ""
    place = f"{citation.title}{section}{page}"
    if server is None:
        return f"{place}{state}"
    kept = f"{server.rstrip('/')}{citation.file_url}" if citation.file_url else None
    published = citation.url if (citation.url or "").startswith(("https://", "http://")) else None
    also = f" {_link('公表元', published)}" if kept and published else ""
    return f"{_link(place, kept or published)}{state}{also}"


def _link(text: str, address: str | None) -> str:
    """Return a link in Markdown; the text alone where there is nowhere to go."""
    return f"[{_BRACKET.sub(_ESCAPED, text)}](<{address}>)" if address else text


def _quoted(text: str) -> Iterator[str]:
    return (f"> {line}" for line in text.splitlines() if line.strip())
