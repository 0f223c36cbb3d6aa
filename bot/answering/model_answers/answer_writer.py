"""Builds the answer while its sentences arrive: repairs citations, drops what is wrong, marks what is unconfirmed."""

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import lru_cache, reduce
from itertools import chain

from bot.answering.languages import sentence_separator
from bot.answering.model_answers.judge import Verdict
from bot.answering.model_answers.reply import Reply
from bot.answering.rendering.answer_text import render_sentence
from bot.answering.state import Draft, RejectedSentence, Source, Statement, Status, paragraph, service_message
from bot.answering.state.query import JAPANESE
from bot.answering.verification.literals import content_terms
from bot.answering.verification.source_text import SourceText
from bot.answering.verification.statement_check import CheckedStatement, check_statements, repair_citations
from bot.answering.verification.statements import ABSTENTION, CitedStatement, split_statements
from ingest.documents import Passage
from ingest.japanese.mentions.quantities import ANY_THING, figures
from ingest.japanese.normal_forms import comparison_key, fold_normalised, nfkc, normalise_figures
from ingest.japanese.sentences import sentence_spans

# Characters; of a longer span only the sentence for the first statement is quoted.
_MAX_QUOTE_LENGTH = 300


def best_quote(passage: Passage, statements: Sequence[str]) -> str:
    """Return the shortest part of `passage.text` with the best sentence for each statement.

    A table row is quoted whole. The quote is never empty unless the passage is.
    """
    text = passage.text
    pieces = sentence_spans(text)
    if passage.kind == "row" or not pieces or not statements:
        return text.strip()
    terms = [content_terms(nfkc(statement)) for statement in statements]
    best = [max(pieces, key=lambda piece: len(wanted & content_terms(nfkc(text[slice(*piece)])))) for wanted in terms]
    start = min(best)[0]
    end = max(best)[1]
    if end - start > _MAX_QUOTE_LENGTH:
        start, end = best[0]
    return text[start:end].strip()


def locate_quotes(passage: Passage, quotes: Sequence[str]) -> str:
    """Return the shortest part of `passage.text` with all quotes that it has, "" if it has none.

    White space, case and widths of letters do not count.
    """
    text = ""
    positions = list[int]()
    for position, character in enumerate(passage.text):
        normal = comparison_key(character)
        text += normal
        positions += [position] * len(normal)
    spans = list[tuple[int, int]]()
    for words in map(comparison_key, quotes):
        start = text.find(words)
        if words and start >= 0:
            spans.append((positions[start], positions[start + len(words) - 1] + 1))
    if not spans:
        return ""
    return passage.text[min(spans)[0] : max(end for _, end in spans)].strip()


_log = logging.getLogger(__name__)
_COURTESY = re.compile(r"(?:ご質問|お問い合わせ|お尋ね|それでは|承知)[^。]{0,40}(?:ます|です|ました)。?")
# Letters of the prompt's rules in a row that are a recitation: right replies share at most 9.
_MIN_RECITED_CHARACTERS = 13
_SENTENCE_END = re.compile(r"(?:[。！？!?.]|(?<!\s))\s*+$")

JudgeSentences = Callable[[Sequence[tuple[str, Sequence[int]]]], list[Verdict] | None]


@lru_cache(maxsize=4)
def _rule_letters(rules: str) -> str:
    return comparison_key(rules).replace(comparison_key(ABSTENTION), "|")


def recites(text: str, rules: str) -> bool:
    """Whether a text has a piece of a prompt's rules, other than the sentence of absence that they ask for."""
    letters = fold_normalised(normalise_figures(text))
    pieces = (letters[n : n + _MIN_RECITED_CHARACTERS] for n in range(len(letters) - _MIN_RECITED_CHARACTERS + 1))
    return any(piece in _rule_letters(rules) for piece in pieces)


@dataclass
class _Sentence:
    written: CitedStatement
    checked: CheckedStatement
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def cited(self) -> tuple[int, ...]:
        return self.checked.support.cited


@dataclass
class _Block:
    lead: _Sentence
    items: list[_Sentence] = field(default_factory=list)

    @property
    def sentences(self) -> list[_Sentence]:
        return [self.lead, *self.items]

    def kept(self) -> list[_Sentence]:
        items = [item for item in self.items if not item.problems]
        stated = figures(normalise_figures(self.lead.written.text))
        is_counted = any(figure.value == len(self.items) for figure in stated if figure.unit in ANY_THING)
        is_consistent = len(items) == len(self.items) or (bool(items) and not is_counted)
        return [self.lead, *items] if is_consistent and not self.lead.problems else items


