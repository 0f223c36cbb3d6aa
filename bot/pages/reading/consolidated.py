"""The page of a document with its amendments: the provisions of a day, their history, and what could not be applied."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.languages import Language, format_date
from bot.languages.catalogue import Catalogue
from bot.rendering.html.text_spans import TextSpan, diff_words
from ingest.amendments.consolidation import Consolidation, OperationResult, Version
from ingest.documents import Document

# Characters of a provision whose versions are compared word by word.
_LONGEST_COMPARED = 6_000


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


def shown_provisions(
    consolidation: Consolidation, day: date, words: Catalogue, language: Language
) -> Iterator[ShownProvision]:
    """Yield the provisions in force on a day, and those that amendments removed or will add, which have no text."""
    present = consolidation.on(day).children
    changed = set(consolidation.changed_keys())
    for provision in present:
        versions = consolidation.versions(provision.key) if provision.key in changed else ()
        yield ShownProvision(provision.key, provision.content, tuple(_shown_versions(versions, day, words, language)))
    keys = {provision.key for provision in present}
    for key in consolidation.changed_keys():
        if key not in keys:
            versions = consolidation.versions(key)
            yield ShownProvision(key, "", tuple(_shown_versions(versions, day, words, language)))


def _shown_versions(
    versions: tuple[Version, ...], day: date, words: Catalogue, language: Language
) -> Iterator[ShownVersion]:
    """Yield the versions, the latest first; none where there is only one."""
    if len(versions) < 2:
        return
    for position in range(len(versions) - 1, -1, -1):
        version = versions[position]
        before = versions[position - 1] if position else None
        text = version.provision.content if version.provision else ""
        earlier = before.provision.content if before and before.provision else ""
        old: tuple[TextSpan, ...] = ()
        new: tuple[TextSpan, ...] = ()
        if text and earlier and max(len(text), len(earlier)) <= _LONGEST_COMPARED:
            old, new = diff_words(earlier, text)
        yield ShownVersion(_days(version, words, language), text, version.is_on(day), old, new, version.results)


def _days(version: Version, words: Catalogue, language: Language) -> str:
    """Return from when until when a version holds."""
    room = words["room"]
    if version.first is None:
        return str(room["until"]).format(day=format_date(version.until.isoformat(), language) if version.until else "")
    first = format_date(version.first.isoformat(), language)
    if version.until is None:
        return str(room["since"]).format(day=first)
    return str(room["between"]).format(first=first, until=format_date(version.until.isoformat(), language))


def amending_documents(consolidation: Consolidation, language: Language) -> Iterator[tuple[Document, str, str]]:
    """Yield each amending document with its days of promulgation and effect as text, "" where unknown."""
    for document in consolidation.amending:
        effect = consolidation.effects[document.id]
        days = (effect.promulgated, effect.default.day)
        promulgated, first = (format_date(day.isoformat(), language) if day else "" for day in days)
        yield document, promulgated, first
