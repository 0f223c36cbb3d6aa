"""Easy Japanese (やさしい日本語): a language model's rewriting with the same facts, and the meanings of hard words.

Pages add the readings of kanji (bot/channels/html/furigana.py). The meanings follow the text, because notes within a
sentence make it long.
"""

import logging
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from bot.answering.llm.chat_model import Task, escape_prompt_data
from bot.answering.model_answers.reply import clean_line
from bot.answering.rendering.answer_text import parse_statements, render_text, render_without_source_lines
from bot.answering.state import CITED, Draft, Paragraph, Part, ServiceMessage, Statement, Turn, paragraph
from bot.answering.verification.literals import names
from bot.answering.verification.statement_check import check_draft
from bot.errors import ModelError
from ingest.documents import Document
from ingest.japanese import dates, nfkc
from ingest.japanese.contacts import contacts
from ingest.japanese.mentions.quantities import figures
from ingest.japanese.mentions.times import days_without_year
from ingest.japanese.normal_forms import fold_normalised
from ingest.japanese.tokenise import Morpheme, morphemes

_log = logging.getLogger(__name__)
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_QUOTED = re.compile(r"「[^「」]*」|『[^『』]*』")
_NEGATION = re.compile(r"ません|(?<![少])な(?:い|かった|く)|ず(?=[、に])|いいえ")
_MEANINGS = "言葉の意味（もとの文書には書いてありません）: {said}"
_MEANING = "「{word}」＝{meaning}"
_MAX_MEANINGS = 3
# Morphemes of an entry.
_MAX_ENTRY_WORDS = 8

Rewrite = Callable[[str], str]


class EasyJapanese:
    """The step that rewrites a draft in words that learners of Japanese can read, and explains hard words.

    `rewrite` is an optional language model; its text is used only where it states the same facts and passes the same
    checks as the draft.
    """

    def __init__(self, documents: Sequence[Document], rewrite: Rewrite | None = None) -> None:
        self._documents = tuple(documents)
        self._names = [name for d in documents for name in (d.title, *d.aliases)]
        self._rewrite = rewrite

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its draft in easy Japanese, unchanged without a draft or in another style.

        The service's own messages are not rewritten, because their catalogue has an easy version.
        """
        draft = turn.draft
        if draft is None or turn.question.style != "easy" or draft.status not in CITED:
            return turn
        first, *others = draft.parts
        sentences = first.sentences if others and isinstance(first, Paragraph) else ()
        has_remark = bool(sentences) and all(isinstance(one, ServiceMessage) for one in sentences)
        parts: tuple[Part, ...] = tuple(others) if has_remark else draft.parts
        easy = self._rewrite_by_model(
            replace(draft, parts=parts), turn.texts.searched.masked, by_model=turn.question.by_model
        )
        if easy:
            parts = (easy,)
        notices = (*draft.notices, *self._word_notes(render_text(parts)))
        return replace(turn, draft=replace(draft, parts=(first, *parts) if has_remark else parts, notices=notices))

    def _rewrite_by_model(self, draft: Draft, question: str, *, by_model: bool) -> Paragraph | None:
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
        for name in self._names:
            text = text.replace(name, "、" * len(name))
        words = morphemes(_QUOTED.sub(lambda quoted: "、" * len(quoted[0]), text))
        first = list(dict(_explain_words(words, _glossary())).items())[:_MAX_MEANINGS]
        said = "、".join(_MEANING.format(word=word, meaning=meaning) for word, meaning in first)
        return (paragraph(Statement(_MEANINGS.format(said=said))),) if first else ()


def rewrite_with_model(task: Task, text: str) -> str:
    """Return `text` in easy words, unchecked, its sentences with their marks; nothing where no model can tell."""
    try:
        reply = task.reply(text=escape_prompt_data(text))
    except ModelError as error:
        _log.warning("やさしい日本語に言語モデルを使えません: %s", error)
        return ""
    return "\n".join(filter(None, map(clean_line, reply.split("\n"))))


@cache
def _glossary() -> Mapping[str, str]:
    groups = tomllib.loads(files("bot.answering.easy_japanese").joinpath("words.toml").read_text("utf-8"))
    return {word: meaning for group in groups.values() for word, meaning in group.items()}


def _explain_words(words: Sequence[Morpheme], meanings: Mapping[str, str]) -> Iterator[tuple[str, str]]:
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


def find_fact_differences(standard: Iterable[Statement], easy: Iterable[Statement]) -> list[str]:
    """Return the differences in facts between two texts, in Japanese; empty where they state the same.

    Figures, dates and digits must occur equally often, and each name in both texts. Width does not matter.
    """
    sides = [tuple(standard), tuple(easy)]
    before, after = (nfkc(render_text([Paragraph(statements)], marks=False)) for statements in sides)
    counts_before, counts_after = _count_facts(before), _count_facts(after)
    differences = [problem for problem, count in counts_before.items() if count != counts_after[problem]]
    for text, other in ((before, after), (after, before)):
        squashed = fold_normalised(other)
        mentioned = [*(name for _, name in names(text)), *(text[a:b] for a, b in contacts(text))]
        missing = [name for name in mentioned if fold_normalised(name) not in squashed]
        differences += [f"「{name}」が一方にしかありません" for name in missing]
    cited_before, cited_after = ({n for one in statements for n in one.cited} for statements in sides)
    return differences if cited_before == cited_after else ["出典の番号が違います", *differences]


def _count_facts(text: str) -> dict[str, object]:
    times = (*dates(text), *days_without_year(text))
    return {
        "数字が違います": Counter(_DIGITS.findall(text)),
        "数量が違います": Counter((figure.value, figure.unit, figure.change, figure.bound) for figure in figures(text)),
        "日付が違います": Counter((time.year, time.month, time.day, time.fiscal) for time in times),
        "打ち消しの数が違います": len(_NEGATION.findall(text)),
    }
