"""The pages for signed-in people, with their addresses and required roles."""

from collections.abc import Mapping
from functools import cache

from bot.auth.access import Access
from bot.auth.person import Person, Role

PAGES: Mapping[str, str] = {"/staff/": "職員の画面", "/workbench/": "評価の作業台", "/": "市民の画面"}
"""What the pages are called, by their addresses."""
HOME: Mapping[Role, str] = {"staff": "/staff/", "tester": "/workbench/", "editor": "/staff/", "admin": "/staff/"}


@cache
def _needed() -> dict[str, Role]:
    return Access().pages


def permitted_pages(person: Person) -> dict[str, str]:
    """Return those of the pages that this person may open."""
    return {path: name for path, name in PAGES.items() if person.may(_needed()[path.rstrip("/") or "/"])}
