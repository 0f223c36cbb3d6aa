"""やさしい日本語 without a language model: short sentences, hard words explained and read, the facts unchanged."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.check.given import Given, given_of
from bot.check.verify import CITED, check
from bot.plain.glossary import defined, glossary
from bot.plain.notes import Notes, ready_for_notes, without_notes
from bot.plain.phrases import say_fixed
from bot.plain.same_facts import different_facts
from bot.plain.simplify import simplified
from bot.turn import Draft, Turn
from ingest.documents import Document, Passage
from ingest.sentences import sentences

_log = logging.getLogger(__name__)
_OF_READER = "（　）の中は、読み方や言葉の意味です。もとの文書には書いてありません。"
_KEPT = "むずかしい言葉のままの文があります。"

Rewrite = Callable[[str], str]


class Plain:
    """The step for who asks for easy Japanese: says what the draft says in words that a learner can read.

    `rewrite` puts a whole text in easy words and may be a language model: its text stands only where it states the
    same facts and passes the same checks as the draft did.
    """

    def __init__(
        self, passages: Sequence[Passage], documents: Sequence[Document], rewrite: Rewrite | None = None
    ) -> None:
        self._documents = tuple(documents)
        self._names = [name for d in documents for name in (d.title, *d.aliases)]
        self._meanings: Mapping[str, str] = {**defined(passages), **glossary()}
        self._rewrite = rewrite

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its draft in easy Japanese; a turn without a draft as it is."""
        if turn.draft is None:
            return turn
        draft = replace(turn.draft, text=ready_for_notes(turn.draft.text))
        if draft.status not in CITED:
            return replace(turn, draft=replace(draft, text=self._noted(say_fixed(draft.text))))
        given = given_of(turn, self._documents)
        text, notices = self._rewritten(draft, given) or self._own(draft, given)
        noted = self._noted(text)
        notices = (*draft.notices, *notices, *((_OF_READER,) if noted != text else ()))
        return replace(turn, draft=replace(draft, text=noted, notices=notices))

    def _rewritten(self, draft: Draft, given: Given) -> tuple[str, tuple[str, ...]] | None:
        """Return the draft in the words of `rewrite`, or None where there is none or it alters a fact."""
        if self._rewrite is None:
            return None
        text = ready_for_notes(without_notes(self._rewrite(draft.text))).strip()
        problems = [*different_facts(draft.text, text), *check(replace(draft, text=text), given)]
        if problems:
            _log.warning("やさしい日本語への言いかえを使えません: %s", " / ".join(problems))
        return None if problems else (text, ())

    def _own(self, draft: Draft, given: Given) -> tuple[str, tuple[str, ...]]:
        """Return the draft as the rules of this room simplify it, or as it was where it would not hold any more."""
        text, kept = simplified(draft)
        if text != draft.text and check(replace(draft, text=text), given):
            text, kept = simplified(draft, given)  # takes longer: it finds out which sentences do not hold
            if check(replace(draft, text=text), given):
                text, kept = draft.text, True
        return text, (_KEPT,) if kept else ()

    def _noted(self, text: str) -> str:
        notes = Notes(self._meanings, self._names)
        return "\n".join("".join(map(notes.put, sentences(line))) for line in text.splitlines())
