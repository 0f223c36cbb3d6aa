"""Checks the literals of statements against the passages that they cite.

Code compares only what is literal: figures, dates, contacts, names, formulas, and a few literal properties. Whether a
statement follows from its source is asked of a model (`bot/generation/generate.py`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from bot.minutes.mentions import find_mentions
from bot.rendering.answer_text import render_without_source_lines
from bot.state import CITED, Draft, cited_numbers
from bot.state.query import JAPANESE
from bot.verification.derived_times import (
    CalendarBasis,
    days_in,
    follows_by_calendar,
    follows_by_clock,
    is_stated_time,
    read_formula,
    written_time,
)
from bot.verification.foreign_language import find_ungrounded_names, find_ungrounded_numbers, is_foreign
from bot.verification.formulas import (
    broken_bound,
    follows_from,
    operand_values,
    right_counts,
    rounded_values,
    written_calculations,
)
from bot.verification.literal_properties import find_property_faults
from bot.verification.literals import (
    LiteralKind,
    LiteralMention,
    content_terms,
    find_wrong_weekdays,
    has_name,
    is_in_question,
    is_in_source,
    is_same_figure,
    literals,
    organisations,
)
from bot.verification.source_text import SourceText, to_source_text
from bot.verification.statements import CitedStatement, split_statements
from ingest.documents import Document, Passage
from ingest.guardrails.secrets import requests_secret, secrets_named
from ingest.japanese.figures import COUNTS_NOTHING, FigureMention, figures
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.japanese.normal_forms import fold_normalised, normalise_figures
from ingest.japanese.notation import YES_OR_NO
from ingest.japanese.partial_dates import Time
from ingest.japanese.quantities import ANY_THING
from ingest.japanese.today import format_japanese_date

# The share of the best sentence's terms with which another sentence supports a statement too.
_MIN_SHARE_OF_BEST = 0.5


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
    for quotation in statement.quotes:
        numbers = [n for n, source in enumerate(sources, 1) if source.has_quote(quotation.words)]
        if numbers:
            quoted_words.append(normalise_figures(quotation.words))
        if numbers and not set(numbers) & set(cited):
            quoted_only_elsewhere.append(numbers[0])
    if quoted_only_elsewhere:
        supporting = (n for n in cited if any(sources[n - 1].has_quote(quote.words) for quote in statement.quotes))
        cited = tuple(dict.fromkeys([*supporting, *quoted_only_elsewhere]))
    if quoted_words:
        return Support(cited, tuple(quoted_words), is_quoted=True)
    return Support(cited, best_sentences(statement.text, [sources[n - 1] for n in cited]), is_quoted=False)


def best_sentences(text: str, sources: Sequence[SourceText]) -> tuple[str, ...]:
    """Return the sentences and headings that share most terms with normalised `text`, and those with half as many."""
    terms = content_terms(text)
    shared_terms = dict[str, int]()
    for source in sources:
        for line in (*source.sentences, *source.heading.splitlines()):
            shared_terms[line] = len(terms & content_terms(line))
    min_shared = max(shared_terms.values(), default=0) * _MIN_SHARE_OF_BEST
    return tuple(line for line, count in shared_terms.items() if count and count >= min_shared)


_WORDS = load_lexicon("minutes")
_SPEAKING = any_of((*_WORDS["asking"], *_WORDS["replying"], *_WORDS["stating"]))
# After a speaker: who says what follows, as opposed to the one whose question is replied to.
_SAYS = re.compile(rf"(?:は|が|から|より|も|によ(?:ると|れば))[^。]*{_SPEAKING}")


def find_misattributions(text: str, quotes: Sequence[str], cited: Sequence[SourceText]) -> Iterator[str]:
    """Yield the persons whom a normalised statement has say what others said in the sources that it cites.

    The speakers are those of the `quotes`; without quotes, all of the cited sources.
    """
    speeches = [speech for source in cited for speech in source.speeches]
    quoted_words = [fold_normalised(quote) for quote in quotes]
    speakers = set[tuple[str, str, str]]()
    for person, words in speeches:
        spoken_words = fold_normalised(normalise_figures(words))
        if not quoted_words or any(quote in spoken_words for quote in quoted_words):
            speakers.add(person.identity)
    persons = list(dict.fromkeys(person for person, _ in speeches))
    mentions = [mention for mention in find_mentions(text, persons) if _SAYS.match(text, mention.end)]
    is_right = any(person.identity in speakers for mention in mentions for person in mention.persons)
    if speakers and not is_right:
        yield from (mention.text for mention in mentions)


"""The statuses whose answers carry citations; the others carry none and state no facts of the documents."""

_YES_OR_NO = re.compile(rf"^\s*{YES_OR_NO}[、。]?")
# Content words that a statement needs to be judged unrelated: sentences of the service itself have fewer.
_MIN_TERMS = 4
# Minutes.
_HOUR = 60
# 「5人ではなく」: the figure is denied, not claimed.
_DENIED = re.compile(r"[^、。]{0,2}で(?:は)?な[くい]")


class ProblemKind(StrEnum):
    """What is wrong with a statement: one of its literals, a formula, a literal property, or its citation."""

    FIGURE = "figure"
    DATE = "date"
    CONTACT = "contact"
    NAME = "name"
    FORMULA = "formula"
    PROPERTY = "property"
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
    """A statement and the passages and words that support it.

    Attributes:
        problems: why it is wrong: a literal that its passages lack, a wrong calculation, no source.
        doubts: what code cannot confirm: a negation, an end or a speaker that the supporting words lack.
    """

    statement: CitedStatement
    problems: tuple[Problem, ...]
    support: Support
    doubts: tuple[Problem, ...] = ()


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
    texts = [statement.text for statement in statements]
    return [
        _check_statement(statements[i], _Given(texts[:i], texts[i + 1 :], sources, normal_question, today), language)
        for i in range(since, len(statements))
    ]


def repair_citations(
    checked_statements: Sequence[CheckedStatement], sources: Sequence[SourceText]
) -> list[CitedStatement]:
    """Return the statements, each citing also the passages that have the literals which those that it cites lack."""
    return [_repair(checked, sources) for checked in checked_statements]


def _repair(checked: CheckedStatement, sources: Sequence[SourceText]) -> CitedStatement:
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


@dataclass(frozen=True, slots=True)
class _Given:
    """What a statement may take its literals from: the texts around it, the sources, the question and its day."""

    earlier: Sequence[str]
    later: Sequence[str]
    sources: Sequence[SourceText]
    question: str
    today: date | None

    @property
    def other_texts(self) -> tuple[str, ...]:
        return (*self.earlier, *self.later, self.question)

    def is_asked(self, literal: LiteralMention) -> bool:
        """Whether the question has a literal, or it is the day of the question."""
        day = format_japanese_date(self.today) if self.today else ""
        return is_in_question(literal, self.question) or (bool(day) and is_in_question(literal, day))


def _check_statement(statement: CitedStatement, given: _Given, language: str) -> CheckedStatement:
    sources, question = given.sources, given.question
    support = find_support(statement, sources)
    cited = [sources[n - 1] for n in support.cited]
    before = "".join(given.earlier[-1:])
    # A request may be parted over two statements.
    is_parted = not requests_secret(before) and requests_secret(f"{before}\n{statement.text}")
    if is_parted or requests_secret(statement.text):
        message = "暗証番号やパスワードなどを求める文は示せません"
        return CheckedStatement(statement, (Problem(ProblemKind.PROPERTY, statement.text, message),), support)
    problems: Iterable[Problem]
    doubts: Iterable[Problem] = ()
    if language != JAPANESE or is_foreign(statement.text):
        problems = _find_ungrounded_foreign_literals(statement, sources, question)
    elif not cited:
        problems = list(_find_uncited_literals(statement, given))
        if statement.cited and not problems:
            message = f"「{statement.text}」の出典の番号が、渡した資料にありません"
            problems.append(Problem(ProblemKind.CITATION, statement.text, message))
    else:
        problems = _find_cited_problems(statement, support, given)
        doubts = _find_doubts(statement.text, support, cited, given.today)
    return CheckedStatement(statement, tuple(dict.fromkeys(problems)), support, tuple(dict.fromkeys(doubts)))


def _find_uncited_literals(statement: CitedStatement, given: _Given) -> Iterator[Problem]:
    for literal in literals(statement.text):
        is_item_count = isinstance(literal.value, FigureMention) and literal.value.value == statement.items
        is_of_absence = statement.is_absence and (
            literal.kind is LiteralKind.NAME or any(is_in_source(literal, source) for source in given.sources)
        )
        if not (is_item_count or is_of_absence or given.is_asked(literal)):
            message = f"「{literal.written}」に出典がありません"
            yield Problem(ProblemKind.CITATION, literal.written, message, literal)


def _find_ungrounded_foreign_literals(
    statement: CitedStatement, sources: Sequence[SourceText], question: str
) -> Iterator[Problem]:
    formula = normalise_figures(statement.formula)
    calculations = (match for match, is_right in written_calculations(formula) if is_right)
    results = [match[2] for match in calculations if not find_ungrounded_numbers(match[1], sources, question)]
    results += [str(count) for count in right_counts(formula, sources, statement.items)]
    for number in find_ungrounded_numbers(statement.text, sources, " ".join([question, *results])):
        yield _not_in_sources(ProblemKind.FIGURE, number)
    for name in find_ungrounded_names(statement.text, sources, question):
        yield _not_in_sources(ProblemKind.NAME, name)


def _find_cited_problems(statement: CitedStatement, support: Support, given: _Given) -> Iterator[Problem]:
    text = statement.text
    cited = [given.sources[n - 1] for n in support.cited]
    # A planted order that a model obeyed shares no word with what the passages say besides it.
    if is_unrelated(statement, cited, _MIN_TERMS) or not any(source.body.strip() for source in cited):
        yield Problem(ProblemKind.CITATION, text, f"「{text}」の出典には、根拠にできる文がありません")
    for words in sorted(secrets_named(text) - secrets_named("\n".join(source.heading_and_body for source in cited))):
        yield _not_in_sources(ProblemKind.PROPERTY, words)
    for match, is_right in written_calculations(text):
        if not is_right:
            yield Problem(ProblemKind.FORMULA, match[0], f"計算「{match[0]}」が合いません")
    rules = (*support.words, *given.earlier, *given.later, *(source.heading for source in cited))
    rules += (_grounded_formula(statement, cited, given),)
    for problem in _find_ungrounded_literals(statement, support, cited, given):
        if not (problem.literal and _follows_in_time(problem.literal, text, rules, cited, given)):
            yield problem
    for day in find_wrong_weekdays(text, cited, given.today):
        yield Problem(ProblemKind.DATE, day, f"「{day}」は曜日が日付と合いません")
    for compound in organisations(text):
        if not _has_organisation(compound, given.sources, given.question):
            yield _not_in_sources(ProblemKind.NAME, "".join(compound))


def _find_doubts(text: str, support: Support, cited: Sequence[SourceText], today: date | None) -> Iterator[Problem]:
    quotes = support.words if support.is_quoted else ()
    for person in find_misattributions(text, quotes, cited):
        yield Problem(ProblemKind.NAME, person, f"「{person}」は、出典の言葉を言った人ではありません")
    given_words = (*quotes, *(source.heading for source in cited))
    days = [day for words in given_words for day in days_in(words, today)] if today else []
    has_passed = today is not None and bool(days) and max(days) < today
    for words, message in find_property_faults(text, quotes, has_passed=has_passed):
        yield Problem(ProblemKind.PROPERTY, words, message)
    for literal in literals(text):
        if not isinstance(literal.value, FigureMention) or any(is_in_source(literal, one) for one in cited):
            continue
        if bound := broken_bound(literal.value, text, [source.body for source in cited]):
            yield Problem(ProblemKind.FIGURE, literal.written, f"「{literal.written}」は、「{bound}」に合いません")


def _find_ungrounded_literals(
    statement: CitedStatement, support: Support, cited: Sequence[SourceText], given: _Given
) -> Iterator[Problem]:
    # Sentences that code chose are no operands: among all figures of a page some pair gives any number.
    quotes = ("\n".join(support.words),) if support.is_quoted else ()
    nearby_times = [time for source in cited for time in source.times]
    counts = right_counts(normalise_figures(statement.formula), given.sources, statement.items)
    for literal in literals(statement.text):
        is_denied = literal.kind is LiteralKind.FIGURE and _DENIED.match(statement.text, literal.end)
        is_count = isinstance(literal.value, FigureMention) and literal.value.value in counts
        time = written_time(literal.value, statement.text) if isinstance(literal.value, FigureMention) else None
        if time and time[2] % _HOUR:  # hour and minutes are one literal
            is_stated = is_stated_time(time[2], (*(source.heading_and_body for source in cited), given.question))
        else:
            is_stated = any(is_in_source(literal, source, nearby_times) for source in cited)
            is_stated = is_stated or _is_derived(literal, statement, (*quotes, *given.other_texts), cited)
        if not (is_stated or is_denied or is_count or given.is_asked(literal)):
            yield replace(_not_in_sources(ProblemKind(literal.kind), literal.written), literal=literal)


def _grounded_formula(statement: CitedStatement, cited: Sequence[SourceText], given: _Given) -> str:
    """Return the left side of a statement's formula if its passages or the question have all of its literals."""
    left = read_formula(normalise_figures(statement.formula)).partition("=")[0]
    times = [time for source in cited for time in source.times]
    is_grounded = all(
        given.is_asked(literal) or any(is_in_source(literal, source, times) for source in cited)
        for literal in literals(left)
    )
    return left if is_grounded else ""


