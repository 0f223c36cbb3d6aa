"""Keeps documents up to date from the web addresses in `sources.toml`, and knows the state of each."""

from ingest.lifecycle.sources.source_list import SOURCES, STATES, SourceState, WebSource, read_sources, read_states
from ingest.lifecycle.sources.synchronise import SyncResult, confirm, drop_held_body, index_folder, sync

__all__ = [
    "SOURCES",
    "STATES",
    "SourceState",
    "SyncResult",
    "WebSource",
    "confirm",
    "drop_held_body",
    "index_folder",
    "read_sources",
    "read_states",
    "sync",
]
