"""The `Page` interface of a Gradio page, and the entry point for pages of other packages."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from pathlib import Path

import gradio as gr
from fastapi import APIRouter

from bot.rendering.html.speech import Speech
from bot.runtime.service_interface import AnswerService
from ingest.configuration.settings import Settings

# A package that imports this one offers its pages under this name in its metadata (pyproject.toml); the workbench does.
OFFERED = "shirube.pages"


@dataclass(frozen=True, slots=True)
class Page:
    """A Gradio page at `path`; `build` makes it over the service.

    Who may open it, and its `router` of plain HTTP routes, is in the table of access (`bot/auth/access.toml`).
    `bodies` are those addresses of the router that take more than a question, with how many bytes. `script` runs in the
    page. A page in several languages has a `notice`: what it says, in the reader's, where scripts do not run.
    """

    path: str
    title: str
    description: str
    build: Callable[[AnswerService, Settings], gr.Blocks]
    css: tuple[Path, ...]
    notice: Callable[[Settings], Callable[[Speech], str]] | None = None
    script: str = ""
    router: APIRouter | None = None
    bodies: Mapping[str, int] = field(default_factory=dict)


def offered_pages() -> tuple[Page, ...]:
    """Return the pages that installed packages offer, in the order of their names."""
    found = sorted(entry_points(group=OFFERED), key=lambda one: one.name)
    return tuple(one.load() for one in found)