def _follows_in_time(
    literal: LiteralMention, text: str, rules: tuple[str, ...], cited: Sequence[SourceText], given: _Given
) -> bool:
    if isinstance(literal.value, FigureMention):
        time = written_time(literal.value, text)
        return time is not None and follows_by_clock(time[2], (*rules, given.question))
    if not isinstance(literal.value, Time) or given.today is None:
        return False
    basis = CalendarBasis(rules, tuple(source.body for source in cited), given.question, given.today)
    return follows_by_calendar(literal.value, text, basis)


def _is_derived(
    literal: LiteralMention, statement: CitedStatement, operand_texts: Sequence[str], cited: Sequence[SourceText]
) -> bool:
    claim = literal.value
    if isinstance(claim, Time):
        if claim.day is None or claim.month or claim.year or claim.era_year:
            return False
        length = FigureMention(claim.start, claim.end, Decimal(claim.day), "日間")
        if any(is_same_figure(stated, length, "") for source in cited for stated in source.figures):
            return True
        claim = length
    if not isinstance(claim, FigureMention):
        return False
    lines = [line for source in cited for line in source.body.splitlines()]
    return (
        (claim.value > 1 and claim.value in _countable_totals(claim.unit, statement, cited))
        or _is_formula_result(claim, statement, operand_texts, cited)
        or follows_from(claim, statement.text, operand_texts, lines)
    )


