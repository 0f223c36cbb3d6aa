"""The configured language models and the prompts of answer generation."""

import logging
import threading
from collections.abc import Sequence

from bot.errors import ModelError
from bot.generation.reply import COMPACT_SCHEMA, SCHEMA
from bot.llm.chat_model import ChatModel, Task
from bot.llm.gguf import LocalModel
from bot.llm.model_calls import ModelCall
from bot.llm.prompt_files import load_prompt
from ingest.configuration.settings import Settings

_log = logging.getLogger(__name__)
LOADING_S = 120.0
"""Seconds to wait for a model on this machine: a file of several gigabytes is read from disk."""


def answer_prompt(settings: Settings) -> str:
    """Return the name or path of the prompt for answers."""
    if settings.llm_prompt != "auto":
        return settings.llm_prompt
    return "answer" if settings.llm else "answer-compact"


class Generator:
    """Writes answers with the models of the settings; there must be one. Safe to use from several threads.

    Raises LocalModelError.

    Attributes:
        chat: the models, for other tasks too.
        answer: writes an answer.
        queries_s: the seconds that a model may take to propose search queries.
        rules: the instructions of the prompt for answers, which must not be recited.
        reads_birth_dates: whether the models may read dates of birth.

    """

    def __init__(self, settings: Settings) -> None:
        self._local = LocalModel(settings.llm_gguf, settings.llm_gguf_context) if settings.llm_gguf else None
        self.chat = ChatModel(settings.llm, settings.llm_timeout_s, self._local, settings.proxy)
        self.queries_s = settings.llm_queries_s
        name = answer_prompt(settings)
        self.answer = Task(name, self.chat, COMPACT_SCHEMA if load_prompt(name).compact else SCHEMA)
        self.rules = "\n".join(text for role, text in self.answer.prompt.messages if role == "system")
        is_inside = all(model.is_inside for model in settings.llm)
        self.reads_birth_dates = is_inside if settings.llm_birth_dates == "auto" else settings.llm_birth_dates == "on"
        # A model of a billion parameters on this machine's own cores is slow, and a poor judge.
        self._is_judge_allowed = settings.llm_sense == "on" or (settings.llm_sense == "auto" and bool(settings.llm))
        self._warm_up_thread = threading.Thread(target=self._warm_up, name="llm-warm-up", daemon=True)
        if self._local:
            self._warm_up_thread.start()

    @property
    def is_loading(self) -> bool:
        """Whether the only model is one on this machine that is still being loaded."""
        return self._local is not None and len(self.chat.endpoints) == 1 and self._local.is_loading()

    def wait_until_ready(self, limit_s: float = LOADING_S) -> bool:
        """Wait at most `limit_s` seconds while a model on this machine is loaded and reads its instructions.

        Returns whether it can be called.
        """
        if self._local is None:
            return True
        self._warm_up_thread.join(limit_s)
        return self._local.is_ready()

    @property
    def resting(self) -> dict[str, bool]:
        """Whether each model rests after failures, by name."""
        return {endpoint.model.model: endpoint.is_resting for endpoint in self.chat.endpoints}

    @property
    def may_judge(self) -> bool:
        """Whether a model is asked if the passages support a sentence: its server must enforce a form."""
        return self._is_judge_allowed and any(one.structure != "marks" for one in self.chat.endpoints)

    def prompt_digest(self, calls: Sequence[ModelCall]) -> str | None:
        """Return the digest of the prompt that an answer was written by, if one of these calls wrote it."""
        digest = self.answer.prompt.digest
        return digest if any(call.prompt_digest == digest for call in calls) else None

    def _warm_up(self) -> None:
        empty = dict.fromkeys(self.answer.prompt.variables, "")
        if not self._local or not self._local.wait_until_ready(LOADING_S):
            return
        try:
            self.answer.reply(**empty)
        except ModelError as error:
            _log.info("言語モデルの準備の問いに答えがありません: %s", error)

    def close(self) -> None:
        """Close the connections to the models' servers, and end the process of a local one."""
        self.chat.close()
        if self._local:
            self._local.close()
