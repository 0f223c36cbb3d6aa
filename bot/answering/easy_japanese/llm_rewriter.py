"""Rewrites text in easy Japanese with a language model."""

import logging

from bot.answering.llm.chat_model import ChatModel, Task, escape_prompt_data
from bot.answering.model_answers.reply import clean_line
from bot.errors import ModelError

_log = logging.getLogger(__name__)


class EasyJapaneseModel:
    """Rewrites a text with the prompt of `prompts/easy.md`; safe to use from several threads."""

    def __init__(self, chat: ChatModel) -> None:
        self._task = Task("easy", chat)

    def __call__(self, text: str) -> str:
        """Return `text` in easy words, unchecked, its sentences with their marks; nothing where no model can tell."""
        try:
            reply = self._task.reply(text=escape_prompt_data(text))
        except ModelError as error:
            _log.warning("やさしい日本語に言語モデルを使えません: %s", error)
            return ""
        return "\n".join(filter(None, map(clean_line, reply.split("\n"))))