class AnswerWriter:
    """Reads a reply and gives the sentences of it that are not wrong, the unconfirmed ones marked.

    A sentence is wrong if it has a literal that no passage has, if it recites the prompt, or if the judge finds that it
    contradicts the passages or answers nothing. Nothing is shown of a reply whose first sentence is wrong: the rest
    answers something else.

    Args:
        passages: the passages in the prompt; a sentence cites `passages[n - 1]` as n.
        sources: the same as source texts.
        rules: the instructions of the prompt.
        judge: returns the verdicts of a model on sentences with their citations, or None where none can be had.
        on_text: is called with each verified text, in order, with citations numbered by first appearance.
        language: ISO 639-1 code of the language of the answer.
        today: the day of the question, from which days may be counted.
        private_words: words of the question that the answer must not repeat, because it is stored.
    """

    def __init__(
        self,
        passages: Sequence[Passage],
        sources: Sequence[SourceText],
        question: str,
        rules: str = "",
        *,
        judge: JudgeSentences | None = None,
        on_text: Callable[[str], None] | None = None,
        language: str = JAPANESE,
        today: date | None = None,
        private_words: Sequence[str] = (),
    ) -> None:
        self._passages = passages
        self._sources = sources
        self._question = question
        self._today = today
        self._private_words = private_words
        self._rules = rules
        self._judge = judge
        self._on_text = on_text
        self._language = language
        self.model = ""
        self._waiting: list[CitedStatement] = []
        self._blocks: list[_Block] = []
        self._shown_blocks = 0
        self._shown: list[Statement] = []
        self._order: list[int] = []
        self._ends_with_item = False
        self._reply: Reply | None = None
        self._failed: RejectedSentence | None = None

    def read(self, reply: Reply) -> list[CitedStatement]:
        """Read a reply to its end; return the sentences of a clarifying question or of no answer, which are not taken.

        Raises ModelError.
        """
        self._reply = reply
        set_apart = []
        for sentence in reply.sentences():
            if reply.status in ("clarify", "not_found"):
                set_apart.append(sentence)
            else:
                self._take(sentence)
        return set_apart

    def _take(self, sentence: CitedStatement) -> None:
        earlier = (*(one.written for one in self._sentences()), *self._waiting)
        if any(sentence.text == repeated.text for repeated in earlier):
            return
        if self._waiting and not sentence.listed:
            self._check_waiting()
        self._waiting.append(sentence)
        if self._judge is None:
            self._show_blocks()

    def close(self) -> None:
        """Check what waits, ask the judge about all sentences, and show the rest."""
        self._check_waiting()
        self._ask_judge()
        self._show_blocks()
        for sentence in self._sentences():
            if sentence.problems or sentence.doubts:
                _log.info("言語モデルの文に問題があります: %s", " / ".join((*sentence.problems, *sentence.doubts)))

    @property
    def has_grounded_text(self) -> bool:
        return bool(self._order)

    @property
    def abstains(self) -> bool:
        """Whether the reply only states that the documents have no answer."""
        return bool(self._shown) and not self._order

    @property
    def first_problem(self) -> RejectedSentence | None:
        """The first sentence and why it is wrong, if it is; then nothing is shown."""
        first = self._first_block()
        return None if first is None or self._is_answered(first) else _to_rejected(first.lead)

    def draft(self) -> Draft:
        """Return the shown sentences as an answer, with a notice where others were left out."""
        has_gap = any(sentence.problems for sentence in self._sentences())
        is_absence = any(sentence.written.is_absence for sentence in self._sentences())
        is_first_unconfirmed = not self._shown[0].is_confirmed
        sources = self._cited_sources()
        return Draft(
            (paragraph(*self._shown),),
            sources,
            Status.PARTIAL if has_gap or is_absence or is_first_unconfirmed else Status.ANSWERED,
            sources[0].passage.section,
            self.model,
            notices=(paragraph(service_message("left_out")),) if has_gap else (),
        )

    def reject_reply(self, reason: str) -> None:
        """Record the reply as received so far and why it ended early, could not be read or says nothing."""
        self._failed = RejectedSentence(self._reply.received if self._reply else "", reason)

    def rejected(self) -> tuple[RejectedSentence, ...]:
        """Return the sentences that were dropped or marked, with the reasons, and why the reply failed, if it did."""
        rejected = [_to_rejected(one) for one in self._sentences() if one.problems or one.doubts]
        rejected += [self._failed] if self._failed else []
        clean = self.without_private_words
        return tuple(RejectedSentence(clean(one.text), clean(one.why)) for one in rejected)

    def without_private_words(self, text: str) -> str:
        """Return a text of the model with other words for what must not be stored."""
        return reduce(lambda shown, words: shown.replace(words, "お尋ねの日"), self._private_words, text)

    def has_ungrounded_claims(self, text: str) -> bool:
        """Whether a clarifying question repeats the rules, or has a literal that no passage has."""
        everything = tuple(range(1, len(self._sources) + 1))
        statements = [replace(statement, cited=everything) for statement in split_statements(text)]
        results = check_statements(statements, self._sources, self._question, language=self._language)
        return recites(text, self._rules) or any(checked.problems for checked in results)

    def _sentences(self) -> Iterator[_Sentence]:
        return chain.from_iterable(block.sentences for block in self._blocks)

    def _accepted(self) -> list[_Sentence]:
        return [sentence for sentence in self._sentences() if not sentence.problems]

    def _check_waiting(self) -> None:
        waiting = self._waiting
        self._waiting = []
        if not waiting or (not self._blocks and _COURTESY.fullmatch(waiting[0].text)):
            return
        lead, *items = waiting
        statements = [replace(lead, items=len(items)), *items]
        results = self._check([repair_citations(checked, self._sources) for checked in self._check(statements)])
        first, *others = (
            _Sentence(sentence, checked, self._find_problems(sentence, checked))
            for sentence, checked in zip(waiting, results, strict=True)
        )
        self._blocks.append(_Block(first, others))

    def _check(self, statements: Sequence[CitedStatement]) -> list[CheckedStatement]:
        earlier = [sentence.checked.statement for sentence in self._accepted()]
        return check_statements(
            [*earlier, *statements],
            self._sources,
            self._question,
            since=len(earlier),
            language=self._language,
            today=self._today,
        )

    def _find_problems(self, sentence: CitedStatement, checked: CheckedStatement) -> tuple[str, ...]:
        if recites(sentence.text, self._rules):
            return ("言語モデルが指示文を答えに書きました",)
        if not (checked.problems or checked.support.cited or sentence.is_absence):
            return (f"「{sentence.text}」に出典がありません",)
        return tuple(dict.fromkeys(problem.message for problem in checked.problems))

    def _ask_judge(self) -> None:
        sentences = self._accepted()
        leads = {id(item): f"{block.lead.written.text} " for block in self._blocks for item in block.items}
        statements = [(leads.get(id(one), "") + one.written.text, one.cited) for one in sentences]
        verdicts = self._judge(statements) if self._judge and sentences else None
        for sentence, verdict in zip(sentences, verdicts or (), strict=False):
            if verdict.verdict == "contradicted":
                sentence.problems = (verdict.difference or "資料の言うことと違います",)
            elif verdict.verdict == "no_answer":
                sentence.problems = (verdict.difference or "質問の答えになっていません",)
            elif verdict.verdict == "not_confirmed":
                sentence.doubts = (verdict.difference or "資料から言えるか、確かめられません",)

    def _first_block(self) -> _Block | None:
        # Words before an answer, such as thoughts, cite nothing and are dropped alone.
        cite = (block for block in self._blocks if any(one.written.cited for one in block.sentences))
        return next(cite, next(iter(self._blocks), None))

    def _is_answered(self, block: _Block) -> bool:
        return block.lead in block.kept() or not (block.lead.written.cited or block.lead.cited)

    def _show_blocks(self) -> None:
        first = self._first_block()
        if first is None or not self._is_answered(first):
            return
        for block in self._blocks[self._shown_blocks :]:
            text = ""
            for sentence in block.kept():
                statement = self._as_statement(sentence)
                self._shown.append(statement)
                text += render_sentence(statement, self._language)
            if text and self._on_text and self._order:
                self._on_text(text)
        self._shown_blocks = len(self._blocks)

    def _as_statement(self, sentence: _Sentence) -> Statement:
        self._order += [n for n in sentence.cited if n not in self._order]
        reply = sentence.written
        end = _SENTENCE_END.search(reply.text)
        text = self.without_private_words(reply.text[: end.start()] if end else reply.text)
        separator = ""
        if self._shown:
            is_new_line = reply.starts_line or reply.listed or self._ends_with_item
            separator = "\n" if is_new_line else sentence_separator(self._language)
        self._ends_with_item = reply.listed
        numbers = tuple(self._order.index(n) + 1 for n in sentence.cited)
        return Statement(separator + text, numbers, end[0] if end else "", is_confirmed=not sentence.doubts)

    def _cited_sources(self) -> tuple[Source, ...]:
        accepted = self._accepted()
        sources = []
        for number in self._order:
            passage = self._passages[number - 1]
            citing = [sentence.written for sentence in accepted if number in sentence.cited]
            quotes = [quote for one in citing for quote in one.quotes]
            words = locate_quotes(passage, quotes) or best_quote(passage, [one.text for one in citing])
            sources.append(Source(passage, words))
        return tuple(sources)


def _to_rejected(sentence: _Sentence) -> RejectedSentence:
    return RejectedSentence(sentence.written.text, " / ".join((*sentence.problems, *sentence.doubts)))
