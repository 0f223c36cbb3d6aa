"""Tests of the retrieval of the latest of many similar notices."""

from dataclasses import replace
from pathlib import Path

import pytest

from bot.relevance.adjustments.catalogue import RecurringNotices
from ingest.documents import ParsedDocument
from tests.bot.retrieval.passages import document, opened

TOLD = "献血の受付は町役場です。"
AT_LAST = "献血の受付は海の家です。車は浜の駐車場へ。"


def paper(year: int, text: str, heading: str = "■6月の献血", **changes: str) -> ParsedDocument:
    """Return a notice of a town, published in June of a year."""
    reading = document(f"paper-{year}", (heading, text))
    about = {"kind": "notice", "issuer": "汐見町", "published": f"{year}-06-01", **changes}
    return replace(reading, document=replace(reading.document, **about))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("later", "again"),
    [
        (paper(2025, AT_LAST, "●7月の献血(2)"), [["paper-2025#0"]]),
        (paper(2025, AT_LAST, "令和7年度の献血"), [["paper-2025#0"]]),
        (paper(2025, AT_LAST, "献血の結果"), []),
        (paper(2025, AT_LAST, "65歳からの献血"), []),
        (paper(2025, AT_LAST, issuer="青葉市"), []),
        (paper(2025, AT_LAST, kind="meeting"), []),
        (paper(2025, AT_LAST, published="2024-06-01"), []),
        (paper(2025, AT_LAST, published=""), []),
    ],
)
def test_a_notice_comes_back_under_its_heading_in_a_later_paper(
    tmp_path: Path, later: ParsedDocument, again: list[list[str]]
) -> None:
    with opened(tmp_path, [paper(2024, TOLD), later]) as index:
        assert (
            list(
                RecurringNotices(index.documents, index.document_passages).find_later(index.passages[0], {"paper-2025"})
            )
            == again
        )
