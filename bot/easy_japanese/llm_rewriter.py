"""Rewrites text in easy Japanese with a language model."""

import logging

from bot.errors import ModelError
from bot.generation.reply_units import read_units
from bot.llm.chat_model import ChatModel
from bot.llm.task import Task, escape_prompt_data

_log = logging.getLogger(__name__)


class EasyJapaneseModel:
    """Rewrites a text with the prompt of `prompts/easy.md`; safe to share between threads."""

    def __init__(self, chat: ChatModel) -> None:
        self._task = Task("easy", chat)

    def __call__(self, text: str) -> str:
        """Return `text` in easy words with its citation marks, unverified; "" where the model fails."""
        try:
            reply = self._task.reply(text=escape_prompt_data(text))
            units = list(read_units([reply.text]))
        except ModelError as error:
            _log.warning("やさしい日本語に言語モデルを使えません: %s", error)
            return ""
        return "".join(sentence.text for unit in units for sentence in (*unit.sentences, *unit.items))
