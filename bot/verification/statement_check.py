"""Checks the literals of statements against the passages that they cite.

Code compares only what is literal: figures, dates, contacts, names, formulas, and a few literal properties. Whether a
statement follows from its source is asked of a model (`bot/generation/entailment.py`).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from bot.guardrails.secrets import requests_secret
from bot.rendering.answer_text import render_without_source_lines
from bot.state import Draft, Status, cited_numbers
from bot.verification.attributions import find_misattributions
from bot.verification.foreign_language import find_ungrounded_numbers, is_foreign
from bot.verification.formulas import follows_from, written_calculations
from bot.verification.literal_properties import find_property_faults
from bot.verification.literals import (
    LiteralMention,
    content_terms,
    find_wrong_weekdays,
    has_name,
    is_in_question,
    is_in_source,
    is_same_figure,
    literals,
)
from bot.verification.organisation_names import organisations
from bot.verification.quotes import Support, find_support
from bot.verification.source_text import SourceText, to_source_text
from bot.verification.statements import CitedStatement, split_statements
from ingest.documents import Document, Passage
from ingest.japanese.figures import COUNTS_NOTHING, FigureMention, figures
from ingest.japanese.normal_forms import fold_normalised, normalise_figures
from ingest.japanese.notation import YES_OR_NO
from ingest.japanese.partial_dates import Time
from ingest.japanese.quantities import ANY_THING

CITED = frozenset({Status.ANSWERED, Status.PARTIAL})
"""The statuses whose answers carry citations; the others carry none and state no facts of the documents."""

ProblemKind = Literal["figure", "date", "contact", "name", "formula", "property", "citation"]
_SAYS = "書か|載っ|示さ|記さ|触れ|含ま|述べら|見つか|見当た|読み取|確認でき|分か|わか"
_ABSENT = re.compile(
    r"(?:記載|記述|説明|情報|案内|言及|答え|資料|定め)[^。]{0,10}(?:ありません|なく|ない|見つかり|見当た)"
    rf"|(?:{_SAYS})[^。]{{0,8}}(?:ません|ない|なかった|ず[、。])"
)
_ABSENT_FOREIGN = re.compile(
    r"not (?:\w+ ){0,2}(?:stated|mentioned|said|given|described|specified|found|in the documents)"
    r"|do(?:es)? not (?:say|state|mention|tell)|没有(?:记载|说明|提及|提到)|未(?:记载|说明|提及)"
    r"|không (?:được )?(?:nêu|ghi|đề cập|nói)|não (?:consta|menciona|informa|diz)",
    re.IGNORECASE,
)
# Sentences that are about the documents, unlike 「18歳未満は含まれません」.
_UNMENTIONED = re.compile(
    r"(?:(?:記載|記述|言及|情報)(?:が|は|も)?(?:ありません|ない)"
    rf"|(?:資料|文書)(?:に|の中に|から|で)[^。]*(?:{_SAYS})[^。]{{0,6}}(?:ません|ない))(?:です)?。?$"
)
_YES_OR_NO = re.compile(rf"^\s*{YES_OR_NO}[、。]?")
# Sentences of the service itself (同じところに、つづきがあります。) have fewer terms.
_MIN_TERMS = 4
# 「5人ではなく」: the figure is denied, not claimed.
_DENIED = re.compile(r"[^、。]{0,2}で(?:は)?な[くい]")


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a statement: its kind, the words concerned, and a Japanese message."""

    kind: ProblemKind
    words: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """A statement with its problems, none where it passes, and with the passages and words that support it."""

    statement: CitedStatement
    problems: tuple[Problem, ...]
    support: Support


def states_absence(text: str) -> bool:
    """Whether a sentence says that the sources do not mention something; it needs no source."""
    return bool(_ABSENT.search(text) or _ABSENT_FOREIGN.search(text))


def has_no_source(text: str, question: str) -> bool:
    """Whether a normalised sentence only says that the documents do not mention something, so that no source can."""
    is_absence = _UNMENTIONED.search(text) or _ABSENT_FOREIGN.search(text)
    stated = (literal for literal in literals(text) if literal.kind != "name")
    return bool(is_absence) and all(is_in_question(literal, normalise_figures(question)) for literal in stated)


def check_text(text: str, sources: Sequence[SourceText], question: str = "") -> list[CheckedStatement]:
    """Return the statements of a text with their problems; `[n]` cites `sources[n - 1]`."""
    return check_statements(split_statements(text), sources, question)


