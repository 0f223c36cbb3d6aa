"""What a view of the workbench is: what it shows at an address, and what can be done there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from bot.sign_in import Person
from eval.workbench.bench import Bench
from eval.workbench.fields import Address, Fields


class Shown(NamedTuple):
    """A drawn view. What is typed into it stays as long as address and `key` do."""

    html: str
    key: str = ""


class Done(NamedTuple):
    """What came of an action: what is said of it, and where one is from then on ("" where one was)."""

    said: str
    goto: str = ""


Show = Callable[[Bench, Address, str], Shown]
"""Draws the view for a person by name. Raises EvalError, BotError or IngestError where it cannot."""
Act = Callable[[Bench, Fields, Address, Person], Done]
"""Does what a form asks for, in the name of a person, who has to be allowed to. Raises as `Show`; nothing has been
changed then."""


@dataclass(frozen=True, slots=True)
class View:
    """One view: `show` draws it, `actions` by the names that its forms give them."""

    show: Show
    actions: Mapping[str, Act] = field(default_factory=dict)
