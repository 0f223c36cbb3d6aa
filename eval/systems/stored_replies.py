"""A server that answers as a language model did in a saved run, so that verification is measured again without it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fastapi import FastAPI, HTTPException
from fastapi.responses import StreamingResponse

from bot.llm.model_calls import digest_request
from eval.errors import RunFolderError
from eval.metrics.model_use import model_calls
from eval.scoring.run_record import RunRow


class StoredReplies:
    """The whole replies of a run, by the digest of their requests.

    Attributes:
        model: the name of the model that gave most of them.
        missing: the number of requests so far that the run did not make.

    """

    def __init__(self, rows: Iterable[RunRow]) -> None:
        """Read the calls of `rows`; raises RunFolderError if no reply was recorded."""
        calls = [call for row in rows for call in model_calls(row) if call.get("request_digest")]
        if not any(call["text"] for call in calls):
            raise RunFolderError(
                "この評価には、言語モデルの返事が残っていません。言語モデルを使って測り直してください。"
            )
        self.model = Counter(call["model"] for call in calls).most_common(1)[0][0]
        self.missing = 0
        # A call that failed has no text.
        self._texts: Mapping[str, str] = {call["request_digest"]: call["text"] for call in calls}

    def __len__(self) -> int:
        return sum(bool(text) for text in self._texts.values())

    def find(self, contents: Iterable[str]) -> str | None:
        """Return the reply to a request with these messages; None if the run has none or the call failed."""
        digest = digest_request(contents)
        self.missing += digest not in self._texts
        return self._texts.get(digest) or None


def create_replay_app(replies: StoredReplies) -> FastAPI:
    """Return an OpenAI-compatible server that streams the stored replies; 404 for other requests."""
    app = FastAPI(openapi_url=None)

    @app.post("/v1/chat/completions")
    def complete(body: dict[str, Any]) -> StreamingResponse:
        text = replies.find(str(message["content"]) for message in body["messages"])
        if text is None:
            raise HTTPException(404, "この質問への返事は、保存された評価にありません。")
        return StreamingResponse(_events(replies.model, text), media_type="text/event-stream")

    return app


def _events(model: str, text: str) -> Iterator[str]:
    for delta, finish_reason in (({"role": "assistant", "content": text}, None), ({}, "stop")):
        choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
        chunk = {"id": "stored", "object": "chat.completion.chunk", "created": 0, "model": model, "choices": [choice]}
        yield f"data: {json.dumps(chunk, ensure_ascii=False)}\n\n"
    yield "data: [DONE]\n\n"
