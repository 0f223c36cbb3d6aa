"""Easy Japanese by a language model: what `bot.plain` may say instead of its own words, once it has checked it."""

import logging

from bot.errors import ModelError
from bot.model.chat_model import ChatModel
from bot.model.task import Task, as_data
from bot.writing.words import units

_log = logging.getLogger(__name__)


class Easy:
    """Rewrites a text with the prompt of `prompts/easy.md`; safe to use from several threads."""

    def __init__(self, chat: ChatModel) -> None:
        self._task = Task("easy", chat)

    def __call__(self, text: str) -> str:
        """Return `text` in easy words, unchecked, its sentences with their marks; nothing where no model can tell."""
        try:
            reply = self._task.reply(text=as_data(text))
            said = list(units([reply.text]))
        except ModelError as error:
            _log.warning("やさしい日本語に言語モデルを使えません: %s", error)
            return ""
        return "".join(sentence.text for unit in said for sentence in (*unit.sentences, *unit.items))
