"""Framework for pages of several server-rendered views with addresses behind `#` and forms.

Gradio carries the events; which view is shown, and what has been typed into it, the browser keeps by the address
(`static/views.js`).
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import parse_qsl, urlencode

import gradio as gr

from bot.auth import Person, current_person
from bot.errors import BotError
from bot.http.form_fields import Fields
from bot.rendering.html.assets import SHARED
from bot.rendering.html.markup import escape_html
from ingest.errors import IngestError

C = TypeVar("C")
SKIP = gr.skip()
UNFORESEEN = "処理の途中でエラーが起きました。もう一度お試しください。続くときは、サーバーの記録を確かめてください。"
SCRIPTS = ("browser.js", "gradio.js", "views.js")
STYLE = SHARED / "views.css"
# A live region has to be in the page before its text is: what comes later is then read out, once. The first two are
# the page's own, for what it says without the server.
SAID = '<p id="told" role="status"></p><div role="status">${value}</div>'
PROBLEM = '<p id="refused" role="alert"></p><div role="alert">${value}</div>'
_log = logging.getLogger(__name__)


class Address(Fields):
    """Where one is on a page: the name of a view and what it shows, as it stands behind the # of the URL."""

    def __init__(self, written: str, default: str) -> None:
        view, _, query = written.removeprefix("#").partition("?")
        super().__init__(parse_qsl(query))
        self.view = view or default
        self.written = f"{self.view}?{query}" if query else self.view

    def without_field(self, but: str) -> str:
        """Return what it asks for but the field `but`, to be carried into another address of the view."""
        return urlencode([(name, value) for name, value in self._pairs if name != but])


def view_link(view: str, **fields: object) -> str:
    """Return the address of a view; fields that are empty are left out."""
    told = [(name, value) for name, value in fields.items() if value not in {None, "", 0}]
    return f"#{view}?{urlencode(told)}" if told else f"#{view}"


class DrawnView(NamedTuple):
    """A drawn view. What is typed into it stays as long as address and `key` do."""

    html: str
    key: str = ""


class ActionResult(NamedTuple):
    """What came of an action: what is said of it, and where one is from then on ("" where one was)."""

    said: str
    goto: str = ""


@dataclass(frozen=True, slots=True)
class View(Generic[C]):
    """One view over what the page works on: `show` draws it for a person, `actions` do what its forms ask for, by name.

    Both raise BotError, IngestError or another error that the page names as told to people; nothing has changed then.
    `area` is the entry of the navigation that it belongs to, by default its own.
    """

    show: Callable[[C, Address, Person], DrawnView]
    actions: Mapping[str, Callable[[C, Fields, Address, Person], ActionResult]] = field(default_factory=dict)
    area: str = ""


class ViewChange(NamedTuple):
    """What an event changes on the page, in the order of its outputs."""

    content: Any = SKIP
    said: Any = SKIP
    problem: Any = SKIP


@dataclass(frozen=True, slots=True)
class Views(Generic[C]):
    """Answers a page's events over `context`; the first of the views is the one without an address.

    `told` are the errors whose text is for people.
    """

    context: C
    views: Mapping[str, View[C]]
    told: tuple[type[Exception], ...] = (BotError, IngestError)

    def show(self, event: gr.EventData, request: gr.Request) -> ViewChange:
        """Draw the view at an address."""
        at = self.address(event)
        lost = ViewChange(view_html(at, DrawnView(_LOST.format(next(iter(self.views)))), ""), "", "")
        return self._run_or_report(lambda: ViewChange(self._draw(at, current_person(request)), "", ""), lost)

    def redraw(self, event: gr.EventData, request: gr.Request) -> ViewChange:
        """Draw the view again while something goes on in it; what was said of it stays."""
        return self._run_or_report(
            lambda: ViewChange(self._draw(self.address(event), current_person(request))), ViewChange()
        )

    def act(self, event: gr.EventData, request: gr.Request) -> ViewChange:
        """Do what a form asks for; where that is refused, say why and leave the form as it was filled in."""
        at, by = self.address(event), current_person(request)
        action = self.views[at.view].actions[str(event.action)]

        def done() -> ViewChange:
            what = action(self.context, Fields(event.fields), at, by)
            on = Address(what.goto, at.view) if what.goto else at
            return ViewChange(self._draw(on, by, str(event.draft)), escape_html(what.said), "")

        return self._run_or_report(done, ViewChange(said=""))

    def address(self, event: gr.EventData) -> Address:
        """Return the address that an event comes from."""
        return Address(str(event.view), next(iter(self.views)))

    def _draw(self, at: Address, by: Person, done: str = "") -> str:
        view = self.views.get(at.view)
        if view is None:
            return view_html(at, DrawnView(_LOST.format(next(iter(self.views)))), "")
        return view_html(at, view.show(self.context, at, by), view.area, done)

    def _run_or_report(self, doing: Callable[[], ViewChange], otherwise: ViewChange) -> ViewChange:
        """Return what `doing` changes; where it fails, `otherwise`, with the reason as a problem."""
        try:
            return doing()
        except self.told as error:
            return otherwise._replace(problem=escape_html(str(error)))
        except Exception:  # noqa: BLE001 -- whatever it is, the reader is told and keeps what was typed
            _log.exception("page")
            return otherwise._replace(problem=UNFORESEEN)


_LOST = '<h1 tabindex="-1">開けませんでした</h1><p><a href="#{}">はじめの画面に戻る</a></p>'


def view_html(at: Address, shown: DrawnView, area: str, done: str = "") -> str:
    """Return a view as the browser takes it: an element of its own name where address or key differ.

    Gradio changes an element in place where its name stays, and what was typed stays in it then. `done` is the draft
    that led to it, by the name that the browser gave it.
    """
    name = "view-" + sha256(f"{at.written}\0{shown.key}".encode()).hexdigest()[:10]
    told = {"at": at.written, "area": area or at.view, "done": done}
    data = " ".join(f'data-{key}="{escape(value)}"' for key, value in told.items())
    return f'<{name} class="view" {data}>{shown.html}</{name}>'
