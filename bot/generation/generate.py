"""The configured language models and the prompts of answer generation."""

from collections.abc import Sequence
from typing import Any

from bot.generation.structured_reply import SCHEMA
from bot.llm.calls import ModelCall
from bot.llm.chat_model import ChatModel
from bot.llm.gguf import LocalModel
from bot.llm.task import Task
from ingest.configuration.settings import Settings

VERDICT: dict[str, Any] = {
    "type": "object",
    "properties": {"supported": {"type": "boolean"}, "why": {"type": "string"}},
    "required": ["supported", "why"],
    "additionalProperties": False,
}
"""What `prompts/sense.md` asks for, as JSON Schema."""


class Generator:
    """Writes answers with the models of the settings (there must be one), which `chat` is, for other tasks too.

    `answer` writes, `revision` revises faulty sentences, `sense` judges one sentence. `rules` are the instructions of
    the prompts, which must not be recited. Safe to use from several threads. Raises LocalModelError.
    """

    def __init__(self, settings: Settings) -> None:
        self._local = LocalModel(settings.llm_gguf, settings.llm_gguf_context) if settings.llm_gguf else None
        self.chat = ChatModel(settings.llm, settings.llm_timeout_s, self._local)
        in_words = Task("answer-marks", self.chat)
        self.answer = Task("answer", self.chat, SCHEMA, otherwise=in_words)
        self.revision = Task("revision", self.chat)
        self.sense = Task("sense", self.chat, VERDICT)
        self._digests = {task.prompt.digest for task in (self.answer, in_words)}
        self.rules = "\n".join(
            text
            for task in (self.answer, in_words, self.revision)
            for role, text in task.prompt.messages
            if role == "system"
        )
        # A model of a billion parameters on this machine's own cores is slow, and a poor judge.
        self._may_judge = settings.llm_sense == "on" or (settings.llm_sense == "auto" and bool(settings.llm))

    @property
    def can_judge_entailment(self) -> bool:
        """Whether the model is asked if sources support a sentence: its server must enforce a form."""
        return self._may_judge and any(one.structure in ("json_schema", "tools") for one in self.chat.endpoints)

    def prompt_digest(self, calls: Sequence[ModelCall]) -> str | None:
        """Return the digest of the prompt that an answer was written by, as the calls made for it tell."""
        return next((call.prompt_digest for call in reversed(calls) if call.prompt_digest in self._digests), None)

    def close(self) -> None:
        """Close the connections to the models' servers, and end the process of a local one."""
        self.chat.close()
        if self._local:
            self._local.close()
