"""The page of a document with its amendments: the provisions of a day, their history, and what could not be applied."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.languages import Language, format_date
from bot.languages.catalogue import Catalogue
from bot.rendering.html.text_spans import TextSpan, diff_words
from ingest.amendments.consolidation import Consolidation, OperationResult, Version
from ingest.documents import Document

# Longest provision, in characters, whose versions are compared word by word.
_MAX_COMPARED_CHARS = 6_000


@dataclass(frozen=True, slots=True)
class ShownVersion:
    """A version of a provision: its days as text, and the words that differ from the version before."""

    days: str
    text: str
    is_shown: bool
    old: tuple[TextSpan, ...]
    new: tuple[TextSpan, ...]
    results: tuple[OperationResult, ...]


@dataclass(frozen=True, slots=True)
class ShownProvision:
    """A provision of the day, "" for one that does not exist on it, and its versions if it has several."""

    key: int
    text: str
    versions: tuple[ShownVersion, ...]


def show_provisions(
    consolidation: Consolidation, day: date, words: Catalogue, language: Language
) -> Iterator[ShownProvision]:
    """Yield the provisions in force on a day, and those that amendments removed or will add, which have no text."""
    present = consolidation.on(day).children
    changed = set(consolidation.changed_keys())
    for provision in present:
        versions = consolidation.versions(provision.key) if provision.key in changed else ()
        yield ShownProvision(provision.key, provision.content, tuple(_show_versions(versions, day, words, language)))
    keys = {provision.key for provision in present}
    for key in consolidation.changed_keys():
        if key not in keys:
            versions = consolidation.versions(key)
            yield ShownProvision(key, "", tuple(_show_versions(versions, day, words, language)))


def _show_versions(
    versions: tuple[Version, ...], day: date, words: Catalogue, language: Language
) -> Iterator[ShownVersion]:
    if len(versions) < 2:
        return
    for position in range(len(versions) - 1, -1, -1):
        version = versions[position]
        previous = versions[position - 1] if position else None
        text = version.provision.content if version.provision else ""
        previous_text = previous.provision.content if previous and previous.provision else ""
        old: tuple[TextSpan, ...] = ()
        new: tuple[TextSpan, ...] = ()
        if text and previous_text and max(len(text), len(previous_text)) <= _MAX_COMPARED_CHARS:
            old, new = diff_words(previous_text, text)
        yield ShownVersion(
            days=_format_days(version, words, language),
            text=text,
            is_shown=version.is_on(day),
            old=old,
            new=new,
            results=version.results,
        )


def _format_days(version: Version, words: Catalogue, language: Language) -> str:
    room = words["room"]
    if version.first is None:
        return str(room["until"]).format(day=format_date(version.until.isoformat(), language) if version.until else "")
    first = format_date(version.first.isoformat(), language)
    if version.until is None:
        return str(room["since"]).format(day=first)
    return str(room["between"]).format(first=first, until=format_date(version.until.isoformat(), language))


def amending_documents(consolidation: Consolidation, language: Language) -> Iterator[tuple[Document, str, str]]:
    """Yield each amending document with its days of promulgation and effect as text, "" if unknown."""
    for document in consolidation.amending:
        effect = consolidation.effects[document.id]
        days = (effect.promulgated, effect.default.day)
        promulgated, first = (format_date(day.isoformat(), language) if day else "" for day in days)
        yield document, promulgated, first
