"""Builds the answer while its sentences arrive: verifies each, shows what passes, records what does not."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from bot.generation.entailment import SupportedSentence, find_unsupported
from bot.generation.generate import Generator
from bot.generation.non_answers import NonAnswerCheck
from bot.generation.quote import best_quote, locate_quotes
from bot.generation.reply import Reply, ReplySentence
from bot.state import Draft, Paragraph, RejectedSentence, Source, Statement, Status, message, paragraph
from bot.state.citation_marks import format_marks
from bot.verification import (
    CheckedStatement,
    CitedStatement,
    SourceText,
    SupportingQuote,
    check_statements,
    has_no_source,
    is_unrelated,
    split_statements,
    states_absence,
)
from ingest.documents import Passage
from ingest.japanese.figures import figures
from ingest.japanese.normal_forms import normalise_figures
from ingest.japanese.quantities import ANY_THING

_log = logging.getLogger(__name__)
_COURTESY = re.compile(r"(?:ご質問|お問い合わせ|お尋ね|それでは|承知)[^。]{0,40}(?:ます|です|ました)。?")
_DEPENDENT = re.compile(
    r"\s*(?:しかし|だが|ただ(?:し|、)|一方|それ|その|これ|この(?!プラン|計画|資料)|そう|したがって|よって|つまり|すなわち|前者|後者"
    r"|同(?:年|月|日|様|じ))"
)
# A sentence with this many terms of which its passages have none is an order that the model obeyed.
_MIN_TERMS = 2
_MIN_TERMS_IN_LIST = 4
_END = re.compile(r"[。！？!?.]?\s*$")


@dataclass
class _Sentence:
    """A sentence of the reply with the result of its check; `problems` is empty where it may be shown."""

    reply: ReplySentence
    checked: CheckedStatement
    problems: tuple[str, ...] = ()

    @property
    def cited(self) -> tuple[int, ...]:
        return self.checked.support.cited


@dataclass
class _Block:
    """A sentence with the list items under it, which are shown together."""

    lead: _Sentence
    items: list[_Sentence] = field(default_factory=list)

    @property
    def sentences(self) -> list[_Sentence]:
        return [self.lead, *self.items]


class AnswerWriter:
    """Reads a reply and gives the sentences of it that pass every check.

    Args:
        passages: what the model was given; a sentence cites `passages[n - 1]` as n.
        sources: the same as source texts.
        question: what was asked.
        non_answers: recognises sentences that are never an answer.
        judge: the models that check entailment; without it, or where it fails, the literal checks alone decide.
        on_text: is called with each verified text, in order, with citations numbered by first appearance.

    """

    def __init__(
        self,
        passages: Sequence[Passage],
        sources: Sequence[SourceText],
        question: str,
        non_answers: NonAnswerCheck,
        *,
        judge: Generator | None = None,
        on_text: Callable[[str], None] | None = None,
    ) -> None:
        self._passages = passages
        self._sources = sources
        self._question = question
        self._non_answers = non_answers
        self._judge = judge if judge and judge.can_judge_entailment else None
        self._on_text = on_text
        self.model = ""
        self._waiting: list[ReplySentence] = []
        self._blocks: list[_Block] = []
        self._shown_blocks = 0
        self._shown: list[Statement] = []
        self._order: list[int] = []
        self._follows_gap = False
        self._ends_with_item = False
        self._reply: Reply | None = None
        self._failed: RejectedSentence | None = None

    def read(self, reply: Reply) -> list[ReplySentence]:
        """Read a reply to its end; return the sentences of a clarifying question or of no answer, which are not taken.

        Raises ModelError.
        """
        self._reply, set_apart = reply, []
        for sentence in reply.sentences():
            if reply.status in ("clarify", "not_found"):
                set_apart.append(sentence)
            else:
                self._take(sentence)
        return set_apart

    def _take(self, sentence: ReplySentence) -> None:
        """Take the next sentence, unless the model repeats itself; show what no later sentence can change."""
        earlier = [one.reply for block in self._blocks for one in block.sentences]
        if any(sentence.text == one.text for one in (*earlier, *self._waiting)):
            return
        if self._waiting and not sentence.is_item:
            self._check_waiting()
        self._waiting.append(sentence)
        if self._judge is None:
            self._show_blocks()

    def close(self) -> None:
        """Check what waits, ask the model about the meaning of all sentences, and show the rest."""
        self._check_waiting()
        self._check_entailment()
        self._show_blocks()
        for sentence in self._rejected():
            _log.info("言語モデルの文を使えません: %s", " / ".join(sentence.problems))

    @property
    def has_grounded_text(self) -> bool:
        """Whether any verified sentence has a source."""
        return bool(self._order)

    @property
    def abstains(self) -> bool:
        """Whether the reply only states that the documents have no answer."""
        return bool(self._shown) and not self._order

    def draft(self) -> Draft:
        """Return the verified sentences as an answer, with a notice where others were left out."""
        is_incomplete = bool(self._rejected())
        is_partial = is_incomplete or any(states_absence(one.text) for one in self._shown)
        sources = self._cited_sources()
        return Draft(
            (Paragraph(tuple(self._shown)),),
            sources,
            Status.PARTIAL if is_partial else Status.ANSWERED,
            sources[0].passage.section,
            self.model,
            notices=(paragraph(message("left_out")),) if is_incomplete else (),
        )

    def reject_reply(self, reason: str) -> None:
        """Record the reply as received so far and why it ended early, could not be read or says nothing."""
        self._failed = RejectedSentence(self._reply.received if self._reply else "", reason)

    def rejected(self) -> tuple[RejectedSentence, ...]:
        """Return the sentences that were not shown, with the reasons, and why the reply failed, if it did."""
        sentences = [RejectedSentence(one.reply.text, " / ".join(one.problems)) for one in self._rejected()]
        return (*sentences, *((self._failed,) if self._failed else ()))

    def has_ungrounded_claims(self, text: str) -> bool:
        """Whether a clarifying question repeats the rules, or has a literal that no passage has."""
        everything = tuple(range(1, len(self._sources) + 1))
        statements = [replace(one, cited=everything) for one in split_statements(text)]
        checked = check_statements(statements, self._sources, self._question)
        return self._non_answers.recites_rules(text) or any(one.problems for one in checked)

    def _rejected(self) -> list[_Sentence]:
        return [one for block in self._blocks for one in block.sentences if one.problems]

    def _check_waiting(self) -> None:
        """Check the waiting sentence and the items under it."""
        waiting, self._waiting = self._waiting, []
        if not waiting or (not self._blocks and _COURTESY.fullmatch(waiting[0].text)):
            return
        others = [one.checked.statement for block in self._blocks for one in block.sentences if not one.problems]
        statements = [
            self._as_cited(sentence, items=len(waiting) - 1 if not place else 0)
            for place, sentence in enumerate(waiting)
        ]
        checked = check_statements([*others, *statements], self._sources, self._question, since=len(others))
        first, *items = (
            _Sentence(sentence, one, self._find_problems(sentence, one, leads_list=not place and len(waiting) > 1))
            for place, (sentence, one) in enumerate(zip(waiting, checked, strict=True))
        )
        self._blocks.append(_Block(first, items))

    def _as_cited(self, sentence: ReplySentence, items: int) -> CitedStatement:
        text = normalise_figures(sentence.text)
        if has_no_source(text, self._question):
            return CitedStatement(text)
        quotes = tuple(SupportingQuote(words, sentence.passages) for words in sentence.quotes)
        return CitedStatement(text, sentence.passages, items, quotes=quotes, formula=sentence.formula)

    def _find_problems(
        self, sentence: ReplySentence, checked: CheckedStatement, *, leads_list: bool
    ) -> tuple[str, ...]:
        if reason := self._non_answers.find_reason(sentence.text, leads_list=leads_list):
            return (reason,)
        if states_absence(sentence.text) and not checked.problems:
            return ()
        if checked.problems:
            return tuple(dict.fromkeys(problem.message for problem in checked.problems))
        min_terms = _MIN_TERMS_IN_LIST if leads_list or sentence.is_item else _MIN_TERMS
        if not checked.support.cited or is_unrelated(checked.statement, checked.support, self._question, min_terms):
            return (f"「{sentence.text}」に出典がありません",)
        return ()

    def _check_entailment(self) -> None:
        """Reject the sentences that do not follow from their support by the judgement of a model."""
        if self._judge is None:
            return
        kept = [one for block in self._blocks for one in block.sentences if not one.problems and one.cited]
        judged = [
            SupportedSentence(
                one.reply.text, self._sources[one.cited[0] - 1].heading.replace("\n", " "), one.checked.support.words
            )
            for one in kept
        ]
        for index, why in (find_unsupported(self._judge, judged, self._question) or {}).items():
            kept[index].problems = (why,)

    def _show_blocks(self) -> None:
        for block in self._blocks[self._shown_blocks :]:
            statements = list[Statement]()
            for one in self._kept(block):
                statements.append(self._as_statement(one))
                self._shown.append(statements[-1])
            text = "".join(f"{one.text}{format_marks(one.cited)}{one.end}" for one in statements)
            if text and self._on_text and self._order:
                self._on_text(text)
        self._shown_blocks = len(self._blocks)

    def _kept(self, block: _Block) -> list[_Sentence]:
        """Return what is shown of a block: no sentence that depends on a dropped one, no lead without its items."""
        items = [item for item in block.items if not item.problems]
        lead = block.lead
        is_dropped = (
            bool(lead.problems)
            or (self._follows_gap and bool(_DEPENDENT.match(lead.reply.text)))
            or (bool(block.items) and not _is_count_consistent(lead.reply.text, len(block.items), len(items)))
        )
        self._follows_gap = is_dropped
        return items if is_dropped else [lead, *items]

    def _as_statement(self, one: _Sentence) -> Statement:
        """Return a sentence as part of the answer, its citations numbered by first appearance."""
        self._order += [n for n in one.cited if n not in self._order]
        end = _END.search(one.reply.text)
        text, punctuation = (one.reply.text[: end.start()], end[0]) if end else (one.reply.text, "")
        is_new_line = bool(self._shown) and (one.reply.starts_line or one.reply.is_item or self._ends_with_item)
        self._ends_with_item = one.reply.is_item
        numbers = tuple(self._order.index(n) + 1 for n in one.cited)
        return Statement(f"\n{text}" if is_new_line else text, numbers, punctuation)

    def _cited_sources(self) -> tuple[Source, ...]:
        """Return the cited passages, each with the words that support the statements."""
        kept = [one for block in self._blocks for one in block.sentences if not one.problems]
        sources = []
        for number in self._order:
            passage = self._passages[number - 1]
            citing = [one for one in kept if number in one.cited]
            quoted = [quote for one in citing for quote in one.reply.quotes]
            words = locate_quotes(passage, quoted) or best_quote(passage, [one.reply.text for one in citing])
            sources.append(Source(passage, words))
        return tuple(sources)


def _is_count_consistent(lead: str, items: int, kept: int) -> bool:
    """Whether a list with `kept` of its `items` still agrees with a number in its lead; a lead needs an item."""
    numbers = [f.value for f in figures(normalise_figures(lead)) if f.unit in ANY_THING]
    return kept > 0 and (kept == items or items not in numbers)
