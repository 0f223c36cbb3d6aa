"""The configured language models and the prompts of answer generation."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass

from bot.errors import ModelError
from bot.generation.materials import as_prompt_data
from bot.generation.reply import COMPACT_SCHEMA, SCHEMA
from bot.llm.chat_model import ChatModel, Task
from bot.llm.endpoint import TEXT, array_schema, object_schema
from bot.llm.gguf import LocalModel
from bot.llm.model_calls import ModelCall, current_budget
from bot.llm.prompt_files import load_prompt
from ingest.configuration.settings import Settings

_log = logging.getLogger(__name__)
VERDICTS = object_schema(verdicts=array_schema(object_schema(difference=TEXT, supported={"type": "boolean"})))
"""What `prompts/entailment.md` asks for, as JSON Schema."""
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
        entailment: judges the sentences of an answer.
        queries_s: the seconds that a model may take to propose search queries.
        rules: the instructions of the prompts, which must not be recited.

    """

    def __init__(self, settings: Settings) -> None:
        self._local = LocalModel(settings.llm_gguf, settings.llm_gguf_context) if settings.llm_gguf else None
        self.chat = ChatModel(settings.llm, settings.llm_timeout_s, self._local, settings.proxy)
        self.queries_s = settings.llm_queries_s
        name = answer_prompt(settings)
        self.answer = Task(name, self.chat, COMPACT_SCHEMA if load_prompt(name).compact else SCHEMA)
        self.entailment = Task("entailment", self.chat, VERDICTS)
        self.rules = "\n".join(text for role, text in self.answer.prompt.messages if role == "system")
        # A model of a billion parameters on this machine's own cores is slow, and a poor judge.
        self._may_judge = settings.llm_sense == "on" or (settings.llm_sense == "auto" and bool(settings.llm))
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
    def can_judge_entailment(self) -> bool:
        """Whether the model is asked if sources support a sentence: its server must enforce a form."""
        return self._may_judge and any(one.structure != "marks" for one in self.chat.endpoints)

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


# Share of the question's time that must be left for the check.
_MIN_SHARE_LEFT = 0.15


@dataclass(frozen=True, slots=True)
class SupportedSentence:
    """A sentence to be checked with the words that are to support it, and the title and headings above these."""

    text: str
    heading: str
    support: Sequence[str]


def find_unsupported(
    generator: Generator, sentences: Sequence[SupportedSentence], question: str
) -> dict[int, str] | None:
    """Return why sentences do not follow from their support, by their index.

    None where no model can judge, too little time is left, or the model fails: then nothing is known.
    """
    budget = current_budget(0.0)
    if not sentences or not generator.can_judge_entailment or budget.left_s < _MIN_SHARE_LEFT * budget.limit_s:
        return None
    statements = [
        as_prompt_data(f"{n}\n資料({one.heading}): {chr(10).join(one.support)}\n文: {one.text}")
        for n, one in enumerate(sentences, 1)
    ]
    try:
        reply = generator.entailment.structured(statements=statements, question=as_prompt_data(question))
    except ModelError as error:
        _log.warning("文の意味を言語モデルに確かめさせることができません: %s", error)
        return None
    verdicts = reply["verdicts"][: len(sentences)]
    if len(verdicts) < len(sentences):
        _log.warning("言語モデルが確かめた文は %d のうち %d だけです", len(sentences), len(verdicts))
        return None
    return {
        index: str(verdict["difference"]).strip() or "資料の言うことと意味が違います"
        for index, verdict in enumerate(verdicts)
        if not verdict["supported"]
    }
