"""Generation: a language model writes the answer from numbered passages; what it may cite is decided here."""

import re
from collections.abc import Mapping, Sequence

from bot.model.breaker import Breaker
from bot.model.chat_model import ChatModel
from bot.model.prompts import load_prompt
from bot.model.reply import abstention, read_reply
from bot.turn import Draft, Hit
from ingest.settings import Settings

# Full-width forms read the same, but are no tags and no citation marks: nothing in a document can close its frame.
_AS_DATA = str.maketrans({"<": "＜", ">": "＞"})
_LOOKS_LIKE_MARK = re.compile(r"\[(\d{1,3})\]")


class Generator:
    """Writes answers with the model of the settings (`llm_base_url` must be set) and the prompt of `prompts/answer.md`.

    `prompt_digest` goes into the records of each answer. Safe to use from several threads.
    """

    def __init__(self, settings: Settings, *, streaming: bool = False, breaker: Breaker | None = None) -> None:
        prompt = load_prompt("answer")
        self.prompt_digest = prompt.digest
        self.model = settings.llm_model
        self._rules = "\n".join(text for role, text in prompt.messages if role == "system")
        self._template = prompt.template()
        self._chat = ChatModel(settings, prompt.options, streaming=streaming, breaker=breaker)

    def write(self, question: str, hits: Sequence[Hit], titles: Mapping[str, str] | None = None) -> Draft:
        """Return an answer from the passages of `hits`, not yet verified.

        `titles` gives the documents' titles by their ids. A draft with status NO_ANSWER says that the passages do not
        tell. Raises ModelError when the model fails, hangs, or replies what is no answer from these passages.
        """
        if not hits:
            return abstention(self.model)
        passages = "\n\n".join(_frame(n, hit, titles or {}) for n, hit in enumerate(hits, 1))
        messages = self._template.format_messages(question=_as_data(question), passages=passages)
        return read_reply(self._chat.reply(messages), hits, self.model, self._rules)

    def close(self) -> None:
        """Close the connections to the model's server."""
        self._chat.close()


def _frame(n: int, hit: Hit, titles: Mapping[str, str]) -> str:
    passage = hit.passage
    title, path = (_as_data(text) for text in (titles.get(passage.doc_id, passage.doc_id), " > ".join(passage.path)))
    return f'<資料 番号="{n}">\n文書: {title}\n見出し: {path}\n本文:\n{_as_data(passage.text)}\n</資料>'


def _as_data(text: str) -> str:
    return _LOOKS_LIKE_MARK.sub(r"［\1］", text.translate(_AS_DATA))
