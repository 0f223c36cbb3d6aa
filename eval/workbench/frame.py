"""Connects the workbench's events with the person who acts, and reports what is refused."""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from bot.auth import SignedInPerson, current_person
from bot.errors import BotError
from bot.http.form_fields import Fields
from eval.errors import EvalError
from eval.workbench.bench import Bench
from eval.workbench.html import address_html, render
from eval.workbench.saved_runs import RunSummary
from ingest.errors import IngestError

UNEXPECTED = "処理の途中でエラーが起きました。もう一度お試しください。続くときは、サーバーの記録を確かめてください。"
ALL = ("すべて", "")
"""The choice of a filter that excludes nothing."""
_log = logging.getLogger(__name__)


def html_area(**options: Any) -> gr.Markdown:
    """Return a component for HTML of our templates; `gr.HTML` needs a policy that allows compiled scripts."""
    return gr.Markdown(sanitize_html=False, latex_delimiters=[], **options)


def table(label: str, headers: Sequence[str], **options: Any) -> gr.Dataframe:
    """Return a table to read, whose rows can be chosen by a click or with the arrow keys and Enter."""
    return gr.Dataframe(label=label, headers=list(headers), interactive=False, buttons=[], wrap=True, **options)


def table_value(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> dict[str, Any]:
    """Return the value of a table."""
    return {"headers": list(headers), "data": [list(row) for row in rows]}


def run_choices(runs: Iterable[RunSummary]) -> list[tuple[str, str]]:
    """Return runs as choices of a dropdown: title and passed cases, by name."""
    return [(f"{run.title}（{run.passed}/{run.n}）", run.name) for run in runs]


def run_pair_dropdowns(runs: Sequence[RunSummary], names: Sequence[str]) -> list[gr.Dropdown]:
    """Return two dropdowns with these runs chosen; the latest two runs replace empty names."""
    latest = [run.name for run in runs[1::-1]] if runs[1:] else [None, None]
    return [gr.Dropdown(run_choices(runs), value=name or default) for name, default in zip(names, latest, strict=True)]


def label_choices(values: Iterable[str], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return values as choices of a dropdown, each once, with their labels."""
    return [(labels.get(value, value), value) for value in dict.fromkeys(values)]


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab: `open` returns the values of `outputs` for the `fields` of an address or of the tab itself."""

    name: str
    fields: Mapping[str, Component]
    outputs: Sequence[Component]
    open: Callable[[SignedInPerson, Fields], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Frame:
    """What all tabs share: the bench, the message, and the address at which the open tab can be opened again."""

    bench: Bench
    message: gr.Markdown
    address: gr.Markdown

    def on(
        self,
        triggers: Sequence[Any],
        act: Callable[..., Sequence[Any]],
        inputs: Sequence[Component] = (),
        outputs: Sequence[Component] = (),
        done: str | None = "",
    ) -> None:
        """Call `act(person, *inputs)` at an event and report `done`; None leaves the message as it is.

        If `act` raises, the reason is reported and no output changes.
        """

        def run(request: gr.Request, *values: Any) -> list[Any]:
            return self._report(len(outputs), lambda: act(current_person(request), *values), done)

        listen(triggers, run, inputs, [*outputs, self.message])

    def on_row(
        self,
        rows: gr.Dataframe,
        act: Callable[..., Sequence[Any]],
        inputs: Sequence[Component],
        outputs: Sequence[Component],
    ) -> None:
        """Call `act(row, *inputs)` when a row of a table is chosen, with its cells as text."""

        def run(event: gr.SelectData, *values: Any) -> list[Any]:
            return self._report(len(outputs), lambda: act(list(map(str, event.row_value)), *values))

        listen([rows.select], run, inputs, [*outputs, self.message])

    def reopen_on(self, triggers: Sequence[Any], tab: Tab) -> None:
        """Open a tab again at an event, with the values of its fields."""

        def run(request: gr.Request, *values: Any) -> list[Any]:
            return self.open(tab, current_person(request), fields_of(dict(zip(tab.fields, values, strict=True))))

        listen(triggers, run, list(tab.fields.values()), [*tab.outputs, self.address, self.message])

    def open(self, tab: Tab, person: SignedInPerson, fields: Fields) -> list[Any]:
        """Return the values of a tab's outputs, of the address and of the message."""
        *values, message = self._report(len(tab.outputs), lambda: tab.open(person, fields))
        return [*values, address_html(tab.name, **{name: fields.all(name) for name in tab.fields}), message]

    def _report(self, n: int, act: Callable[[], Sequence[Any]], done: str | None = "") -> list[Any]:
        """Return the `n` values of `act` and the message; if `act` raises, no change and the reason."""
        try:
            return [*act(), gr.skip() if done is None else render("message.html", text=done, tone="current")]
        except (EvalError, BotError, IngestError) as error:
            reason = str(error)
        except Exception:  # noqa: BLE001 -- a bug must not lose what somebody has typed
            _log.exception("workbench")
            reason = UNEXPECTED
        return [*[gr.skip()] * n, render("message.html", text=reason, tone="old")]


def listen(triggers: Sequence[Any], run: Any, inputs: Sequence[Component], outputs: Sequence[Component]) -> None:
    """Connect events with a function that no API offers."""
    gr.on(list(triggers), run, list(inputs), list(outputs), api_visibility="private", show_progress="hidden")


def fields_of(values: Mapping[str, Any]) -> Fields:
    """Return the values of components as fields of an address: a list as several fields, True as "1"."""
    return Fields(
        (name, "1" if item is True else item)
        for name, value in values.items()
        for item in (value if isinstance(value, list) else [value])
        if item not in (None, False, "")
    )