def _is_formula_result(
    claim: FigureMention, statement: CitedStatement, operand_texts: Sequence[str], cited: Sequence[SourceText]
) -> bool:
    texts = (*operand_texts, *(source.heading_and_body for source in cited))
    known_values = {value for text in texts for value in operand_values(text)}
    known_values.update(rounded_values(known_values, texts))
    for match, is_right in written_calculations(f"{statement.text}\n{normalise_figures(statement.formula)}"):
        operands = {figure.value for figure in figures(match[1])}
        if is_right and operands <= known_values:
            results = {figure.value for figure in figures(match[2])}
            known_values.update((*results, *rounded_values(results, texts)))
            if claim.value in results or claim.value in rounded_values(results, texts):
                return True
    return False


def _countable_totals(unit: str, statement: CitedStatement, cited: Sequence[SourceText]) -> set[int]:
    totals = set[int]()
    if unit in ANY_THING:
        totals.add(statement.items)
    if unit not in COUNTS_NOTHING:
        totals.add(sum(bool(source.cells) for source in cited))
    return totals


def is_unrelated(statement: CitedStatement, cited: Sequence[SourceText], min_terms: int) -> bool:
    """Whether a statement shares no term with the passages and headings that it cites, whatever words it quotes.

    A statement with fewer than `min_terms` terms is not judged; figures and dates are compared by themselves.
    """
    if any(literal.kind in (LiteralKind.FIGURE, LiteralKind.DATE) for literal in literals(statement.text)):
        return False
    terms = content_terms(_YES_OR_NO.sub("", statement.text))
    return len(terms) >= min_terms and not any(
        terms & content_terms(line) for source in cited for line in (*source.sentences, *source.heading.splitlines())
    )


