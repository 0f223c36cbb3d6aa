"""Splits the blocks of a document into passages."""

from ingest.chunking.splitter import split

__all__ = ["split"]
