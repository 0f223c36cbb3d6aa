"""Fetches the passages that a server's answers cite, and checks whether they support the statements."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import Any, Self
from urllib.parse import quote

import httpx2
from pydantic import TypeAdapter, ValidationError

from bot.errors import UnknownPassageError
from eval.scoring.statement_support import check_support
from eval.systems.asking import TIMEOUT_S
from ingest.documents import Document, Passage

_PASSAGE = TypeAdapter(Passage)
_DOCUMENT = TypeAdapter(Document)


class CitedPassages:
    """The passages that a server cites, each fetched once; safe to share between threads."""

    def __init__(self, client: httpx2.Client) -> None:
        self._client = client
        self._read: dict[str, Passage] = {}

    @classmethod
    @contextmanager
    def at(cls, url: str) -> Iterator[Self]:
        """Open the passages of the server at `url`."""
        with httpx2.Client(base_url=url, timeout=TIMEOUT_S, trust_env=False) as client:
            yield cls(client)

    def observations(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Return the statements of an answer with what their sources do not support; empty if those cannot be read.

        Older versions of the server have no API for passages.
        """
        try:
            statements = check_support(answer, self._passage, self._documents)
        except (UnknownPassageError, httpx2.HTTPError, KeyError, ValueError):
            return {}
        return {"statements": statements} if statements else {}

    @cached_property
    def _documents(self) -> tuple[Document, ...]:
        entries = self._client.get("/api/documents").raise_for_status().json()["documents"]
        # Checking statements needs neither the file nor the period.
        return tuple(_DOCUMENT.validate_python(entry | {"file": "", "period": None}) for entry in entries)

    def _passage(self, passage_id: str) -> Passage:
        if passage_id not in self._read:
            response = self._client.get(f"/api/passages/{quote(passage_id, safe='')}")
            try:
                self._read[passage_id] = _PASSAGE.validate_json(response.raise_for_status().content)
            except (httpx2.HTTPError, ValidationError) as error:
                raise UnknownPassageError(f"箇所「{passage_id}」を読めません({error})。") from error
        return self._read[passage_id]
