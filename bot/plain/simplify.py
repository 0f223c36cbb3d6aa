"""An answer sentence by sentence in easy words; a sentence whose facts would change stays as it was."""

import logging
import re
from collections.abc import Iterator, Sequence

from bot.answer import cut_at_leads
from bot.claims import MARK, Premise, check, statements
from bot.plain.same_facts import different_facts
from bot.plain.sentence import PARTS, easy_sentence
from bot.turn import Draft
from ingest.sentences import sentences

_log = logging.getLogger(__name__)
_BULLET = re.compile(r"\s*[・•●]\s*")


def simplified(draft: Draft, premises: Sequence[Premise] | None = None, question: str = "") -> tuple[str, bool]:
    """Return a draft's text in easy words, a sentence a line, and whether a sentence had to stay as it was.

    With `premises`, each sentence in its new form must also be as well supported by them as it was.
    """
    lines: list[str] = []
    kept = False
    for sentence in _sentences(draft.text):
        easy = easy_sentence(sentence)
        if easy != [sentence] and (problems := list(_problems(sentence, "\n".join(easy), premises, question))):
            _log.warning("やさしい日本語にすると変わってしまう文です: %s", " / ".join(problems))
            easy, kept = [sentence], True
        lines += easy
    return "\n".join(lines), kept


def marked_throughout(draft: Draft) -> str:
    """Return a draft's text in which every sentence of an excerpt bears the mark that stands behind the whole of it.

    A sentence is simplified and checked by itself, and must tell what it stands on; so must the line that leads.
    """
    return "".join(_marked(text) if block else text for block, text in cut_at_leads(draft.text, draft.blocks))


def _marked(text: str) -> str:
    """Return a text in which a sentence without marks bears those of the next one that has any."""
    lines, marks = list[str](), ""
    for line in reversed(text.split("\n")):
        told = ""
        for sentence in reversed(sentences(line)):
            parts = PARTS.fullmatch(sentence)
            if parts is None or MARK.search(parts["body"]):
                told = sentence + told
                continue
            marks = parts["marks"] or parts["behind"] or marks
            told = f"{parts['body']}{marks}{parts['stop']}{told}"
        lines.append(told)
    return "\n".join(reversed(lines))


def _sentences(text: str) -> Iterator[str]:
    """Yield the sentences of a text; an item of a list is one whatever it holds, and so is a line with nothing."""
    for line in text.splitlines():
        yield from [line] if _BULLET.match(line) or not line.strip() else sentences(line)


def _problems(sentence: str, easy: str, premises: Sequence[Premise] | None, question: str) -> Iterator[str]:
    """Yield what the easy form says otherwise, or says without the support that the sentence had."""
    yield from different_facts(sentence, easy)
    if premises is not None:
        before = set(_unsupported(sentence, premises, question))
        yield from (problem for problem in _unsupported(easy, premises, question) if problem not in before)


def _unsupported(text: str, premises: Sequence[Premise], question: str) -> Iterator[str]:
    said = [statement for statement in statements(text) if statement.cited]
    yield from (problem.message for one in check(said, premises, question) for problem in one.problems)
