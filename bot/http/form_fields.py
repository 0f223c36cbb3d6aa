"""Fields of a form or of an address, by name."""

from collections.abc import Iterable

from fastapi import Request


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


def query_fields(request: Request) -> Fields:
    """Return what the address of a request asks for."""
    return Fields(request.query_params.multi_items())


async def form_fields(request: Request) -> Fields:
    """Return the form that a request sends, without its files, with the line ends of Python."""
    pairs = (await request.form()).multi_items()
    # HTML sends the lines of a text area with CRLF; quotes are compared with passages letter by letter.
    return Fields((name, value.replace("\r\n", "\n")) for name, value in pairs if isinstance(value, str))
