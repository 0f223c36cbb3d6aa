"""Overviews of documents from their own structure, prepared when an index is built."""

from ingest.overview.changes import OverviewChanges, compare_overviews, find_previous
from ingest.overview.outline import DocumentOverview, OutlinedSection, Quotation, StatedTarget, outline_document
from ingest.overview.store import Overviews, write_overviews

__all__ = [
    "DocumentOverview",
    "OutlinedSection",
    "OverviewChanges",
    "Overviews",
    "Quotation",
    "StatedTarget",
    "compare_overviews",
    "find_previous",
    "outline_document",
    "write_overviews",
]
