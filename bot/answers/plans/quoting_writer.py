"""Writes drafts of verbatim quotes from passages that are known by their ids."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bot.languages import nest_quotes
from bot.state import Draft, Paragraph, Part, Source, SourceLine, Statement, Status, paragraph, service_message
from ingest.documents import Document, Passage


@dataclass(slots=True)
class QuotingWriter:
    """Numbers the passages that a draft quotes.

    Attributes:
        find_passage: returns the passage with an id.
        sources: the passages quoted so far.
    """

    find_passage: Callable[[str], Passage]
    sources: list[Source] = field(default_factory=list)

    def cite(self, passage_id: str, quote: str, text: str = "") -> Statement:
        """Return a statement that cites a passage: `text`, by default the quote.

        The source of words that the passage does not have itself, such as a heading, quotes its first line.
        """
        passage = self.find_passage(passage_id)
        is_verbatim = bool(quote) and quote in passage.text
        source = Source(passage, quote if is_verbatim else passage.text.strip().split("\n", 1)[0])
        if source not in self.sources:
            self.sources.append(source)
        return Statement(text or quote, (self.sources.index(source) + 1,))

    def draft(self, parts: Iterable[Part], subject: str) -> Draft:
        """Return the draft of the parts with their sources."""
        return Draft(tuple(parts), tuple(self.sources), Status.ANSWERED, subject)


def as_list(statements: Iterable[Statement]) -> Paragraph:
    """Return statements as the lines of a list."""
    lines = list[Statement]()
    for statement in statements:
        lines += [Statement("\n・" if lines else "・"), statement]
    return Paragraph(tuple(lines))


def document_line(*documents: Document) -> Paragraph:
    """Return the line that names the documents that were quoted."""
    titles = (service_message("lead_of_document", title=nest_quotes(document.title)) for document in documents)
    return paragraph(SourceLine(tuple(titles)))
