"""Rewrites a draft in easy Japanese (やさしい日本語) without changing its facts.

Readings are not written into the text: pages set them over it (bot/rendering/html/furigana.py). The meanings of
hard words follow the text, because notes within a sentence make it long.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from bot.easy_japanese.glossary import DEFINES, explain_words, find_definitions, glossary
from bot.easy_japanese.same_facts import find_fact_differences
from bot.easy_japanese.simplify import mark_every_sentence, simplify_draft, truncate_excerpts
from bot.languages import translate_if_only_messages, translate_messages, translate_source_line
from bot.state import Block, Draft, ExcerptBlock, Status, TableBlock, TextBlock, Turn
from bot.verification import CITED, check_draft, to_source_texts
from ingest.documents import Document, Passage
from ingest.japanese.brackets import mark_bracketed
from ingest.japanese.tokenise import morphemes

_log = logging.getLogger(__name__)
_MEANINGS = "言葉の意味（もとの文書には書いてありません）: {said}"
_MEANING = "「{word}」＝{meaning}"
_KEPT = "むずかしい言葉のままの文があります。"
# More are not read.
_MOST_MEANINGS = 3

Rewrite = Callable[[str], str]


class EasyJapanese:
    """The step for who asks for easy Japanese: says what the draft says in words that a learner can read.

    `rewrite` puts a whole text in easy words and may be a language model: its text stands only where it states the
    same facts and passes the same checks as the draft did. `containing` gives the passages that hold a text: those
    that define a word are read for the first who asks.
    """

    def __init__(
        self,
        containing: Callable[[str], Iterable[Passage]],
        documents: Sequence[Document],
        rewrite: Rewrite | None = None,
    ) -> None:
        self._documents = tuple(documents)
        self._names = [name for d in documents for name in (d.title, *d.aliases)]
        self._containing = containing
        self._rewrite = rewrite

    @cached_property
    def _meanings(self) -> Mapping[str, str]:
        return {**find_definitions(self._containing(DEFINES)), **glossary()}

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its draft in easy Japanese; one without a draft, or not asked so, as it is."""
        if turn.draft is None or turn.question.style != "easy":
            return turn
        if turn.draft.status not in CITED:
            said = translate_if_only_messages(turn.draft.text, "easy") or translate_messages(turn.draft.text, "easy")
            return replace(turn, draft=replace(turn.draft, text=said, blocks=()))
        short = _simplify_source_lines(truncate_excerpts(turn.draft))
        remark = _remark(short)
        said = mark_every_sentence(short).removeprefix(remark).lstrip()
        draft = replace(short, text=said, blocks=short.blocks[bool(remark) :])
        rewritten = self._rewrite_by_model(draft, turn.text) if turn.question.by_model else None
        text, notices = rewritten or self._rewrite_by_rules(draft, turn.text)
        notices = (*draft.notices, *notices, *self._word_notes(text))
        draft = replace(draft, text=text, notices=notices, blocks=_blocks(draft, text))
        return replace(turn, draft=_prepend_remark(translate_messages(remark, "easy"), draft) if remark else draft)

    def _rewrite_by_model(self, draft: Draft, question: str) -> tuple[str, tuple[str, ...]] | None:
        """Return the draft in the words of `rewrite`, or None where there is none or it alters a fact."""
        if self._rewrite is None:
            return None
        text = self._rewrite(draft.text).strip()
        problems = [*find_fact_differences(draft.text, text), *self._problems(draft, text, question)]
        if problems:
            _log.warning("やさしい日本語への言いかえを使えません: %s", " / ".join(problems))
        return None if problems else (text, ())

    def _rewrite_by_rules(self, draft: Draft, question: str) -> tuple[str, tuple[str, ...]]:
        """Return the draft as the rules of this room simplify it, or as it was where it would not hold any more."""
        text, kept = simplify_draft(draft)
        if text != draft.text and self._problems(draft, text, question):
            # Takes longer: it finds out which sentences do not hold.
            premises = to_source_texts([source.passage for source in draft.sources], self._documents)
            text, kept = simplify_draft(draft, premises, question)
            if self._problems(draft, text, question):
                text, kept = draft.text, True
        return text, (_KEPT,) if kept else ()

    def _problems(self, draft: Draft, text: str, question: str) -> list[str]:
        found = check_draft(replace(draft, text=text), self._documents, question)
        return [problem.message for problem in found]

    def _word_notes(self, text: str) -> tuple[str, ...]:
        """Return what the first hard words of a text mean, as one notice; names and quotations are left out."""
        for name in self._names:
            text = text.replace(name, "、" * len(name))
        quoted = mark_bracketed(text, "「『", "」』")
        words = [word for word in morphemes(text) if not quoted[word.start]]
        meanings = {one.word: one.meaning for one in explain_words(words, self._meanings)}
        first = list(meanings.items())[:_MOST_MEANINGS]
        said = "、".join(_MEANING.format(word=word, meaning=meaning) for word, meaning in first)
        return (_MEANINGS.format(said=said),) if first else ()


def _simplify_source_lines(draft: Draft) -> Draft:
    """Return a draft with the line that leads each excerpt and table in easy words."""
    text, blocks = draft.text, list[Block]()
    for block in draft.blocks:
        field = {"excerpt": "lead", "table": "caption"}.get(block.type)
        line = getattr(block, field) if field else ""
        easy = translate_source_line(line, "easy") if line else ""
        text = text.replace(f"{line}\n", f"{easy}\n", 1) if line else text
        blocks.append(block.model_copy(update={field: easy}) if field else block)
    return replace(draft, text=text, blocks=tuple(blocks))


def _remark(draft: Draft) -> str:
    """Return the sentence before an excerpt that says how sure it is, "" where there is none."""
    first, *others = draft.blocks or (TextBlock(text=""),)
    return first.text if draft.status is Status.PARTIAL and others and isinstance(first, TextBlock) else ""


def _prepend_remark(remark: str, draft: Draft) -> Draft:
    return replace(draft, text=f"{remark}\n\n{draft.text}", blocks=(TextBlock(text=remark), *draft.blocks))


def _blocks(draft: Draft, text: str) -> tuple[Block, ...]:
    """Return what a page shows of a draft that says `text` in easy words: tables stand beside it, excerpts in it."""
    if text == draft.text and not any(isinstance(block, ExcerptBlock) for block in draft.blocks):
        return draft.blocks
    beside = TextBlock(text=draft.text) in draft.blocks
    tables = (block for block in draft.blocks if beside and isinstance(block, TableBlock))
    return (TextBlock(text=text), *tables)
