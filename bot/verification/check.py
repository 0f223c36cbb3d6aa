"""Checks statements against the source texts that they cite and reports the problems."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from bot.guardrails.secrets import requests_secret
from bot.verification.alignment import Claim, claims, is_contradicted_by_quotes, is_misattributed, is_swapped
from bot.verification.arithmetic import find_written_calculations, is_derivable
from bot.verification.conditions import find_contradicted_conditions
from bot.verification.foreign_language import find_ungrounded_numbers, is_foreign
from bot.verification.grounding import (
    find_wrong_weekdays,
    has_contact,
    has_figure,
    has_name,
    has_time,
    is_same_figure,
    numbered_name,
    states_time,
)
from bot.verification.hypothesis import Hypothesis, build_hypothesis
from bot.verification.literal_properties import literal_faults
from bot.verification.names import names
from bot.verification.source_text import SourceText
from bot.verification.statements import Statement, split_statements
from bot.verification.wording import find_ungrounded_organisations, is_unrelated, ungrounded_noun_count
from ingest.japanese.figures import Figure, figures, normalise_text
from ingest.japanese.partial_dates import Time, times
from ingest.japanese.quantities import ANY_THING

Kind = Literal["figure", "date", "contact", "name", "sum", "attribution", "wording", "property", "citation", "quote"]
_ABSENT = re.compile(
    r"(?:記載|記述|説明|情報|案内|言及|答え|資料|定め)[^。]{0,10}(?:ありません|なく|ない|見つかり|見当た)"
    r"|(?:書か|載っ|示さ|記さ|触れ|含ま|述べら|見つか|見当た|読み取|確認でき|分か|わか)[^。]{0,8}(?:ません|ない|なかった|ず[、。])"
)
_ABSENT_FOREIGN = re.compile(
    r"not (?:\w+ ){0,2}(?:stated|mentioned|said|given|described|specified|found|in the documents)"
    r"|do(?:es)? not (?:say|state|mention|tell)|没有(?:记载|说明|提及|提到)|未(?:记载|说明|提及)"
    r"|không (?:được )?(?:nêu|ghi|đề cập|nói)|não (?:consta|menciona|informa|diz)",
    re.IGNORECASE,
)
# None of 250 correct replies has a sentence with this many nouns missing from its sources (decision 031).
_MAX_UNGROUNDED_NOUNS = 4
_NOT_CLAIMED = re.compile(r"[^、。]{0,2}で(?:は)?な[くい]")


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a statement: its kind, the words concerned, and a Japanese message."""

    kind: Kind
    words: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """A statement with its problems; none where it passes."""

    statement: Statement
    problems: tuple[Problem, ...]


def states_absence(text: str) -> bool:
    """Whether a sentence says that the sources do not mention something; it needs no source."""
    return bool(_ABSENT.search(text) or _ABSENT_FOREIGN.search(text))


def check_text(text: str, sources: Sequence[SourceText], question: str = "") -> list[CheckedStatement]:
    """Return the statements of a text with their problems; `[n]` cites `sources[n - 1]`."""
    return check_statements(split_statements(text), sources, question)


def check_statements(
    statements: Sequence[Statement], sources: Sequence[SourceText], question: str = "", *, since: int = 0
) -> list[CheckedStatement]:
    """Return the statements from index `since` on with their problems.

    Each is checked against the source texts that it cites; earlier statements serve as context for sums and counts.
    """
    return [_check_statement(n, statements, sources, question) for n in range(since, len(statements))]


