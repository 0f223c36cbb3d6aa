"""Connects the workbench's events with the person who acts, and reports what is refused."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import gradio as gr
from gradio.components import Component

from bot.auth import Person, current_person
from bot.errors import BotError
from bot.http.form_fields import Fields
from eval.errors import EvalError
from eval.workbench.bench import Bench
from eval.workbench.html import render
from ingest.errors import IngestError

UNFORESEEN = "処理の途中でエラーが起きました。もう一度お試しください。続くときは、サーバーの記録を確かめてください。"
_log = logging.getLogger(__name__)
Act = Callable[..., Sequence[Any]]


def html_area(**options: Any) -> gr.Markdown:
    """Return a component for HTML of our templates; `gr.HTML` needs a policy that allows compiled scripts."""
    return gr.Markdown(sanitize_html=False, latex_delimiters=[], **options)


def table(label: str, headers: Sequence[str], **options: Any) -> gr.Dataframe:
    """Return a table to read, whose rows can be chosen."""
    return gr.Dataframe(label=label, headers=list(headers), interactive=False, buttons=[], wrap=True, **options)


def table_value(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> dict[str, Any]:
    """Return the value of a table."""
    return {"headers": list(headers), "data": [list(row) for row in rows]}


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: `open` returns the values of `outputs` for the `fields` of an address or of the tab itself."""

    name: str
    fields: Mapping[str, Component]
    outputs: Sequence[Component]
    open: Callable[[Person, Fields], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Frame:
    """What all tabs share: the bench, and where messages appear."""

    bench: Bench
    message: gr.Markdown

    def on(
        self,
        triggers: Sequence[Any],
        act: Act,
        inputs: Sequence[Component] = (),
        outputs: Sequence[Component] = (),
        done: str = "",
    ) -> None:
        """Call `act(person, *inputs)` at an event and say `done`; what it refuses is reported, and nothing changes."""

        def run(request: gr.Request, *values: Any) -> list[Any]:
            return self._report(len(outputs), lambda: act(current_person(request), *values), done)

        self._listen(triggers, run, inputs, outputs)

    def on_row(self, chosen: gr.Dataframe, act: Act, inputs: Sequence[Component], outputs: Sequence[Component]) -> None:
        """Call `act(person, row, *inputs)` for the row of a table that is chosen, its cells as text."""

        def run(event: gr.SelectData, request: gr.Request, *values: Any) -> list[Any]:
            row = list(map(str, event.row_value))
            return self._report(len(outputs), lambda: act(current_person(request), row, *values))

        self._listen([chosen.select], run, inputs, outputs)

    def reopen_on(self, triggers: Sequence[Any], tab: Tab) -> None:
        """Open a tab again at an event, for what its fields say then."""

        def run(request: gr.Request, *values: Any) -> list[Any]:
            return self.open(tab, current_person(request), fields_of(tab.fields, values))

        self._listen(triggers, run, list(tab.fields.values()), tab.outputs)

    def open(self, tab: Tab, person: Person, at: Fields) -> list[Any]:
        """Return the values of a tab's outputs and of the message, with the address at which the tab opens so."""
        address = urlencode([("tab", tab.name), *((name, one) for name in tab.fields for one in at.all(name))])
        return self._report(len(tab.outputs), lambda: tab.open(person, at), address=address)

    def _listen(self, triggers: Sequence[Any], run: Any, inputs: Sequence[Any], outputs: Sequence[Any]) -> None:
        gr.on(
            list(triggers),
            run,
            list(inputs),
            [*outputs, self.message],
            api_visibility="private",
            show_progress="hidden",
        )

    def _report(self, n: int, act: Callable[[], Sequence[Any]], done: str = "", address: str = "") -> list[Any]:
        """Return what `act` changes and what is said of it; the reason alone where it fails."""
        try:
            return [*act(), self._message(done, address)]
        except (EvalError, BotError, IngestError) as error:
            return [*[gr.skip()] * n, self._message(str(error), address, is_problem=True)]
        except Exception:  # noqa: BLE001 -- whatever it is, the reader is told and keeps what was typed
            _log.exception("workbench")
            return [*[gr.skip()] * n, self._message(UNFORESEEN, address, is_problem=True)]

    def _message(self, text: str, address: str, *, is_problem: bool = False) -> str:
        return render("message.html", text=text, address=address, is_problem=is_problem)


def fields_of(fields: Mapping[str, Component], values: Sequence[Any]) -> Fields:
    """Return what components hold, as an address has it: a list by its members, a tick as 1."""
    return Fields(
        (name, "1" if one is True else one)
        for name, value in zip(fields, values, strict=True)
        for one in (value if isinstance(value, list) else [value])
        if one not in (None, False, "")
    )
