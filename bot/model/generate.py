"""Generation: a language model writes the answer from numbered passages; what it may cite is decided here."""

import re
import time
from collections.abc import Mapping, Sequence

from bot.model.breaker import Clock
from bot.model.chat_model import ChatModel, Reply
from bot.model.gguf import LocalModel
from bot.model.named import named_models
from bot.model.stream import Stream
from bot.model.task import Task, as_data
from bot.turn import Hit
from ingest.settings import Settings

_LOOKS_LIKE_MARK = re.compile(r"\[(\d{1,3})\]")


class Generator:
    """Writes answers with the models of the settings (there must be one) and the prompt of `prompts/answer.md`.

    `chat` are these models, for other tasks; `prompt_digest` goes into the records of each answer; `rules` is what the
    prompt tells the model and must not be recited. Safe to use from several threads. Raises LocalModelError.
    """

    def __init__(self, settings: Settings, clock: Clock = time.monotonic) -> None:
        self._local = LocalModel(settings.llm_gguf, settings.llm_gguf_context) if settings.llm_gguf else None
        models = [*named_models(settings), *([self._local.named] if self._local else [])]
        self.chat = ChatModel(models, settings.llm_timeout_s, clock)
        self._task = Task("answer", self.chat)
        self.prompt_digest = self._task.prompt.digest
        self.rules = "\n".join(text for role, text in self._task.prompt.messages if role == "system")

    def reply(self, question: str, hits: Sequence[Hit], titles: Mapping[str, str] | None = None) -> Reply:
        """Return a model's own words about the passages of `hits`, unread and unverified, whole.

        `titles` gives the documents' titles by their ids. Raises ModelError when no model answers in time.
        """
        return self._task.reply(question=_unmarked(question), passages=_passages(hits, titles or {}))

    def stream(self, question: str, hits: Sequence[Hit], titles: Mapping[str, str] | None = None) -> Stream:
        """Return the same as it comes. Raises ModelError, also while it is iterated."""
        return self._task.stream(question=_unmarked(question), passages=_passages(hits, titles or {}))

    def close(self) -> None:
        """Close the connections to the models' servers, and end the process of a local one."""
        self.chat.close()
        if self._local:
            self._local.close()


def _passages(hits: Sequence[Hit], titles: Mapping[str, str]) -> list[str]:
    """Return the passages as the prompt shows them; the last are left out where the model cannot read them all."""
    return [_frame(n, hit, titles) for n, hit in enumerate(hits, 1)]


def _frame(n: int, hit: Hit, titles: Mapping[str, str]) -> str:
    passage = hit.passage
    title, path = (_unmarked(text) for text in (titles.get(passage.doc_id, passage.doc_id), " > ".join(passage.path)))
    return f'<資料 番号="{n}">\n文書: {title}\n見出し: {path}\n本文:\n{_unmarked(passage.text)}\n</資料>'


def _unmarked(text: str) -> str:
    """Return `text` as data in which nothing looks like a mark of citation."""
    return _LOOKS_LIKE_MARK.sub(r"［\1］", as_data(text))
