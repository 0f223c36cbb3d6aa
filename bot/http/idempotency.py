"""The key of a question that may be sent twice (`Idempotency-Key`)."""

from typing import Annotated

from fastapi import Header

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
