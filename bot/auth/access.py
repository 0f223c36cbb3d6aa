"""Access rules per address (`access.toml`) and their lookup for a request."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.routing import compile_path

from bot.auth.person import ROLES, Role

if TYPE_CHECKING:
    from re import Pattern

TABLE = Path(__file__).with_name("access.toml")
WEBSOCKET = "WS"


@dataclass(frozen=True, slots=True)
class AccessRule:
    """An address as the table writes it (`/api/documents/{doc_id}`), how it is called, and who may."""

    method: str
    path: str
    role: Role
    scope: str


class Access:
    """The table; safe to share between threads once the pages have been hung. `open_data`: everybody gets that."""

    def __init__(self, *, open_data: bool = False) -> None:
        table = tomllib.loads(TABLE.read_text("utf-8"))
        self._rows: list[tuple[Pattern[str], AccessRule]] = []
        self.pages: dict[str, Role] = table["pages"]
        if open_data:
            self.add("citizen", table["open_data"])
        for role in ROLES:
            self.add(role, table["routes"].get(role, {}))
        for path in table["gradio"]["pages"]:
            rows = table["gradio"]["open"]
            self.add(self.pages[path], {address.replace(" ", f" {path.rstrip('/')}", 1): "" for address in rows})

    def __iter__(self) -> Iterator[AccessRule]:
        """Go over the rows."""
        return (row for _, row in self._rows)

    def add(self, role: Role, rows: Mapping[str, str]) -> None:
        """Enter addresses, written as in the table."""
        for address, scope in rows.items():
            method, path = address.split(" ", 1)
            self._rows.append((compile_path(path)[0], AccessRule(method, path, role, scope)))

    def found(self, path: str) -> dict[str, AccessRule]:
        """Return the rows of an address by their methods, with or without a slash at its end; none: it is not there."""
        other = path[:-1] if path.endswith("/") else f"{path}/"
        for written in (path, other):
            rows = [row for pattern, row in reversed(self._rows) if pattern.match(written)]
            if rows:
                # Of two that match, the one that leaves less open speaks of this address.
                return {row.method: row for row in sorted(rows, key=lambda row: -row.path.count("{"))}
        return {}
