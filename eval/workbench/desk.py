"""What happens at the workbench: an address is gone to, a form is sent, a run that goes on is looked at again."""

import logging
from collections.abc import Callable
from typing import Any, NamedTuple

import gradio as gr

from bot.errors import BotError
from bot.sign_in import who
from bot.ui.markup import plain
from eval.errors import EvalError
from eval.workbench.bench import Bench
from eval.workbench.fields import Address, Fields
from eval.workbench.render import content_html, head_html, lost_html
from eval.workbench.views import FIRST, VIEWS
from ingest.errors import IngestError

_log = logging.getLogger(__name__)
SKIP = gr.skip()
UNFORESEEN = "処理の途中でエラーが起きました。もう一度お試しください。続くときは、サーバーの記録を確かめてください。"


class Change(NamedTuple):
    """What an event changes on the page, in the order of its outputs."""

    content: Any = SKIP
    said: Any = SKIP
    problem: Any = SKIP


class Desk:
    """Answers the page's events; all that is to be kept is in the address and in what the bench keeps."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench

    def head(self, request: gr.Request) -> str:
        """Draw what stands over the page: its name, the other pages, and who is there."""
        return head_html(self._bench.settings.service_name, who(request))

    def show(self, event: gr.EventData, request: gr.Request) -> Change:
        """Draw the view at an address."""
        at = _address(event)
        return _told(lambda: Change(self._drawn(at, who(request).name), "", ""), Change(lost_html(at.written), "", ""))

    def look_again(self, event: gr.EventData, request: gr.Request) -> Change:
        """Draw the view again while something goes on in it; what was said of it stays."""
        return _told(lambda: Change(self._drawn(_address(event), who(request).name)), Change())

    def act(self, event: gr.EventData, request: gr.Request) -> Change:
        """Do what a form asks for; where that is refused, say why and leave the form as it was filled in."""
        at, by = _address(event), who(request)
        action = VIEWS[at.view].actions[str(event.action)]

        def done() -> Change:
            what = action(self._bench, Fields(event.fields), at, by)
            on = Address(what.goto, FIRST) if what.goto else at
            return Change(self._drawn(on, by.name, str(event.number)), plain(what.said), "")

        return _told(done, Change(said=""))

    def _drawn(self, at: Address, by: str, done: str = "") -> str:
        view = VIEWS.get(at.view)
        return content_html(at, view.show(self._bench, at, by), done) if view else lost_html(at.written)


def _address(event: gr.EventData) -> Address:
    return Address(str(event.view), FIRST)


def _told(doing: Callable[[], Change], otherwise: Change) -> Change:
    """Return what `doing` changes; where it fails, `otherwise`, with the reason as a problem."""
    try:
        return doing()
    except (EvalError, BotError, IngestError) as error:
        return otherwise._replace(problem=plain(str(error)))
    except Exception:  # noqa: BLE001 -- whatever it is, the reader is told and keeps what was typed
        _log.exception("workbench")
        return otherwise._replace(problem=UNFORESEEN)
