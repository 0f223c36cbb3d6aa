"""Describes a consolidated document as JSON, and its declined operations as findings."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any

from ingest.amendments.consolidation import Consolidation, Consolidations, OperationResult, Version
from ingest.amendments.document_lines import DocumentLine, document_lines
from ingest.documents import Document, ParsedDocument
from ingest.metadata.amending_titles import RULE_TITLE, read_amending_title

# Characters of an amending text in a finding.
_MAX_SENTENCE_LENGTH = 60


def describe_consolidation(consolidation: Consolidation, day: date) -> dict[str, Any]:
    """Return the provisions in force on a day, the history of the amended ones, and what could not be applied."""
    return {
        "as_of": day.isoformat(),
        "repealed": consolidation.find_repeal(day) is not None,
        "amended_by": [
            {"id": document.id, "title": document.title, **_effect(consolidation, document)}
            for document in consolidation.amending
        ],
        "provisions": [
            {"key": provision.key, "text": provision.content} for provision in consolidation.on(day).children
        ],
        "history": [
            {"key": key, "versions": [_describe_version(version) for version in consolidation.versions(key)]}
            for key in consolidation.changed_keys()
        ],
        "declined": [_describe_result(result) for result in consolidation.results if result.reason],
    }


def _effect(consolidation: Consolidation, document: Document) -> dict[str, Any]:
    effect = consolidation.effects[document.id]
    return {"promulgated": _format_day(effect.promulgated), "in_force_from": _format_day(effect.default.day)}


def _format_day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _describe_version(version: Version) -> dict[str, Any]:
    return {
        "from": _format_day(version.first),
        "until": _format_day(version.until),
        "text": version.provision.content if version.provision else None,
        "amendments": [_describe_result(result) for result in version.results],
    }


def _describe_result(result: OperationResult) -> dict[str, Any]:
    return {
        "id": result.document.id,
        "place": result.operation.place.text,
        "from": _format_day(result.effect.day),
        "text": result.operation.sentence,
        "reason": result.reason,
    }


class AmendableDocuments:
    """The lines of those documents of a corpus that may be amended or amend others, by their titles and manifests."""

    def __init__(self) -> None:
        self._documents: list[Document] = []
        self._lines: dict[str, list[DocumentLine]] = {}

    def add(self, parsed: ParsedDocument) -> None:
        """Add a document if it is of such a kind."""
        document = parsed.document
        if document.amends or RULE_TITLE.search(document.title) or read_amending_title(document.title):
            self._documents.append(document)
            self._lines[document.id] = document_lines(parsed.passages, parsed.dropped)

    def find_problems(self) -> Iterator[tuple[str, str]]:
        """Yield the id of an amending document and what of it could not be applied, in Japanese."""
        consolidations = Consolidations(self._documents, self._lines.__getitem__)
        for doc_id in consolidations.links:
            if consolidation := consolidations.find(doc_id):
                yield from _problems(consolidation)


def _problems(consolidation: Consolidation) -> Iterator[tuple[str, str]]:
    title = consolidation.document.title
    for document in consolidation.amending:
        results = [result for result in consolidation.results if result.document.id == document.id]
        if not results:
            yield document.id, f"「{title}」への改正を読み取れません。改正文の書き方を確かめてください。"
        for result in results:
            if result.is_missing:
                sentence = _shorten(result.operation.sentence.replace("\n", " "))
                problem = f"「{title}」への改正を当てはめられません（{result.reason}）: {sentence}"
                yield document.id, f"{problem} 元の文書と改正文を見比べてください。"


def _shorten(sentence: str) -> str:
    return sentence if len(sentence) <= _MAX_SENTENCE_LENGTH else f"{sentence[:_MAX_SENTENCE_LENGTH]}…"


def consolidations_of(documents: Iterable[Document], load: Callable[[str], ParsedDocument | None]) -> Consolidations:
    """Return the consolidations of documents whose content `load` returns."""

    def lines_of(doc_id: str) -> list[DocumentLine]:
        parsed = load(doc_id)
        return document_lines(parsed.passages, parsed.dropped) if parsed else []

    return Consolidations(documents, lines_of)
