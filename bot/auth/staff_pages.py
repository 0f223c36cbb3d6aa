"""The pages that signed-in people may open, with their addresses and required roles."""

from collections.abc import Mapping
from functools import cache

from bot.auth.access import Access
from bot.auth.person import Role, SignedInPerson

PAGES: Mapping[str, str] = {"/staff/": "職員の画面", "/workbench/": "評価の作業台", "/": "市民の画面"}
"""The titles of the pages by address."""
HOME: Mapping[Role, str] = {"staff": "/staff/", "tester": "/workbench/", "editor": "/staff/", "admin": "/staff/"}
"""The page that opens after signing in, by role."""


@cache
def _required_roles() -> dict[str, Role]:
    return Access().pages


def permitted_pages(person: SignedInPerson) -> dict[str, str]:
    """Return the pages that a person may open."""
    return {path: title for path, title in PAGES.items() if person.may(_required_roles()[path.rstrip("/") or "/"])}
