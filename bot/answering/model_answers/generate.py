"""The configured language models and the prompts of answer generation."""

import logging
import threading

from bot.answering.llm.chat_model import ChatModel, Task
from bot.answering.llm.gguf import LocalModel
from bot.answering.model_answers.judge import Judge
from bot.answering.model_answers.reply import CompactReply, FullReply
from bot.errors import ModelError
from ingest.configuration.settings import Settings

_log = logging.getLogger(__name__)
LOADING_S = 120.0
"""Seconds to wait for a model on this machine: a file of several gigabytes is read from disk."""
# A model that reads no more than this is given the short instructions and few passages.
_SMALL_CONTEXT = 4096


class Generator:
    """Writes answers with the models of the settings; there must be one. Safe to use from several threads.

    Raises LocalModelError.

    Attributes:
        is_compact: whether the prompt for answers is that for small models.
        judge: judges whether the passages support a sentence; None if the settings have no model for it.
        proposes_queries: whether a model is asked for search queries.
        rules: the instructions of the prompt for answers, which must not be recited.
        reads_birth_dates: whether the models may read dates of birth, which must not leave the organisation.
    """

    def __init__(self, settings: Settings) -> None:
        self._local = LocalModel(settings.llm_gguf) if settings.llm_gguf else None
        self.chat = ChatModel(settings.llm, settings.llm_timeout_s, self._local, settings.proxy)
        self.is_compact = not settings.llm or (settings.llm[0].context or _SMALL_CONTEXT + 1) <= _SMALL_CONTEXT
        self.schema: type[CompactReply | FullReply] = CompactReply if self.is_compact else FullReply
        self.answer = Task("answer-compact" if self.is_compact else "answer", self.chat, self.schema)
        self.rules = "\n".join(text for role, text in self.answer.prompt.messages if role == "system")
        self.reads_birth_dates = all(model.is_inside for model in settings.llm)
        # A model of a billion parameters on this machine's own cores is slow, and a poor judge.
        judges = [model.model for model in settings.llm] if settings.llm_judge else []
        self.judge = Judge(self.chat, judges) if judges else None
        self.proposes_queries = settings.llm_queries and bool(settings.llm)
        self._warm_up_thread = threading.Thread(target=self._warm_up, name="llm-warm-up", daemon=True)
        if self._local:
            self._warm_up_thread.start()

    @property
    def is_loading(self) -> bool:
        """Whether the only model is one on this machine that is still being loaded."""
        return self._local is not None and len(self.chat.names) == 1 and self._local.is_loading

    def wait_until_ready(self, limit_s: float = LOADING_S) -> bool:
        """Wait at most `limit_s` seconds while a model on this machine reads its instructions, and the judge is tested.

        Returns whether the former can be called.
        """
        if self.judge:
            self.judge.first_test.wait(limit_s)
        if self._local is None:
            return True
        self._warm_up_thread.join(limit_s)
        return self._local.is_loaded.is_set()

    def _warm_up(self) -> None:
        while self._local and self._local.is_loading:
            self._local.is_loaded.wait(1)
        try:
            self.answer.reply(**dict.fromkeys(self.answer.prompt.variables, ""))
        except ModelError as error:
            _log.info("言語モデルの準備の問いに答えがありません: %s", error)

    def close(self) -> None:
        """Close the connections to the models' servers, and end the process of a local one."""
        if self.judge:
            self.judge.closed.set()
        self.chat.close()
        if self._local:
            self._local.close()