def _check_statement(
    n: int, statements: Sequence[Statement], sources: Sequence[SourceText], question: str
) -> CheckedStatement:
    statement = statements[n]
    if any(not 1 <= c <= len(sources) for c in statement.cited):
        return CheckedStatement(
            statement,
            (Problem("citation", statement.text, f"「{statement.text}」の出典の番号が、渡した資料にありません"),),
        )
    if requests_secret(statement.text):
        return CheckedStatement(
            statement, (Problem("property", statement.text, "暗証番号やパスワードなどを求める文は示せません"),)
        )
    problems: Iterable[Problem]
    if is_foreign(statement.text):
        problems = _find_ungrounded_foreign_numbers(statement, [sources[c - 1] for c in statement.cited], question)
    else:
        h = build_hypothesis(n, statements, sources, question)
        problems = (
            [*_find_cited_problems(h), *_find_contradictions(h)]
            if statement.cited
            else _find_uncited_claims(statement, h.question)
        )
    return CheckedStatement(statement, (*_find_misquotes(statement, sources), *problems))


def _find_uncited_claims(statement: Statement, question: str) -> Iterator[Problem]:
    """Yield the claims and names of a statement without a source; claims of the question may be repeated."""
    question_claims = {claim.value if isinstance(claim.value, str) else claim.written for claim in claims(question)}
    for claim in claims(statement.text):
        is_item_count = isinstance(claim.value, Figure) and claim.value.value == statement.items
        if claim.written not in question_claims and not is_item_count:
            yield Problem("citation", claim.written, f"「{claim.written}」に出典がありません")
    if not _ABSENT.search(statement.text):
        for _, name in names(statement.text):
            yield Problem("citation", name, f"「{name}」に出典がありません")


def _find_ungrounded_foreign_numbers(
    statement: Statement, cited: Sequence[SourceText], question: str
) -> Iterator[Problem]:
    sums = (match for match, right in find_written_calculations(normalise_text(statement.formula)) if right)
    results = [match[2] for match in sums if not find_ungrounded_numbers(match[1], cited, question)]
    for number in find_ungrounded_numbers(statement.text, cited, " ".join([question, *results])):
        yield Problem("figure", number, f"「{number}」は出典にありません")


def _find_misquotes(statement: Statement, sources: Sequence[SourceText]) -> Iterator[Problem]:
    for quoted in statement.quotes:
        if not any(sources[n - 1].has_letters(quoted.words) for n in quoted.passages if 1 <= n <= len(sources)):
            where = "".join(f"[{n}]" for n in quoted.passages)
            yield Problem("quote", quoted.words, f"引用「{quoted.words}」は資料{where}にそのままの形ではありません")


def _find_cited_problems(h: Hypothesis) -> Iterator[Problem]:
    if not any(source.body.strip() for source in h.cited):
        yield Problem("citation", h.text, f"「{h.text}」の出典には、根拠にできる文がありません")
    wrong = (match[0] for match, right in find_written_calculations(h.text) if not right)
    yield from (Problem("sum", written, f"計算「{written}」が合いません") for written in wrong)
    yield from _find_ungrounded_claims(h)
    yield from _find_suspected_problems(h)


def _find_contradictions(h: Hypothesis) -> Iterator[Problem]:
    """Yield literal properties and conditions that contradict the quotes, or the sources without quotes."""
    yield from (Problem("property", words, message) for words, message in literal_faults(h))
    for words in find_contradicted_conditions(h.text, h.quotes or [source.whole for source in h.cited]):
        yield Problem("property", words, f"「{words}」は、出典では逆に定められています")


def _find_suspected_problems(h: Hypothesis) -> Iterator[Problem]:
    """Yield likely misattributions and unrelated statements."""
    reply_claims = [claim for text in (h.text, *h.reply) for claim in claims(text)]
    for claim in claims(h.text):
        is_derived = isinstance(claim.value, Figure) and is_derivable(claim.value, h, counts=False)
        if (
            is_swapped(claim, h, reply_claims)
            or (not is_derived and is_misattributed(claim, h, reply_claims))
            or _is_quote_mismatch(claim, h, reply_claims)
        ):
            yield Problem("attribution", claim.written, f"「{claim.written}」は、出典では別の事柄の値です")
    foreign = ungrounded_noun_count(h.text, h.question, h.cited) >= _MAX_UNGROUNDED_NOUNS
    if foreign or is_unrelated(h.text, h.reply, h.question, h.cited):
        yield Problem("wording", h.text, f"「{h.text}」は、出典にない事柄を述べています")


