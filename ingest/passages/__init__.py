"""Splits the blocks of a document into passages."""

from ingest.passages.splitter import split

__all__ = ["split"]
