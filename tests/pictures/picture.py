"""The definition of a picture of the documentation."""

from collections.abc import Callable
from typing import NamedTuple

from playwright.sync_api import Page, ViewportSize

from bot.auth.person import Role

DESKTOP = ViewportSize(width=1280, height=860)


class Picture(NamedTuple):
    """A file of the documentation, the screen in CSS pixels, and what leads from the page at `at` to what it shows.

    `by` is the role of who has signed in, None for a citizen.
    """

    file: str
    screen: ViewportSize
    reach: Callable[[Page], None]
    dark: bool = False
    at: str = "/"
    by: Role | None = None
