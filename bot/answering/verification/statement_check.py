"""Checks the literals of statements against the passages that they cite: figures, dates, contacts, names, formulas.

Whether a statement follows from its source, and answers the question, is asked of a model (`model_answers/judge.py`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property

from bot.answering.rendering.answer_text import render_without_source_lines
from bot.answering.state import CITED, Draft, cited_numbers
from bot.answering.state.query import JAPANESE
from bot.answering.verification import derived_times, formulas
from bot.answering.verification.literals import (
    LiteralKind,
    LiteralMention,
    content_terms,
    find_ungrounded_names,
    find_ungrounded_numbers,
    find_wrong_weekdays,
    has_name,
    is_in_question,
    is_in_source,
    is_same_figure,
    literals,
    organisations,
)
from bot.answering.verification.source_text import SourceText, to_source_texts
from bot.answering.verification.statements import CitedStatement, split_statements
from ingest.documents import Document
from ingest.guardrails.secrets import requests_secret, secrets_named
from ingest.japanese.mentions.quantities import ANY_THING, COUNTS_NOTHING, Quantity, figures
from ingest.japanese.mentions.times import Time
from ingest.japanese.normal_forms import fold_normalised, normalise_figures
from ingest.japanese.notation import YES_OR_NO
from ingest.japanese.today import format_japanese_date

# The share of the best sentence's terms with which another sentence supports a statement too.
_MIN_SHARE_OF_BEST = 0.5
# A statement with this many terms that shares none with its passages is an instruction that the model obeyed; leads and
# items of lists are short.
_MIN_TERMS = 2
_MIN_TERMS_IN_LIST = 4
_YES_OR_NO = re.compile(rf"^\s*{YES_OR_NO}[、。]?")
# Minutes.
_HOUR = 60
# 「5人ではなく」: the figure is denied, not claimed.
_DENIED = re.compile(r"[^、。]{0,2}で(?:は)?な[くい]")


@dataclass(frozen=True, slots=True)
class Support:
    """What supports a statement.

    Attributes:
        cited: the numbers of the passages that it cites, corrected by its quotes.
        words: the normalised words of these passages that support it.
        is_quoted: whether the words are quotes that a passage has, not sentences chosen by shared terms.
    """

    cited: tuple[int, ...]
    words: tuple[str, ...]
    is_quoted: bool


def find_support(statement: CitedStatement, sources: Sequence[SourceText]) -> Support:
    """Return the passages and words that support a statement; passages count from 1.

    A quote that only another passage has moves the citation there. Quotes that no passage has are ignored; without any
    quote left, the sentences of the cited passages that share most terms with the statement take their place.
    """
    cited = tuple(n for n in dict.fromkeys(statement.cited) if 1 <= n <= len(sources))
    quoted_words = list[str]()
    quoted_only_elsewhere = list[int]()
    for quote in statement.quotes:
        numbers = [n for n, source in enumerate(sources, 1) if source.has_quote(quote)]
        if numbers:
            quoted_words.append(normalise_figures(quote))
        if numbers and not set(numbers) & set(cited):
            quoted_only_elsewhere.append(numbers[0])
    if quoted_only_elsewhere:
        supporting = (n for n in cited if any(sources[n - 1].has_quote(words) for words in statement.quotes))
        cited = tuple(dict.fromkeys([*supporting, *quoted_only_elsewhere]))
    if quoted_words:
        return Support(cited, tuple(quoted_words), is_quoted=True)
    return Support(cited, _best_sentences(statement.text, [sources[n - 1] for n in cited]), is_quoted=False)


def _best_sentences(text: str, sources: Sequence[SourceText]) -> tuple[str, ...]:
    terms = content_terms(text)
    shared_terms = {line: len(terms & content_terms(line)) for source in sources for line in source.lines}
    min_shared = max(shared_terms.values(), default=0) * _MIN_SHARE_OF_BEST
    return tuple(line for line, count in shared_terms.items() if count and count >= min_shared)


class ProblemKind(StrEnum):
    """What is wrong with a statement: one of its literals, a formula, a request for a secret, or its citation."""

    FIGURE = "figure"
    DATE = "date"
    CONTACT = "contact"
    NAME = "name"
    FORMULA = "formula"
    REQUEST = "request"
    CITATION = "citation"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a statement: its kind, the words concerned, a Japanese message, and the literal without source."""

    kind: ProblemKind
    words: str
    message: str
    literal: LiteralMention | None = None


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """A statement, why it is wrong (a literal without source, a calculation, no source), and what supports it."""

    statement: CitedStatement
    problems: tuple[Problem, ...]
    support: Support


