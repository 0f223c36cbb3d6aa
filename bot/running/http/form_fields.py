"""Values of a request: forms, query strings, and the header `Idempotency-Key`."""

from collections.abc import Iterable
from typing import Annotated

from fastapi import Header, Request

# Long enough that nobody guesses another person's key.
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="同じ質問を送り直すときの鍵（推測できない16文字以上。UUID など）。"
        "同じ鍵で送り直せば、最初の回答が返る",
        min_length=16,
        max_length=128,
        pattern="^[!-~]*$",
    ),
]


class Fields:
    """Form or query values in their order; a name may occur several times."""

    def __init__(self, pairs: Iterable[Iterable[object]] = ()) -> None:
        self._pairs = [(str(name), str(value)) for name, value in pairs]

    def one(self, name: str, default: str = "") -> str:
        """Return the first value of a name, stripped."""
        return next((value.strip() for key, value in self._pairs if key == name), default)

    def all(self, name: str) -> list[str]:
        """Return the values of a name that are not blank, stripped."""
        return [value.strip() for key, value in self._pairs if key == name and value.strip()]

    def lines(self, name: str) -> list[str]:
        """Return the lines of the first value of a name that are not blank, stripped."""
        return [line.strip() for line in self.one(name).splitlines() if line.strip()]

    def number(self, name: str, default: int = 0) -> int:
        """Return the first value of a name as an integer, or `default` if it is none."""
        value = self.one(name)
        return int(value) if value.isascii() and value.removeprefix("-").isdigit() else default


async def form_fields(request: Request) -> Fields:
    """Return the form of a request without its files, with LF line ends."""
    pairs = (await request.form()).multi_items()
    # Browsers send text areas with CRLF, but quotes are compared with passages letter by letter.
    return Fields((name, value.replace("\r\n", "\n")) for name, value in pairs if isinstance(value, str))
