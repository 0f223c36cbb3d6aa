"""The `Page` interface of a Gradio page, and the entry point for pages of other packages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

import gradio as gr
from fastapi import APIRouter

from bot.channels.html.display_preferences import DisplayPreferences
from bot.running.service.service import Service
from ingest.configuration.settings import Settings

# Packages add pages by an entry point of this group (pyproject.toml), as the workbench does.
ENTRY_POINTS = "shirube.pages"


@dataclass(frozen=True, slots=True)
class Page:
    """A Gradio page at `path`, with a `router` of plain HTTP routes; `access.toml` says who may open both.

    `bodies` are the largest request bodies, in bytes, by address of the router, if they exceed a question's.
    `script` runs in the page. `notice` renders what the page says if scripts do not run; a page without it is
    Japanese only.
    """

    path: str
    title: str
    description: str
    build: Callable[[Service, Settings], gr.Blocks]
    css: tuple[Path, ...]
    notice: Callable[[Settings], Callable[[DisplayPreferences], str]] | None = None
    script: str = ""
    router: APIRouter | None = None
    bodies: Mapping[str, int] = field(default_factory=dict)


def offered_pages() -> tuple[Page, ...]:
    """Return the pages that installed packages offer, in the order of their names."""
    points = sorted(entry_points(group=ENTRY_POINTS), key=lambda point: point.name)
    return tuple(point.load() for point in points)