def check_text(
    text: str, sources: Sequence[SourceText], question: str = "", language: str = JAPANESE
) -> list[CheckedStatement]:
    """Return the statements of a text with their problems; `[n]` cites `sources[n - 1]`."""
    return check_statements(split_statements(text), sources, question, language=language)


def check_statements(
    statements: Sequence[CitedStatement],
    sources: Sequence[SourceText],
    question: str = "",
    *,
    since: int = 0,
    language: str = JAPANESE,
    today: date | None = None,
) -> list[CheckedStatement]:
    """Return the statements from index `since` on with their problems.

    The other statements serve as operands of sums and counts. In another `language` than Japanese only figures,
    contacts and names in Japanese letters are compared. Days and times of day may follow from others by the calendar
    if `today`, the day of the question, is given.
    """
    normal_question = normalise_figures(question)
    normal = [replace(statement, text=normalise_figures(statement.text)) for statement in statements]
    texts = [statement.text for statement in normal]
    checked = list[CheckedStatement]()
    for i in range(since, len(statements)):
        check = _StatementCheck(normal[i], texts[:i], texts[i + 1 :], sources, normal_question, today)
        problems = check.find_secrets() or (check.find_problems() if language == JAPANESE else check.find_foreign())
        checked.append(CheckedStatement(statements[i], tuple(dict.fromkeys(problems)), check.support))
    return checked


def check_draft(draft: Draft, documents: Sequence[Document] = (), question: str = "") -> list[Problem]:
    """Return the problems of a draft; without any, all of it is supported by what it cites."""
    if draft.status not in CITED:
        has_citation = draft.sources or any(map(cited_numbers, draft.parts))
        return [Problem(ProblemKind.CITATION, "", "出典のつかない種類の回答に出典があります")] if has_citation else []
    sources = to_source_texts([source.passage for source in draft.sources], documents)
    statements = check_text(render_without_source_lines(draft.parts), sources, question)
    problems = (problem for checked in statements for problem in checked.problems)
    return list(dict.fromkeys([*_find_citation_problems(draft), *problems]))


def _find_citation_problems(draft: Draft) -> Iterator[Problem]:
    cited = frozenset[int]().union(*map(cited_numbers, draft.parts))
    numbers = set(range(1, len(draft.sources) + 1))
    messages = [] if numbers else ["出典がひとつもありません"]
    messages += [f"[{n}] にあたる出典がありません" for n in sorted(cited - numbers)]
    messages += [f"出典 {n} が本文に出てきません" for n in sorted(numbers - cited)]
    messages += [
        f"出典 {n} の引用が原文と一致しません"
        for n, source in enumerate(draft.sources, 1)
        if not source.quote.strip() or source.quote not in source.passage.text
    ]
    yield from (Problem(ProblemKind.CITATION, "", message) for message in messages)


def repair_citations(checked: CheckedStatement, sources: Sequence[SourceText]) -> CitedStatement:
    """Return the statement citing also the passages that have the literals which those that it cites lack."""
    missing = [problem.literal for problem in checked.problems if problem.literal]
    cited = list(checked.support.cited)
    times = [time for source in sources for time in source.times]
    others = [n for n in range(1, len(sources) + 1) if n not in cited]
    while missing and others:
        held = {n: [one for one in missing if is_in_source(one, sources[n - 1], times)] for n in others}
        best = max(others, key=lambda n: len(held[n]))
        if not held[best]:
            break
        cited.append(best)
        others.remove(best)
        missing = [literal for literal in missing if literal not in held[best]]
    return replace(checked.statement, cited=tuple(cited))


def _not_in_sources(kind: ProblemKind, words: str, literal: LiteralMention | None = None) -> Problem:
    return Problem(kind, words, f"「{words}」は出典にありません", literal)