def _has_organisation(words: Sequence[str], cited: Sequence[SourceText], question: str) -> bool:
    name = "".join(words)
    return (
        fold_normalised(name) in fold_normalised(question)
        or any(has_name(source, name) for source in cited)
        or all(any(fold_normalised(word) in source.comparison_text for source in cited) for word in words)
    )


def _not_in_sources(kind: ProblemKind, words: str) -> Problem:
    return Problem(kind, words, f"「{words}」は出典にありません")


def to_source_texts(passages: Sequence[Passage], documents: Sequence[Document]) -> list[SourceText]:
    """Return the passages as source texts, with the data of their documents if these are among `documents`."""
    by_id = {document.id: document for document in documents}
    return [to_source_text(passage, by_id.get(passage.doc_id)) for passage in passages]


def check_draft(draft: Draft, documents: Sequence[Document] = (), question: str = "") -> list[Problem]:
    """Return the problems of a draft; without any, all of it is supported by what it cites."""
    if draft.status not in CITED:
        has_citation = draft.sources or any(map(cited_numbers, draft.parts))
        return [Problem(ProblemKind.CITATION, "", "出典のつかない種類の回答に出典があります")] if has_citation else []
    sources = to_source_texts([source.passage for source in draft.sources], documents)
    checked_statements = check_text(render_without_source_lines(draft.parts), sources, question)
    problems = (problem for checked in checked_statements for problem in (*checked.problems, *checked.doubts))
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
