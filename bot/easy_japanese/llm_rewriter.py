"""Rewrites text in easy Japanese with a language model."""

import logging

from bot.errors import ModelError
from bot.generation.reply import parse_marked_text, strip_reasoning
from bot.llm.chat_model import ChatModel, Task, escape_prompt_data
from bot.state.citation_marks import add_marks

_log = logging.getLogger(__name__)


class EasyJapaneseModel:
    """Rewrites a text with the prompt of `prompts/easy.md`; safe to use from several threads."""

    def __init__(self, chat: ChatModel) -> None:
        self._task = Task("easy", chat)

    def __call__(self, text: str) -> str:
        """Return `text` in easy words, unchecked, its sentences with their marks; nothing where no model can tell."""
        try:
            reply = self._task.reply(text=escape_prompt_data(text))
            sentences = list(parse_marked_text("".join(strip_reasoning([reply.text]))))
        except ModelError as error:
            _log.warning("やさしい日本語に言語モデルを使えません: %s", error)
            return ""
        return "".join(f"{chr(10) if one.starts_line else ''}{add_marks(one.text, one.passages)}" for one in sentences)