@dataclass(frozen=True)
class _StatementCheck:
    statement: CitedStatement
    earlier: Sequence[str]
    later: Sequence[str]
    sources: Sequence[SourceText]
    question: str
    today: date | None

    @cached_property
    def support(self) -> Support:
        return find_support(self.statement, self.sources)

    @cached_property
    def cited(self) -> list[SourceText]:
        return [self.sources[n - 1] for n in self.support.cited]

    @cached_property
    def formula(self) -> str:
        return normalise_figures(self.statement.formula)

    def find_secrets(self) -> list[Problem]:
        text = self.statement.text
        before = "".join(self.earlier[-1:])
        # A request may be parted over two statements.
        is_parted = not requests_secret(before) and requests_secret(f"{before}\n{text}")
        message = "暗証番号やパスワードなどを求める文は示せません"
        return [Problem(ProblemKind.REQUEST, text, message)] if is_parted or requests_secret(text) else []

    def find_foreign(self) -> Iterator[Problem]:
        calculations = (match for match, is_right in formulas.written_calculations(self.formula) if is_right)
        results = [
            match[2] for match in calculations if not find_ungrounded_numbers(match[1], self.sources, self.question)
        ]
        results += [str(count) for count in formulas.right_counts(self.formula, self.sources, self.statement.items)]
        known = " ".join([self.question, *results])
        for number in find_ungrounded_numbers(self.statement.text, self.sources, known):
            yield _not_in_sources(ProblemKind.FIGURE, number)
        for name in find_ungrounded_names(self.statement.text, self.sources, self.question):
            yield _not_in_sources(ProblemKind.NAME, name)

    def find_problems(self) -> Iterator[Problem]:
        text = self.statement.text
        if not self.cited:
            yield from self._find_uncited()
            return
        if self._is_unrelated() or not any(source.body.strip() for source in self.cited):
            yield Problem(ProblemKind.CITATION, text, f"「{text}」の出典には、根拠にできる文がありません")
        known_secrets = secrets_named("\n".join(source.heading_and_body for source in self.cited))
        for words in sorted(secrets_named(text) - known_secrets):
            yield _not_in_sources(ProblemKind.REQUEST, words)
        for match, is_right in formulas.written_calculations(text):
            if not is_right:
                yield Problem(ProblemKind.FORMULA, match[0], f"計算「{match[0]}」が合いません")
        yield from self._find_ungrounded()

    def _find_ungrounded(self) -> Iterator[Problem]:
        text = self.statement.text
        for literal in literals(text):
            if not self._is_grounded(literal):
                yield _not_in_sources(ProblemKind(literal.kind), literal.written, literal)
            elif bound := self._broken_bound(literal):
                yield Problem(ProblemKind.FIGURE, literal.written, f"「{literal.written}」は、「{bound}」に合いません")
        for day in find_wrong_weekdays(text, self.cited, self.today):
            yield Problem(ProblemKind.DATE, day, f"「{day}」は曜日が日付と合いません")
        for words in organisations(text):
            if not self._has_organisation(words):
                yield _not_in_sources(ProblemKind.NAME, "".join(words))

    def _find_uncited(self) -> Iterator[Problem]:
        found = False
        for literal in literals(self.statement.text):
            is_item_count = isinstance(literal.value, Quantity) and literal.value.value == self.statement.items
            is_of_absence = self.statement.is_absence and (
                literal.kind is LiteralKind.NAME or any(is_in_source(literal, source) for source in self.sources)
            )
            if not (is_item_count or is_of_absence or self._is_asked(literal)):
                found = True
                message = f"「{literal.written}」に出典がありません"
                yield Problem(ProblemKind.CITATION, literal.written, message, literal)
        if self.statement.cited and not found:
            text = self.statement.text
            yield Problem(ProblemKind.CITATION, text, f"「{text}」の出典の番号が、渡した資料にありません")

    # Figures and dates are compared by themselves.
    def _is_unrelated(self) -> bool:
        text = self.statement.text
        if any(literal.kind in (LiteralKind.FIGURE, LiteralKind.DATE) for literal in literals(text)):
            return False
        terms = content_terms(_YES_OR_NO.sub("", text))
        is_in_list = self.statement.items or self.statement.listed
        return len(terms) >= (_MIN_TERMS_IN_LIST if is_in_list else _MIN_TERMS) and not any(
            terms & content_terms(line) for source in self.cited for line in source.lines
        )

    def _is_asked(self, literal: LiteralMention) -> bool:
        day = format_japanese_date(self.today) if self.today else ""
        return is_in_question(literal, self.question) or (bool(day) and is_in_question(literal, day))

    def _is_grounded(self, literal: LiteralMention) -> bool:
        text, claim = self.statement.text, literal.value
        if self._is_asked(literal):
            return True
        if isinstance(claim, Quantity):
            if _DENIED.match(text, literal.end) or claim.value in self._counts:
                return True
            time = derived_times.written_time(claim, text)
            if time and time[2] % _HOUR:  # hour and minutes are one literal
                stated = (*(source.heading_and_body for source in self.cited), self.question)
                return derived_times.is_stated_time(time[2], stated) or self._follows_in_time(literal)
        is_stated = any(is_in_source(literal, source, self._nearby_times) for source in self.cited)
        return is_stated or self._is_derived(claim) or self._follows_in_time(literal)

    @cached_property
    def _nearby_times(self) -> list[Time]:
        return [time for source in self.cited for time in source.times]

    @cached_property
    def _counts(self) -> set[int]:
        return formulas.right_counts(self.formula, self.sources, self.statement.items)

    # Only of a figure that was computed: one of the passages or the question may be above a cap.
    def _broken_bound(self, literal: LiteralMention) -> str:
        is_given = self._is_asked(literal) or any(is_in_source(literal, source) for source in self.cited)
        if is_given or not isinstance(literal.value, Quantity):
            return ""
        return formulas.broken_bound(literal.value, self.statement.text, [source.body for source in self.cited])

    def _follows_in_time(self, literal: LiteralMention) -> bool:
        headings = (source.heading for source in self.cited)
        rules = (*self.support.words, *self.earlier, *self.later, *headings, self._grounded_formula)
        if isinstance(literal.value, Quantity):
            time = derived_times.written_time(literal.value, self.statement.text)
            return time is not None and derived_times.follows_by_clock(time[2], (*rules, self.question))
        if not isinstance(literal.value, Time) or self.today is None:
            return False
        basis = derived_times.CalendarBasis(
            rules, tuple(source.body for source in self.cited), self.question, self.today
        )
        return derived_times.follows_by_calendar(literal.value, self.statement.text, basis)

    @cached_property
    def _grounded_formula(self) -> str:
        # The left side, if passages or question have all of its literals.
        left = derived_times.read_formula(self.formula).partition("=")[0]
        is_grounded = all(
            self._is_asked(literal) or any(is_in_source(literal, source, self._nearby_times) for source in self.cited)
            for literal in literals(left)
        )
        return left if is_grounded else ""

    def _is_derived(self, claim: Quantity | Time | str) -> bool:
        if isinstance(claim, Time):
            if claim.day is None or claim.month or claim.year or claim.era_year:
                return False
            claim = Quantity(claim.start, claim.end, Decimal(claim.day), "日間")
            if any(is_same_figure(stated, claim, "") for source in self.cited for stated in source.figures):
                return True
        if not isinstance(claim, Quantity):
            return False
        totals = {self.statement.items} if claim.unit in ANY_THING else set[int]()
        if claim.unit not in COUNTS_NOTHING:
            totals.add(sum(bool(source.cells) for source in self.cited))
        # Sentences that code chose are no operands: among all figures of a page some pair gives any number.
        quotes = ("\n".join(self.support.words),) if self.support.is_quoted else ()
        operand_texts = (*quotes, *self.earlier, *self.later, self.question)
        lines = [line for source in self.cited for line in source.body.splitlines()]
        return (
            (claim.value > 1 and claim.value in totals)
            or self._is_formula_result(claim, operand_texts)
            or formulas.follows_from(claim, self.statement.text, operand_texts, lines)
        )

    def _is_formula_result(self, claim: Quantity, operand_texts: Sequence[str]) -> bool:
        texts = (*operand_texts, *(source.heading_and_body for source in self.cited))
        known_values = {value for text in texts for value in formulas.operand_values(text)}
        known_values.update(formulas.rounded_values(known_values, texts))
        for match, is_right in formulas.written_calculations(f"{self.statement.text}\n{self.formula}"):
            operands = {figure.value for figure in figures(match[1])}
            if is_right and operands <= known_values:
                results = {figure.value for figure in figures(match[2])}
                results.update([*formulas.rounded_values(results, texts)])
                known_values |= results
                if claim.value in results:
                    return True
        return False

    def _has_organisation(self, words: Sequence[str]) -> bool:
        name = "".join(words)
        return (
            fold_normalised(name) in fold_normalised(self.question)
            or any(has_name(source, name) for source in self.sources)
            or all(any(fold_normalised(word) in source.comparison_text for source in self.sources) for word in words)
        )