def _find_ungrounded_claims(h: Hypothesis) -> Iterator[Problem]:
    """Yield claims and names that no source text has and that do not follow from one."""
    for claim in claims(h.text):
        if not _NOT_CLAIMED.match(h.text, claim.end) and not _is_grounded(claim, h):
            yield _not_in_sources(claim.kind, claim.written)
    for day in find_wrong_weekdays(h.text, h.cited):
        yield Problem("date", day, f"「{day}」は曜日が日付と合いません")
    for name in dict.fromkeys(
        [*(name for _, name in names(h.text)), *find_ungrounded_organisations(h.text, h.question, h.cited)]
    ):
        if not any(has_name(source, name) for source in h.cited):
            yield _not_in_sources("name", name)


def _is_quote_mismatch(claim: Claim, h: Hypothesis, reply_claims: Sequence[Claim]) -> bool:
    """Whether the quotes state another value of the claim's kind and the claim does not follow from them."""
    if (
        not is_contradicted_by_quotes(claim, h, reply_claims)
        or _NOT_CLAIMED.match(h.text, claim.end)
        or not _is_grounded(claim, h)
    ):
        return False
    if isinstance(claim.value, Figure):
        is_in_question = any(is_same_figure(figure, claim.value, "") for figure in figures(h.question))
        return not is_in_question and not is_derivable(claim.value, h)
    if isinstance(claim.value, Time):
        quoted = tuple(replace(source, text="\n".join(h.quotes)) for source in h.cited)
        return not _is_date_grounded(claim.value, replace(h, cited=quoted)) and not _is_grounded_duration(
            claim.value, h
        )
    return True


def _not_in_sources(kind: Kind, words: str) -> Problem:
    return Problem(kind, words, f"「{words}」は出典にありません")


def _is_grounded(claim: Claim, h: Hypothesis) -> bool:
    if isinstance(claim.value, Time):
        return _is_date_grounded(claim.value, h) or _is_grounded_duration(claim.value, h)
    if isinstance(claim.value, str):
        return any(has_contact(source, claim.written) for source in h.cited)
    return _is_figure_grounded(claim.value, h)


def _is_date_grounded(time: Time, h: Hypothesis) -> bool:
    """Whether the question or a source text has the date."""
    nearby, after = [stated for source in h.cited for stated in source.times], h.text[time.end :]
    is_in_question = any(states_time(time, stated, (), "") for stated in times(h.question))
    return (is_in_question and not time.contradicts) or any(has_time(source, time, after, nearby) for source in h.cited)


def _is_grounded_duration(time: Time, h: Hypothesis) -> bool:
    """Whether a day without a month (5日) is a grounded number of days."""
    if time.day is None or time.month or time.year or time.era_year:
        return False
    return _is_figure_grounded(Figure(time.start, time.end, Decimal(time.day), "日間"), h)


def _is_figure_grounded(figure: Figure, h: Hypothesis) -> bool:
    """Whether a source text or the question has the figure, or it can be derived."""
    if name := numbered_name(figure, h.text[: figure.start]):
        return any(has_name(source, name) for source in h.cited)
    is_given = any((one.value, one.unit) == (figure.value, figure.unit) for source in h.cited for one in source.figures)
    if not is_given and h.items > 1 and figure.unit in ANY_THING:
        return figure.value == h.items
    is_in_question = any(is_same_figure(one, figure, "") for one in figures(h.question))
    is_sum = any(
        right and match.start(2) <= figure.start < match.end() for match, right in find_written_calculations(h.text)
    )
    is_stated = any(has_figure(source, figure) for source in h.cited)
    return is_given or is_in_question or is_sum or is_stated or is_derivable(figure, h)
