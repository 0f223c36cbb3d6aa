"""What all tabs share: events with the person who acts, the message of what was refused, and answers as HTML."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import gradio as gr
from gradio.components import Component
from markupsafe import Markup

from bot.answering.rendering.answer_text import parse_statements
from bot.answering.state import AnswerContent, Paragraph
from bot.channels.html.markup import html_to_markdown, make_environment, render_template
from bot.channels.sign_in.sign_in_page import render_masthead
from bot.errors import BotError
from bot.running.auth.access import PAGES
from bot.running.auth.person import SignedInPerson, current_person
from bot.running.http.form_fields import Fields
from eval.dataset.case_labels import BEHAVIOUR_LABELS, KIND_DESCRIPTIONS, KIND_LABELS
from eval.dataset.sets import SETS
from eval.errors import EvalError
from eval.workbench.bench import Bench
from ingest.errors import IngestError
from ingest.japanese.word_differences import diff_words

_TEMPLATES = make_environment(Path(__file__).parent / "templates", up="..")
_UNEXPECTED = "処理の途中でエラーが起きました。もう一度お試しください。続くときは、サーバーの記録を確かめてください。"
ALL = ("すべて", "")
"""The choice of a filter that excludes nothing."""
_log = logging.getLogger(__name__)


def render(template: str, **values: Any) -> str:
    """Return a template of the workbench as the value of a component for HTML."""
    return html_to_markdown(render_template(_TEMPLATES, template, **values))


def head_html(name: str, person: SignedInPerson) -> str:
    """Return the head of the page for a person who has signed in."""
    heading = Markup('<h1 class="unseen">{}</h1>').format(PAGES["/workbench/"])
    return html_to_markdown(render_masthead(name, "/workbench/", person) + str(heading))


def tab_link(tab: str, **fields: object) -> str:
    """Return the address of a tab; fields that are empty are left out."""
    return f"?{urlencode({'tab': tab, **{name: value for name, value in fields.items() if value}}, doseq=True)}"


def percent(rate: float, se: float | None = None) -> str:
    """Return a share of 0-1, with its standard error, as people read it."""
    return f"{100 * rate:.1f}%" + ("" if se is None else f" ± {100 * se:.1f}%")


_TEMPLATES.globals.update(
    kinds_of=KIND_DESCRIPTIONS, kinds_short=KIND_LABELS, sets_of=SETS, behaviours=BEHAVIOUR_LABELS
)
_TEMPLATES.globals.update(link=tab_link, differing=diff_words)
_TEMPLATES.filters.update(
    answer_content=lambda answer: AnswerContent((Paragraph(parse_statements(answer["answer"])),)), percent=percent
)


def html_area(**options: Any) -> gr.Markdown:
    """Return a component for HTML of our templates; `gr.HTML` needs a policy that allows compiled scripts."""
    return gr.Markdown(sanitize_html=False, latex_delimiters=[], **options)


def table(label: str, headers: Sequence[str], **options: Any) -> gr.Dataframe:
    """Return a table to read, whose rows can be chosen by a click or with the arrow keys and Enter."""
    return gr.Dataframe(label=label, headers=list(headers), interactive=False, buttons=[], wrap=True, **options)


def table_value(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> dict[str, Any]:
    """Return the value of a table."""
    return {"headers": list(headers), "data": [list(row) for row in rows]}


def label_choices(values: Iterable[str], labels: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return values as choices of a dropdown, each once, with their labels."""
    return [(labels.get(value, value), value) for value in dict.fromkeys(values)]


Changes = dict[Component, Any]
"""The new values of components; all others stay as they are."""
Steps = Iterator[str | Changes]


class Tab(ABC):
    """One tab, whose `fields` are those of its address."""

    name: str
    fields: Mapping[str, Component]
    outputs: Sequence[Component]

    @abstractmethod
    def open(self, _person: SignedInPerson, fields: Fields, /) -> Changes:
        """Return what changes for the `fields` of an address, or of the tab itself. Raises EvalError, BotError."""


class Frame:
    """The bench, the message, and the address at which the open tab can be opened again."""

    def __init__(self, bench: Bench, message: gr.Markdown, address: gr.Markdown) -> None:
        self.bench = bench
        self.message = message
        self.address = address

    def on(
        self,
        triggers: Sequence[Any],
        act: Callable[..., Changes],
        inputs: Sequence[Component] = (),
        outputs: Sequence[Component] = (),
        done: str | None = "",
    ) -> None:
        """Call `act(person, *inputs)` at an event and report `done`, or why it raised; None reports nothing."""

        def run(request: gr.Request, *values: Any) -> Changes:
            return self._report(lambda: act(current_person(request), *values), done)

        listen(triggers, run, inputs, [*outputs, self.message])

    def on_row(
        self, rows: gr.Dataframe, act: Callable[..., Changes], inputs: Sequence[Component], outputs: Sequence[Component]
    ) -> None:
        """Call `act(person, row, *inputs)` when a row of a table is chosen, with its cells as text."""

        def run(event: gr.SelectData, request: gr.Request, *values: Any) -> Changes:
            return self._report(lambda: act(current_person(request), list(map(str, event.row_value)), *values))

        listen([rows.select], run, inputs, [*outputs, self.message])

    def on_steps(
        self, trigger: Any, act: Callable[..., Steps], inputs: Sequence[Component], outputs: Sequence[Component]
    ) -> None:
        """As `on`, for an `act` that yields messages while it works, and what changes at its end."""

        def run(request: gr.Request, *values: Any) -> Iterator[Changes]:
            try:
                for step in act(current_person(request), *values):
                    text, changes = (step, {}) if isinstance(step, str) else ("", step)
                    yield {**changes, self.message: render("message.html", text=text, tone="current")}
            except Exception as error:  # noqa: BLE001 -- as in `_report`
                yield self._refusal(error)

        listen([trigger], run, inputs, [*outputs, self.message])

    def reopen_on(self, triggers: Sequence[Any], tab: Tab, *names: str) -> None:
        """Open a tab again at an event, with the values of its fields, or of some of them."""
        names = names or tuple(tab.fields)

        def run(request: gr.Request, *values: Any) -> Changes:
            return self.open(tab, current_person(request), fields_of(dict(zip(names, values, strict=True))))

        inputs = [tab.fields[name] for name in names]
        listen(triggers, run, inputs, [*tab.outputs, self.address, self.message])

    def open(self, tab: Tab, person: SignedInPerson, fields: Fields) -> Changes:
        """Return what changes in a tab, with the address and the message."""
        address = tab_link(tab.name, **{name: fields.all(name) for name in tab.fields})
        opened = self._report(lambda: tab.open(person, fields))
        return {**opened, self.address: render("address.html", address=address)}

    def _report(self, act: Callable[[], Changes], done: str | None = "") -> Changes:
        reported: Changes = {} if done is None else {self.message: render("message.html", text=done, tone="current")}
        try:
            return {**reported, **act()}
        except Exception as error:  # noqa: BLE001 -- a bug must not lose what somebody has typed
            return self._refusal(error)

    def _refusal(self, error: Exception) -> Changes:
        is_expected = isinstance(error, EvalError | BotError | IngestError)
        if not is_expected:
            _log.error("workbench", exc_info=error)
        return {self.message: render("message.html", text=str(error) if is_expected else _UNEXPECTED, tone="old")}


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
