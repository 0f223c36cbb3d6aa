"""An OpenAI-compatible chat model behind one time limit that holds, whatever its server does.

LangChain's time limit is one for each read, so a server that sends a byte a second never meets it. Therefore the call
runs in an event loop of its own thread, and the caller waits for it no longer than the limit.
"""

import asyncio
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.errors import ModelError
from bot.model.breaker import Breaker
from ingest.settings import Settings

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage, BaseMessage

_MEND = "SHIRUBE_LLM_BASE_URL と SHIRUBE_LLM_MODEL、言語モデルのサーバーの状態を確かめてください。"
_RETRIES = 1


class ChatModel:
    """The model that the settings name. `options` go to LangChain's ChatOpenAI (temperature, max_tokens, …).

    Safe to use from several threads. Nothing of a question is sent anywhere but to the model's server: proxies of
    the environment and LangSmith's tracing are not used.
    """

    def __init__(
        self, settings: Settings, options: dict[str, Any], *, streaming: bool = False, breaker: Breaker | None = None
    ) -> None:
        from langchain_openai import ChatOpenAI  # noqa: PLC0415 - 0.7 s and 90 MB, only where a model is configured
        from openai import DefaultAsyncHttpxClient, DefaultHttpxClient  # noqa: PLC0415

        self._limit_s = settings.llm_timeout_s
        self._breaker = breaker or Breaker()
        self._http = DefaultAsyncHttpxClient(trust_env=False)
        self._model = ChatOpenAI(
            model=settings.llm_model,
            base_url=settings.llm_base_url,
            api_key=settings.llm_api_key or "none",
            timeout=settings.llm_timeout_s,
            max_retries=_RETRIES,
            streaming=streaming,
            use_responses_api=False,
            openai_proxy="",  # else OPENAI_PROXY of the environment is taken, and clashes with the clients below
            http_client=DefaultHttpxClient(trust_env=False),
            http_async_client=self._http,
            **options,
        )
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name="chat-model", daemon=True).start()

    def reply(self, messages: Sequence["BaseMessage"]) -> str:
        """Return the whole text of the model's answer.

        Raises ModelError when the server cannot be reached, refuses, breaks off, or sends what cannot be read, and at
        the latest after `llm_timeout_s` seconds; at once while a server that kept failing is left alone.
        """
        if self._breaker.is_open:
            raise ModelError(f"言語モデルの失敗が続いたので、しばらく使わずに答えます。{_MEND}")
        try:
            text = _whole_text(self._wait(messages))
        except ModelError:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return text

    def _wait(self, messages: Sequence["BaseMessage"]) -> "AIMessage":
        call = asyncio.run_coroutine_threadsafe(self._ask(messages), self._loop)
        try:
            return call.result(self._limit_s)
        except TimeoutError as error:
            call.cancel()
            raise ModelError(f"言語モデルが {self._limit_s:g} 秒以内に答えませんでした。{_MEND}") from error
        except Exception as error:  # what a client makes of a broken answer is not limited to a few classes
            raise ModelError(f"言語モデルから答えを受け取れませんでした（{type(error).__name__}）。{_MEND}") from error

    async def _ask(self, messages: Sequence["BaseMessage"]) -> "AIMessage":
        from langsmith import tracing_context  # noqa: PLC0415

        with tracing_context(enabled=False):
            return await self._model.ainvoke(list(messages))

    def close(self) -> None:
        """Close the connections and end the thread; no reply can be asked for afterwards."""
        asyncio.run_coroutine_threadsafe(self._http.aclose(), self._loop).result(self._limit_s)
        self._loop.call_soon_threadsafe(self._loop.stop)


def _whole_text(message: "AIMessage") -> str:
    """Return the text; an answer without the mark of its end (finish_reason "stop") was cut off."""
    reason = message.response_metadata.get("finish_reason")
    if reason != "stop":
        raise ModelError(f"言語モデルの答えが途中で切れています（{reason or '終わりの印なし'}）。{_MEND}")
    if not isinstance(message.content, str) or not message.content.strip():
        raise ModelError(f"言語モデルの答えが空です。{_MEND}")
    return message.content
