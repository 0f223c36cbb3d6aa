"""Asks another system over HTTP, and infers the status of its answers."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx2
from pydantic import SecretStr

from eval.errors import RefusedError, UnreachableError
from eval.storage.provenance import strip_credentials
from eval.systems.asking import TIMEOUT_S, post_with_retry
from eval.systems.system_under_test import SystemUnderTest
from ingest.japanese import nfkc

_OPENING_SENTENCES = 2
_NOT_FOUND = re.compile(
    r"(?:見つかり|見つけられ|見当たり|確認でき|記載されてい|記載され|含まれてい|(?:記載|記述|情報)[がはも]?(?:ござい|あり)"
    r"|分かり|わかり|存じ|[答応]え(?:でき|する(?:こと[がは]でき|のは難し))|回答(?:でき|する(?:こと[がは]でき|のは難し))"
    r"|[答応]えられ|判断でき|提供でき|お伝えでき|お手伝いでき|対応でき|応じられ|お受けでき)(?:ませ|かね|ない|なかった|いです)"
    r"|(?:答え|応え|調べ|伝え|教え|預か|提供|案内)[^。]{0,20}(?:こと[はがも])?(?:でき|いたしかね)(?:ませ|かね|ない)"
    r"|(?:できかね|いたしかね|わかりかね|分かりかね)|範囲の?外|対象外|(?:記載|情報|記述)[がは](?:無|な)い"
)
_NOT_FOUND_ENGLISH = re.compile(
    r"\b(?:(?:do|does|did) not|don't|cannot|can't|could not|couldn't|unable to|not able to)\b.{0,40}"
    r"\b(?:know|find|answer|provide|help|contain|mention|have)"
    r"|\bno information\b|\bnot (?:found|available|mentioned)\b",
    re.IGNORECASE,
)
_SENTENCES = re.compile(r"[^。!?\n]+[。!?]*")
_ASKS = re.compile(r"(?:か[。?]?|\?)\s*$", re.MULTILINE)


def infer_status(text: str) -> str:
    """Return answered, no_answer or clarify, judged by the first sentences of an answer."""
    sentences = _SENTENCES.findall(nfkc(text).strip())
    opening = "".join(sentences[:_OPENING_SENTENCES])
    if not sentences or _NOT_FOUND.search(opening) or _NOT_FOUND_ENGLISH.search(opening):
        return "no_answer"
    if any(map(_ASKS.search, sentences[:_OPENING_SENTENCES])) and not re.search(r"\d", opening):
        return "clarify"
    return "answered"


_EASY_INSTRUCTION = "やさしい日本語で答えてください。"
_CONFIGURATION_ERRORS = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
Message = dict[str, str]


@dataclass(frozen=True, slots=True)
class SystemEndpoint:
    """Another system with an OpenAI-compatible API: the base URL of `/chat/completions`, and the model's name."""

    url: str
    model: str


@contextmanager
def open_other_system(endpoint: SystemEndpoint, key: SecretStr | None) -> Iterator[SystemUnderTest]:
    """Open the system at `endpoint`; `key` is sent but never stored.

    Raises UnreachableError if it does not answer, refuses the key, or is not OpenAI-compatible.
    """
    headers = {"Authorization": f"Bearer {key.get_secret_value()}"} if key else {}
    config = {
        "endpoint": strip_credentials(endpoint.url),
        "model": endpoint.model,
        "status": "said_status",
        "cites": False,
    }
    base = endpoint.url.rstrip("/") + "/"
    with httpx2.Client(base_url=base, headers=headers, timeout=TIMEOUT_S, trust_env=False) as client:
        yield SystemUnderTest(_Conversations(client, endpoint), config)


class _Conversations:
    """Keeps all messages of each conversation, because these systems do not; safe to share between threads."""

    def __init__(self, client: httpx2.Client, endpoint: SystemEndpoint) -> None:
        self._client = client
        self._endpoint = endpoint
        self._messages: dict[str, tuple[Message, ...]] = {}

    def __call__(self, body: dict[str, Any]) -> dict[str, Any]:
        """Ask one turn. Raises RefusedError, UnreachableError."""
        history = self._messages.pop(body.get("conversation_id", ""), None) or _system_message(body)
        messages = (*history, {"role": "user", "content": body["question"]})
        text, usage = self._complete_chat(messages)
        conversation_id = uuid4().hex
        self._messages[conversation_id] = (*messages, {"role": "assistant", "content": text})
        return {
            "answer_id": uuid4().hex,
            "conversation_id": conversation_id,
            "status": infer_status(text),
            "answer": text,
            "citations": [],
            "cites": False,
            "generator": self._endpoint.model,
            "usage": usage,
        }

    def _complete_chat(self, messages: tuple[Message, ...]) -> tuple[str, Any]:
        url = self._endpoint.url
        request = {"model": self._endpoint.model, "messages": messages, "temperature": 0}
        try:
            response = post_with_retry(self._client, "chat/completions", request)
            reply = response.json()
        except (httpx2.HTTPError, httpx2.InvalidURL, ValueError) as error:
            raise UnreachableError(
                f"{url} から回答を受け取れません({error})。--openai のURLを確かめてください。"
            ) from error
        if response.status_code in _CONFIGURATION_ERRORS:
            raise UnreachableError(
                f"{url} に断られました(HTTP {response.status_code})。"
                "URL、--model、SHIRUBE_EVAL_API_KEY を確かめてください。"
            )
        if response.is_error:
            raise RefusedError(f"HTTP {response.status_code}: {str(reply)[:200]}")
        try:
            return str(reply["choices"][0]["message"]["content"] or ""), reply.get("usage")
        except (KeyError, IndexError, TypeError) as error:
            raise UnreachableError(f"{url} は OpenAI 互換の API ではないようです。URLを確かめてください。") from error


def _system_message(body: dict[str, Any]) -> tuple[Message, ...]:
    day = f"今日は{date.fromisoformat(body['as_of']):%Y年%m月%d日}です。" if "as_of" in body else ""
    text = day + (_EASY_INSTRUCTION if body.get("style") == "easy" else "")
    return ({"role": "system", "content": text},) if text else ()
