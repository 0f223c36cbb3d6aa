"""やさしい日本語 without a language model: short sentences, hard words explained and read, the facts unchanged."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.answer import Block, Status, TableBlock, TextBlock
from bot.claims import CITED, check_draft, premises_of
from bot.plain.glossary import defined, glossary
from bot.plain.notes import Notes, ready_for_notes, without_notes
from bot.plain.phrases import say_fixed
from bot.plain.same_facts import different_facts
from bot.plain.simplify import marked_throughout, simplified
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
        """Return the turn with its draft in easy Japanese; one without a draft, or not asked so, as it is."""
        if turn.draft is None or turn.question.style != "easy":
            return turn
        remark = _remark(turn.draft)
        said = marked_throughout(turn.draft).removeprefix(remark).lstrip()
        before = replace(turn.draft, text=said, blocks=turn.draft.blocks[bool(remark) :])
        draft = replace(before, text=ready_for_notes(said))
        if draft.status not in CITED:
            return replace(turn, draft=replace(draft, text=self._noted(say_fixed(draft.text)), blocks=()))
        rewritten = self._rewritten(draft, turn.text) if turn.question.by_model else None
        text, notices = rewritten or self._own(draft, turn.text)
        noted = self._noted(text)
        notices = (*draft.notices, *notices, *((_OF_READER,) if noted != text else ()))
        draft = replace(draft, text=noted, notices=notices, blocks=_blocks(before, noted))
        return replace(turn, draft=_behind(say_fixed(remark), draft) if remark else draft)

    def _rewritten(self, draft: Draft, question: str) -> tuple[str, tuple[str, ...]] | None:
        """Return the draft in the words of `rewrite`, or None where there is none or it alters a fact."""
        if self._rewrite is None:
            return None
        text = ready_for_notes(without_notes(self._rewrite(draft.text))).strip()
        problems = [*different_facts(draft.text, text), *self._problems(draft, text, question)]
        if problems:
            _log.warning("やさしい日本語への言いかえを使えません: %s", " / ".join(problems))
        return None if problems else (text, ())

    def _own(self, draft: Draft, question: str) -> tuple[str, tuple[str, ...]]:
        """Return the draft as the rules of this room simplify it, or as it was where it would not hold any more."""
        text, kept = simplified(draft)
        if text != draft.text and self._problems(draft, text, question):
            # Takes longer: it finds out which sentences do not hold.
            premises = premises_of([source.passage for source in draft.sources], self._documents)
            text, kept = simplified(draft, premises, question)
            if self._problems(draft, text, question):
                text, kept = draft.text, True
        return text, (_KEPT,) if kept else ()

    def _problems(self, draft: Draft, text: str, question: str) -> list[str]:
        found = check_draft(replace(draft, text=text), self._documents, question)
        return [problem.message for problem in found]

    def _noted(self, text: str) -> str:
        notes = Notes(self._meanings, self._names)
        return "\n".join("".join(map(notes.put, sentences(line))) for line in text.splitlines())


def _remark(draft: Draft) -> str:
    """Return the sentence before an excerpt that says how sure it is, "" where there is none."""
    first, *others = draft.blocks or (TextBlock(text=""),)
    return first.text if draft.status is Status.PARTIAL and others and isinstance(first, TextBlock) else ""


def _behind(remark: str, draft: Draft) -> Draft:
    return replace(draft, text=f"{remark}\n\n{draft.text}", blocks=(TextBlock(text=remark), *draft.blocks))


def _blocks(draft: Draft, text: str) -> tuple[Block, ...]:
    """Return what a page shows of a draft that says `text` in easy words: tables stand beside it, excerpts in it."""
    if text == draft.text:
        return draft.blocks
    beside = TextBlock(text=draft.text) in draft.blocks
    tables = (block for block in draft.blocks if beside and isinstance(block, TableBlock))
    return (TextBlock(text=text), *tables)
