"""Easy Japanese (やさしい日本語): a language model's rewriting with the same facts, and the meanings of hard words.

Pages add the readings of kanji (bot/rendering/html/furigana.py). The meanings follow the text, because notes within a
sentence make it long.
"""

import logging
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property
from importlib.resources import files

from bot.easy_japanese.kanji import is_hard
from bot.easy_japanese.same_facts import find_fact_differences
from bot.rendering.answer_text import parse_statements, render_text, render_without_source_lines
from bot.state import Draft, Paragraph, Part, Statement, Status, TableRows, Turn, paragraph
from bot.verification import CITED, check_draft
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.sentences import mark_bracketed
from ingest.japanese.tokenise import Morpheme, morphemes

_log = logging.getLogger(__name__)
_MEANINGS = "言葉の意味（もとの文書には書いてありません）: {said}"
_MEANING = "「{word}」＝{meaning}"
_MAX_MEANINGS = 3
# Morphemes of an entry, and characters of a definition.
_MAX_ENTRY_WORDS = 8
_MAX_DEFINITION_LENGTH = 30
# Every passage that defines a word contains this.
_DEFINES = "とは"
_DEFINITION = re.compile(
    r"(?:^|[。\n])「?(?P<word>[^「」。、\s]{2,20})」?とは、(?P<meaning>[^。、\d]+?)(?:です|である|をいう|をいいます)。"
)

Rewrite = Callable[[str], str]


class EasyJapanese:
    """The step that rewrites a draft in words that learners of Japanese can read, and explains hard words.

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
        return {**_find_definitions(self._find_passages(_DEFINES)), **_glossary()}

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its draft in easy Japanese, unchanged without a draft or in another style.

        The service's own messages are not rewritten, because their catalogue has an easy version.
        """
        draft = turn.draft
        if draft is None or turn.question.style != "easy" or draft.status not in CITED:
            return turn
        first, *others = draft.parts
        has_remark = draft.status is Status.PARTIAL and bool(others) and isinstance(first, Paragraph)
        parts: tuple[Part, ...] = tuple(others) if has_remark else draft.parts
        easy = self._rewrite_by_model(replace(draft, parts=parts), turn.texts.searched, by_model=turn.question.by_model)
        if easy:
            tables = (part for part in parts if isinstance(part, TableRows) and not part.lines)
            parts = (easy, *tables)
        notices = (*draft.notices, *self._word_notes(render_text(parts)))
        return replace(turn, draft=replace(draft, parts=(first, *parts) if has_remark else parts, notices=notices))

    def _rewrite_by_model(self, draft: Draft, question: str, *, by_model: bool) -> Paragraph | None:
        """Return the draft as rewritten by the language model; None without one, or where it changes a fact."""
        if self._rewrite is None or not by_model:
            return None
        text = render_without_source_lines(draft.parts)
        easy = Paragraph(parse_statements(self._rewrite(text).strip()))
        problems = find_fact_differences(
            parse_statements(text), (one for one in easy.sentences if isinstance(one, Statement))
        )
        checked = check_draft(replace(draft, parts=(easy,)), self._documents, question)
        problems += [problem.message for problem in checked]
        if problems:
            _log.warning("やさしい日本語への言いかえを使えません: %s", " / ".join(problems))
        return None if problems else easy

    def _word_notes(self, text: str) -> tuple[Paragraph, ...]:
        """Return a notice with the meanings of the first hard words of a text, except in names and quotations."""
        for name in self._names:
            text = text.replace(name, "、" * len(name))
        quoted = mark_bracketed(text, "「『", "」』")
        words = [word for word in morphemes(text) if not quoted[word.start]]
        first = list(dict(_explain_words(words, self._meanings)).items())[:_MAX_MEANINGS]
        said = "、".join(_MEANING.format(word=word, meaning=meaning) for word, meaning in first)
        return (paragraph(Statement(_MEANINGS.format(said=said))),) if first else ()


@cache
def _glossary() -> Mapping[str, str]:
    groups = tomllib.loads(files("bot.easy_japanese").joinpath("words.toml").read_text("utf-8"))
    return {word: meaning for group in groups.values() for word, meaning in group.items()}


def _find_definitions(passages: Iterable[Passage]) -> dict[str, str]:
    """Return the short definitions with とは in the documents that have no figures, hard kanji or clauses."""
    return {
        match["word"]: match["meaning"]
        for passage in passages
        if _DEFINES in passage.text
        for match in _DEFINITION.finditer(nfkc(passage.text))
        if len(match["meaning"]) <= _MAX_DEFINITION_LENGTH and not is_hard(match["meaning"])
    }


def _explain_words(words: Sequence[Morpheme], meanings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the words of a text that have a meaning, the longest at each position, a verb in its dictionary form."""
    i = 0
    while i < len(words):
        for length in range(min(_MAX_ENTRY_WORDS, len(words) - i), 0, -1):
            first = words[i]
            is_verb = length == 1 and first.pos[0] == "動詞"
            word = first.normal if is_verb else "".join(m.surface for m in words[i : i + length])
            if meaning := meanings.get(word):
                yield word, meaning
                i += length - 1
                break
        i += 1
