"""Keeps documents up to date from the web addresses in `sources.toml`."""

from ingest.sync.source_sync import SyncResult, sync
from ingest.sync.sources import SOURCES, Source, read_sources
from ingest.sync.watch import watch

__all__ = ["SOURCES", "Source", "SyncResult", "read_sources", "sync", "watch"]
