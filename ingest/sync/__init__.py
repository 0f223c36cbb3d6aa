"""Documents that are kept up to date from a list of web addresses (`sources.toml` in the corpus folder)."""

from ingest.sync.sources import SOURCES, Source, read_sources
from ingest.sync.sync import Synced, sync
from ingest.sync.watch import watch

__all__ = ["SOURCES", "Source", "Synced", "read_sources", "sync", "watch"]