def check_statements(
    statements: Sequence[CitedStatement], sources: Sequence[SourceText], question: str = "", *, since: int = 0
) -> list[CheckedStatement]:
    """Return the statements from index `since` on with their problems.

    The other statements serve as operands of sums and counts.
    """
    asked, texts = normalise_figures(question), [statement.text for statement in statements]
    return [
        _check_statement(statements[n], (*texts[:n], *texts[n + 1 :]), sources, asked)
        for n in range(since, len(statements))
    ]


def _check_statement(
    statement: CitedStatement, others: Sequence[str], sources: Sequence[SourceText], question: str
) -> CheckedStatement:
    support = find_support(statement, sources)
    if requests_secret(statement.text):
        message = "暗証番号やパスワードなどを求める文は示せません"
        return CheckedStatement(statement, (Problem("property", statement.text, message),), support)
    if not support.cited and statement.cited:
        message = f"「{statement.text}」の出典の番号が、渡した資料にありません"
        return CheckedStatement(statement, (Problem("citation", statement.text, message),), support)
    cited = [sources[n - 1] for n in support.cited]
    if is_foreign(statement.text):
        problems = _find_ungrounded_foreign_numbers(statement, cited, question)
    elif not cited:
        problems = _find_uncited_literals(statement, question)
    else:
        problems = _find_cited_problems(statement, others, support, cited, question)
    return CheckedStatement(statement, tuple(dict.fromkeys(problems)), support)


def _find_uncited_literals(statement: CitedStatement, question: str) -> Iterator[Problem]:
    """Yield the literals of a statement without a source; those of the question may be repeated."""
    for literal in literals(statement.text):
        is_item_count = isinstance(literal.value, FigureMention) and literal.value.value == statement.items
        is_absent_name = literal.kind == "name" and states_absence(statement.text)
        if not (is_item_count or is_absent_name or is_in_question(literal, question)):
            yield Problem("citation", literal.written, f"「{literal.written}」に出典がありません")


def _find_ungrounded_foreign_numbers(
    statement: CitedStatement, cited: Sequence[SourceText], question: str
) -> Iterator[Problem]:
    calculations = (match for match, is_right in written_calculations(normalise_figures(statement.formula)) if is_right)
    results = [match[2] for match in calculations if not find_ungrounded_numbers(match[1], cited, question)]
    for number in find_ungrounded_numbers(statement.text, cited, " ".join([question, *results])):
        yield _not_in_sources("figure", number)


def _find_cited_problems(
    statement: CitedStatement, others: Sequence[str], support: Support, cited: Sequence[SourceText], question: str
) -> Iterator[Problem]:
    text = statement.text
    # A planted order that a model obeyed shares no word with what the passages say besides it.
    if is_unrelated(statement, support, question, _MIN_TERMS) or not any(source.body.strip() for source in cited):
        yield Problem("citation", text, f"「{text}」の出典には、根拠にできる文がありません")
    for match, is_right in written_calculations(text):
        if not is_right:
            yield Problem("formula", match[0], f"計算「{match[0]}」が合いません")
    # Sentences that code chose are no operands: among all figures of a page some pair gives any number.
    given = (*(("\n".join(support.words),) if support.is_quoted else ()), *others, question)
    yield from _find_ungrounded_literals(statement, given, cited, question)
    for day in find_wrong_weekdays(text, cited):
        yield Problem("date", day, f"「{day}」は曜日が日付と合いません")
    for compound in () if states_absence(text) else organisations(text):
        if not _has_organisation(compound, cited, question):
            yield _not_in_sources("name", "".join(compound))
    quotes = support.words if support.is_quoted else ()
    for person in find_misattributions(text, quotes, cited):
        yield Problem("name", person, f"「{person}」は、出典の言葉を言った人ではありません")
    for words, message in find_property_faults(text, quotes, [source.whole for source in cited]):
        yield Problem("property", words, message)


def _find_ungrounded_literals(
    statement: CitedStatement, given: Sequence[str], cited: Sequence[SourceText], question: str
) -> Iterator[Problem]:
    """Yield the literals that are neither in a cited source nor in the question and do not follow from `given`."""
    nearby, is_absence = [time for source in cited for time in source.times], states_absence(statement.text)
    for literal in literals(statement.text):
        is_denied = literal.kind == "figure" and _DENIED.match(statement.text, literal.end)
        if not (
            is_denied
            or (is_absence and literal.kind == "name")
            or any(is_in_source(literal, source, nearby) for source in cited)
            or is_in_question(literal, question)
            or _is_derived(literal, statement, given, cited)
        ):
            yield _not_in_sources(literal.kind, literal.written)


