"""Decides whether a generated sentence may be shown: claims by code, entailment by a model."""

import logging
import re
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace

from bot.errors import ModelError
from bot.generation.generate import Generator
from bot.generation.materials import Materials, as_prompt_data
from bot.generation.reply_units import ABSTENTION, Sentence
from bot.guardrails.secrets import requests_secret
from bot.llm.call_budget import current_budget
from bot.question.query import JAPANESE
from bot.verification import (
    MARK,
    Quotation,
    SourceText,
    Statement,
    check_statements,
    is_foreign,
    split_statements,
    squash,
)
from ingest.japanese import nfkc

_log = logging.getLogger(__name__)
# Letters of the prompts' rules in a row that are a recitation: correct replies share at most 9 (decision 034).
_RECITED = 13
_CLAIMS = frozenset({"figure", "date", "contact", "name"})
KNOWN = _CLAIMS | {"sum", "citation", "quote", "property"}
"""The kinds of problems that stop a sentence whatever a model says of its sense; of the other kinds code is unsure."""
_FEWEST_WORDS = 4
# Share of the question's time budget that must remain for an entailment check.
_BUDGET = 0.25
# The threads only wait for a server, and many answers are checked at once.
_JUDGES_AT_ONCE = 64
_pool = ThreadPoolExecutor(_JUDGES_AT_ONCE, thread_name_prefix="sense")

Verdict = Future[str | None]
"""What a model finds wrong with the sense of a sentence, maybe nothing; None where it does not answer."""


@dataclass(frozen=True, slots=True)
class Faults:
    """The problems of a sentence as messages to the model: certain ones, and suspected ones."""

    known: tuple[str, ...]
    suspected: tuple[str, ...]


class ClaimJudge:
    """Checks the sentences of one reply to `question` by code; `[n]` cites `premises[n - 1]`.

    `rules` are the prompts' instructions, which must not appear in an answer; `language` is the asker's.
    """

    def __init__(self, premises: Sequence[SourceText], question: str, rules: str, language: str = JAPANESE) -> None:
        self._premises = premises
        self._question = question
        self._language = language
        self._rules = squash(nfkc(rules)).replace(squash(nfkc(ABSTENTION)), "|")

    def faults(self, said: Sequence[Statement], others: Sequence[Statement]) -> Faults:
        """Return the problems of these statements of a reply that also has the statements `others`."""
        checked = check_statements([*others, *said], self._premises, self._question, since=len(others))
        problems = [problem for one in checked for problem in one.problems]
        abroad = self._language == JAPANESE and any(_is_sentence_abroad(one) for one in said)
        messages = [*self._find_recited_rules(said), *(p.message for p in problems if p.kind in KNOWN)]
        known = dict.fromkeys([*messages, *(["日本語で書かれていません"] if abroad else [])])
        return Faults(tuple(known), tuple(dict.fromkeys(p.message for p in problems if p.kind not in KNOWN)))

    def has_ungrounded_claims(self, text: str) -> bool:
        """Whether a clarifying question has an ungrounded figure, date, contact or name, or asks for a secret."""
        everything = tuple(range(1, len(self._premises) + 1))
        said = [replace(one, cited=everything) for one in split_statements(text)]
        checked = check_statements(said, self._premises, self._question)
        problems = [problem for one in checked for problem in one.problems]
        return bool(self._find_recited_rules(said)) or requests_secret(text) or any(p.kind in _CLAIMS for p in problems)

    def _find_recited_rules(self, said: Sequence[Statement]) -> list[str]:
        """Return a reason where a statement holds a piece of the prompts' rules."""
        for statement in said:
            letters = squash(statement.text)
            runs = (letters[n : n + _RECITED] for n in range(len(letters) - _RECITED + 1))
            if any(run in self._rules for run in runs):
                return ["言語モデルが指示文を答えに書きました"]
        return []


class EntailmentJudge:
    """Asks a model whether the passages that a sentence cites say what it says."""

    def __init__(self, generator: Generator, materials: Materials, question: str) -> None:
        self._generator = generator
        self._materials = materials
        self._question = question

    def __call__(self, text: str, before: str = "") -> Verdict | None:
        """Start an entailment check of `text`, which depends on the text `before` it.

        None without citations, without a model for it, or with too little time left.
        """
        cited = [int(n) for n in MARK.findall(text)]
        account = current_budget(0.0)
        if not cited or not self._generator.can_judge_entailment or account.left_s < _BUDGET * account.limit_s:
            return None
        said = MARK.sub("", f"{before}{text}").strip()
        return _pool.submit(copy_context().run, self._verdict, said, self._materials.shown(cited))

    def _verdict(self, said: str, shown: Sequence[str]) -> str | None:
        try:
            verdict = self._generator.sense.structured(
                passages=list(shown), question=as_prompt_data(self._question), statement=as_prompt_data(said)
            )
        except ModelError as error:
            _log.warning("文の意味を言語モデルに確かめさせることができません: %s", error)
            return None
        if verdict["supported"]:
            return ""
        return str(verdict["why"]).strip() or "資料の言うことと意味が違います"


def sentence_statements(sentence: Sentence, lead: str = "", items: str = "") -> list[Statement]:
    """Return the statements of a sentence with their quotes.

    An item is parsed after its `lead`, and a lead before its `items`.
    """
    said = split_statements(f"{lead}{sentence.text}{items}")
    own = [one for one in said if one.listed == bool(lead)] if lead or items else said
    return [
        replace(one, quotes=tuple(Quotation(words, one.cited) for words in sentence.quotes), formula=sentence.formula)
        for one in own
    ]


def _is_sentence_abroad(said: Statement) -> bool:
    """Whether it is a sentence in another language; names and list items (LINE, Zoom) are not."""
    return is_foreign(said.text) and not said.listed and len(said.text.split()) >= _FEWEST_WORDS


def is_dependent(text: str) -> bool:
    """Whether a sentence cannot be understood without the one before it."""
    return bool(_LEANS.match(text))


_LEANS = re.compile(
    r"\s*(?:しかし|だが|ただ(?:し|、)|一方|それ|その|これ|この(?!プラン|計画|資料)|そう|したがって|よって|つまり|すなわち|前者|後者|同(?:年|月|日|様|じ))"
)
