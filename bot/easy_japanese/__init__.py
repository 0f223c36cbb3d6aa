"""Rewrites a draft in easy Japanese (やさしい日本語) without changing its facts.

Pages add the readings of kanji (bot/rendering/html/furigana.py). The meanings of hard words follow the text, because
notes within a sentence make it long.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from bot.easy_japanese.glossary import DEFINES, explain_words, find_definitions, glossary
from bot.easy_japanese.same_facts import find_fact_differences
from bot.easy_japanese.simplify import Sentence, join_lines, simplify_sentences, split_parts, truncate_excerpts
from bot.rendering.answer_text import parse_statements, render_text
from bot.state import Draft, Excerpt, Paragraph, Part, Statement, Status, TableRows, Turn, paragraph
from bot.verification import CITED, check_draft, to_source_texts
from ingest.documents import Document, Passage
from ingest.japanese.sentences import mark_bracketed
from ingest.japanese.tokenise import morphemes

_log = logging.getLogger(__name__)
_MEANINGS = "言葉の意味（もとの文書には書いてありません）: {said}"
_MEANING = "「{word}」＝{meaning}"
_UNCHANGED_SENTENCES = "むずかしい言葉のままの文があります。"
_MAX_MEANINGS = 3

Rewrite = Callable[[str], str]


class EasyJapanese:
    """The step that rewrites a draft in words that learners of Japanese can read.

    `rewrite` is an optional language model; its text is used only where it states the same facts and passes the same
    checks as the draft. `find_passages` returns the passages that contain a text, to find definitions of words.
    """

    def __init__(
        self,
        find_passages: Callable[[str], Iterable[Passage]],
        documents: Sequence[Document],
        rewrite: Rewrite | None = None,
    ) -> None:
        self._documents = tuple(documents)
        self._names = [name for d in documents for name in (d.title, *d.aliases)]
        self._find_passages = find_passages
        self._rewrite = rewrite

    @cached_property
    def _meanings(self) -> Mapping[str, str]:
        return {**find_definitions(self._find_passages(DEFINES)), **glossary()}

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its draft in easy Japanese, unchanged without a draft or in another style.

        The service's own messages are not rewritten, because their catalogue has an easy version.
        """
        if turn.draft is None or turn.question.style != "easy" or turn.draft.status not in CITED:
            return turn
        short = truncate_excerpts(turn.draft)
        first, *others = short.parts
        has_remark = short.status is Status.PARTIAL and bool(others) and isinstance(first, Paragraph)
        parts: tuple[Part, ...] = tuple(others) if has_remark else short.parts
        lines = split_parts(parts)
        standard = [sentence for line in lines for sentence in line]
        joined = join_lines([statement for sentence in line for statement in sentence] for line in lines)
        draft = replace(short, parts=(joined,))
        rewritten = self._rewrite_by_model(draft, turn.texts.searched) if turn.question.by_model else None
        easy, notices = rewritten or self._rewrite_by_rules(draft, standard, turn.texts.searched)
        is_unchanged = easy == draft.parts[0] and not any(isinstance(part, Excerpt) for part in parts)
        tables = (part for part in parts if isinstance(part, TableRows) and not part.lines)
        shown: tuple[Part, ...] = parts if is_unchanged else (easy, *tables)
        notices = (*draft.notices, *notices, *self._word_notes(render_text([easy])))
        return replace(turn, draft=replace(draft, parts=(first, *shown) if has_remark else shown, notices=notices))

    def _rewrite_by_model(self, draft: Draft, question: str) -> tuple[Paragraph, tuple[Paragraph, ...]] | None:
        if self._rewrite is None:
            return None
        statements = parse_statements(self._rewrite(render_text(draft.parts)).strip())
        before = (sentence for part in draft.parts if isinstance(part, Paragraph) for sentence in part.sentences)
        differences = find_fact_differences(
            (sentence for sentence in before if isinstance(sentence, Statement)), statements
        )
        problems = [*differences, *self._problems(draft, Paragraph(statements), question)]
        if problems:
            _log.warning("やさしい日本語への言いかえを使えません: %s", " / ".join(problems))
        return None if problems else (Paragraph(statements), ())

    def _rewrite_by_rules(
        self, draft: Draft, standard: Sequence[Sentence], question: str
    ) -> tuple[Paragraph, tuple[Paragraph, ...]]:
        simplified, is_kept = simplify_sentences(standard)
        easy, (original,) = join_lines(simplified), draft.parts
        if easy != original and self._problems(draft, easy, question):
            # Checking each sentence is slower, but finds the ones that fail.
            premises = to_source_texts([source.passage for source in draft.sources], self._documents)
            simplified, is_kept = simplify_sentences(standard, premises, question)
            easy = join_lines(simplified)
            if self._problems(draft, easy, question):
                assert isinstance(original, Paragraph)
                easy, is_kept = original, True
        return easy, (paragraph(Statement(_UNCHANGED_SENTENCES)),) if is_kept else ()

    def _problems(self, draft: Draft, easy: Paragraph, question: str) -> list[str]:
        problems = check_draft(replace(draft, parts=(easy,)), self._documents, question)
        return [problem.message for problem in problems]

    def _word_notes(self, text: str) -> tuple[Paragraph, ...]:
        for name in self._names:
            text = text.replace(name, "、" * len(name))
        quoted = mark_bracketed(text, "「『", "」』")
        words = [word for word in morphemes(text) if not quoted[word.start]]
        meanings = {hard.word: hard.meaning for hard in explain_words(words, self._meanings)}
        first = list(meanings.items())[:_MAX_MEANINGS]
        said = "、".join(_MEANING.format(word=word, meaning=meaning) for word, meaning in first)
        return (paragraph(Statement(_MEANINGS.format(said=said))),) if first else ()
