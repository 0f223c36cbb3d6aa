"""What a page's address or form says, read as what it is meant for."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode


class Fields:
    """Named values in their order; a name may come several times, or not at all."""

    def __init__(self, pairs: Iterable[Iterable[object]] = ()) -> None:
        self._pairs = [(str(name), str(value)) for name, value in pairs]

    def one(self, name: str, default: str = "") -> str:
        """Return the first value of a name without spaces around it."""
        return next((value.strip() for key, value in self._pairs if key == name), default)

    def all(self, name: str) -> list[str]:
        """Return every value of a name that is not empty."""
        return [value.strip() for key, value in self._pairs if key == name and value.strip()]

    def lines(self, name: str) -> list[str]:
        """Return the lines of a name's value that are not empty."""
        return [line.strip() for line in self.one(name).splitlines() if line.strip()]

    def number(self, name: str, default: int = 0) -> int:
        """Return a whole number; `default` where there is none."""
        value = self.one(name)
        return int(value) if value.isascii() and value.removeprefix("-").isdigit() else default


class Address(Fields):
    """Where one is on the workbench: the name of a view and what it shows, as it stands behind the # of the URL."""

    def __init__(self, written: str, default: str) -> None:
        view, _, query = written.removeprefix("#").partition("?")
        super().__init__(parse_qsl(query))
        self.view = view or default
        self.written = f"{self.view}?{query}" if query else self.view


def link(view: str, **fields: object) -> str:
    """Return the address of a view; fields that are empty are left out."""
    told = [(name, value) for name, value in fields.items() if value not in {None, "", 0}]
    return f"#{view}?{urlencode(told)}" if told else f"#{view}"
