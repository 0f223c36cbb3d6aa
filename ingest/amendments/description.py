"""Describes a consolidated document as JSON, and its declined operations as findings."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from ingest.amendments.consolidation import Consolidation, OperationResult, Version

# Characters of an amending text in a finding.
_MAX_SENTENCE_LENGTH = 60


def describe_consolidation(consolidation: Consolidation, day: date, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return the provisions in force on a day, the history of the amended ones, and what could not be applied.

    `titles` are those of the documents, by id.
    """
    return {
        "as_of": day.isoformat(),
        "repealed": consolidation.find_repeal(day) is not None,
        "amended_by": [
            {
                "id": doc_id,
                "title": titles[doc_id],
                "promulgated": _format_day(consolidation.dates[doc_id].promulgated),
                "in_force_from": _format_day(consolidation.dates[doc_id].in_force_from),
            }
            for doc_id in consolidation.amending
        ],
        "provisions": [
            {"key": provision.key, "text": provision.content} for provision in consolidation.on(day).children
        ],
        "history": [
            {
                "key": key,
                "versions": [_describe_version(consolidation, version) for version in consolidation.versions[key]],
            }
            for key in consolidation.changed_keys
        ],
        "declined": [_describe_result(result) for result in consolidation.results if result.reason],
    }


def _format_day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _describe_version(consolidation: Consolidation, version: Version) -> dict[str, Any]:
    return {
        "from": _format_day(version.first),
        "until": _format_day(version.until),
        "text": version.provision.content if version.provision else None,
        "amendments": [_describe_result(result) for result in consolidation.results_of(version)],
    }


def _describe_result(result: OperationResult) -> dict[str, Any]:
    return {
        "id": result.doc_id,
        "place": result.place,
        "from": _format_day(result.effect.day),
        "text": result.sentence,
        "reason": result.reason,
    }


def find_problems(consolidation: Consolidation, title: str) -> Iterator[tuple[str, str]]:
    """Yield the id of each amending document and what of it could not be applied to the one with this title."""
    for result in consolidation.results:
        if result.is_missing:
            sentence = result.sentence.replace("\n", " ")
            if len(sentence) > _MAX_SENTENCE_LENGTH:
                sentence = f"{sentence[:_MAX_SENTENCE_LENGTH]}…"
            problem = f"「{title}」への改正を当てはめられません（{result.reason}）: {sentence}"
            yield result.doc_id, f"{problem} 元の文書と改正文を見比べてください。"
