"""A task for the language models: its prompt, filled in and sent."""

from bot.model.chat_model import ChatModel, Reply
from bot.model.prompts import load_prompt
from bot.model.stream import Stream

# Full-width forms read the same, but are no tags: nothing that is filled in can close its frame.
_AS_DATA = str.maketrans({"<": "＜", ">": "＞"})


class Task:
    """The task of `prompts/<name>.md`; safe to use from several threads. Raises PromptError."""

    def __init__(self, name: str, chat: ChatModel) -> None:
        self.prompt = load_prompt(name)
        self._template = self.prompt.template()
        self._chat = chat

    def reply(self, **variables: str) -> Reply:
        """Fill in the prompt's variables and return the whole answer. Raises ModelError."""
        return self._chat.reply(self._template.format_messages(**variables), self.prompt)

    def stream(self, **variables: str) -> Stream:
        """Fill in the prompt's variables and return the answer as it comes. Raises ModelError."""
        return self._chat.stream(self._template.format_messages(**variables), self.prompt)


def as_data(text: str) -> str:
    """Return `text` as it may stand inside a prompt's frames."""
    return text.translate(_AS_DATA)