def _is_derived(
    literal: LiteralMention, statement: CitedStatement, given: Sequence[str], cited: Sequence[SourceText]
) -> bool:
    """Whether a figure is the result of a right formula over the sources, counts items, or follows from `given`."""
    claim = literal.value
    if isinstance(claim, Time):  # a day without a month may be a number of days: 5日
        if claim.day is None or claim.month or claim.year or claim.era_year:
            return False
        claim = FigureMention(claim.start, claim.end, Decimal(claim.day), "日間")
        if any(is_same_figure(stated, claim, "") for source in cited for stated in source.figures):
            return True
    if not isinstance(claim, FigureMention):
        return False
    if claim.value > 1 and claim.value in _counted(claim.unit, statement, cited):
        return True
    known = {f.value for text in given for f in figures(text)} | {f.value for one in cited for f in one.figures}
    for match, is_right in written_calculations(f"{statement.text}\n{normalise_figures(statement.formula)}"):
        operands = {figure.value for figure in figures(match[1])}
        if is_right and operands <= known and claim.value in {figure.value for figure in figures(match[2])}:
            return True
    return follows_from(claim, statement.text, given, [line for source in cited for line in source.body.splitlines()])


def is_unrelated(statement: CitedStatement, support: Support, question: str, min_terms: int) -> bool:
    """Whether a statement shares no term with the sentences and headings that it cites, nor with the question.

    A statement with fewer than `min_terms` terms tells nothing; a figure or date is compared by itself.
    """
    if any(literal.kind in ("figure", "date") for literal in literals(statement.text)):
        return False
    terms = content_terms(_YES_OR_NO.sub("", statement.text))
    return len(terms) >= min_terms and not support.words and not terms & content_terms(question)


def _counted(unit: str, statement: CitedStatement, cited: Sequence[SourceText]) -> set[int]:
    """Return what a figure with this unit may count: the items under the statement, and the table rows it cites."""
    items = {statement.items} if unit in ANY_THING else set()
    rows = set() if unit in COUNTS_NOTHING else {sum(bool(source.cells) for source in cited)}
    return items | rows


def _has_organisation(words: Sequence[str], cited: Sequence[SourceText], question: str) -> bool:
    """Whether a source or the question has the compound, or the sources have each of its words."""
    name = "".join(words)
    return (
        fold_normalised(name) in fold_normalised(question)
        or any(has_name(source, name) for source in cited)
        or all(any(fold_normalised(word) in source.letters for source in cited) for word in words)
    )


def _not_in_sources(kind: ProblemKind, words: str) -> Problem:
    return Problem(kind, words, f"「{words}」は出典にありません")


def to_source_texts(passages: Sequence[Passage], documents: Sequence[Document]) -> list[SourceText]:
    """Return the passages as premises, with what is known of their documents."""
    known = {document.id: document for document in documents}
    return [to_source_text(passage, known.get(passage.doc_id)) for passage in passages]


def check_draft(draft: Draft, documents: Sequence[Document] = (), question: str = "") -> list[Problem]:
    """Return what is wrong with `draft`; an empty list means that all of it is supported by what it cites."""
    if draft.status not in CITED:
        wrong = draft.sources or any(map(cited_numbers, draft.parts))
        return [Problem("citation", "", "出典のつかない種類の回答に出典があります")] if wrong else []
    premises = to_source_texts([source.passage for source in draft.sources], documents)
    text = render_without_source_lines(draft.parts)
    found = (problem for one in check_text(text, premises, question) for problem in one.problems)
    return list(dict.fromkeys([*_find_citation_problems(draft), *found]))


def _find_citation_problems(draft: Draft) -> Iterator[Problem]:
    """Yield the marks without a source, the sources without a mark, and the quotes that are not the passage's."""
    named, numbers = frozenset().union(*map(cited_numbers, draft.parts)), set(range(1, len(draft.sources) + 1))
    messages = [] if numbers else ["出典がひとつもありません"]
    messages += [f"[{n}] にあたる出典がありません" for n in sorted(named - numbers)]
    messages += [f"出典 {n} が本文に出てきません" for n in sorted(numbers - named)]
    messages += [
        f"出典 {n} の引用が原文と一致しません"
        for n, source in enumerate(draft.sources, 1)
        if not source.quote.strip() or source.quote not in source.passage.text
    ]
    yield from (Problem("citation", "", message) for message in messages)
