"""Keeps documents up to date from the web addresses in `sources.toml`."""

from ingest.lifecycle.sync.source_sync import SyncResult, sync
from ingest.lifecycle.sync.sources import SOURCES, Source, read_sources
from ingest.lifecycle.sync.watch import watch

__all__ = ["SOURCES", "Source", "SyncResult", "read_sources", "sync", "watch"]
