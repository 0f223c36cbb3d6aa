"""The access rules of every address (`access.toml`), and the pages that a person may open."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from starlette.routing import compile_path

from bot.running.auth.person import ROLES, Role, SignedInPerson

if TYPE_CHECKING:
    from re import Pattern

TABLE = Path(__file__).with_name("access.toml")
WEBSOCKET = "WS"
PAGES: Mapping[str, str] = {"/staff/": "職員の画面", "/workbench/": "評価の作業台", "/": "市民の画面"}
"""The titles of the pages by address."""
HOME: Mapping[Role, str] = {"staff": "/staff/", "tester": "/workbench/", "editor": "/staff/", "admin": "/staff/"}
"""The page that opens after signing in, by role."""


@dataclass(frozen=True, slots=True)
class AccessRule:
    """The role and the key scope that a method of a path (`/api/documents/{doc_id}`) requires."""

    method: str
    path: str
    role: Role
    scope: str


class Access:
    """The access rules; safe to share between threads once the pages have been mounted."""

    def __init__(self) -> None:
        table = _read_table()
        self._rules: list[tuple[Pattern[str], AccessRule]] = []
        self.pages: dict[str, Role] = dict(table["pages"])
        for role in ROLES:
            self.add(role, table["routes"].get(role, {}))
        for page, role in self.pages.items():
            rows = ("GET /", *(table["gradio"]["open"] if page in table["gradio"]["pages"] else ()))
            self.add(role, {row.replace(" ", f" {page.rstrip('/')}", 1): "" for row in rows})

    def __iter__(self) -> Iterator[AccessRule]:
        return (rule for _, rule in self._rules)

    def add(self, role: Role, rows: Mapping[str, str]) -> None:
        """Add rules from rows as in `access.toml`: method and path with the key scope."""
        for row, scope in rows.items():
            method, path = row.split(" ", 1)
            self._rules.append((compile_path(path)[0], AccessRule(method, path, role, scope)))

    def rules_for(self, path: str) -> dict[str, AccessRule]:
        """Return the rules of a path by method, with or without a trailing slash; empty for an unknown path."""
        other = path[:-1] if path.endswith("/") else f"{path}/"
        for candidate in (path, other):
            rules = [rule for pattern, rule in reversed(self._rules) if pattern.match(candidate)]
            if rules:
                # The rule with the fewest parameters is the most specific; it comes last and wins.
                return {rule.method: rule for rule in sorted(rules, key=lambda rule: -rule.path.count("{"))}
        return {}


def permitted_pages(person: SignedInPerson) -> dict[str, str]:
    """Return the pages that a person may open."""
    roles: dict[str, Role] = _read_table()["pages"]
    return {path: title for path, title in PAGES.items() if person.may(roles[path.rstrip("/") or "/"])}


@cache
def _read_table() -> dict[str, Any]:
    return tomllib.loads(TABLE.read_text("utf-8"))
