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
_ABSENT_ABROAD = re.compile(
    r"not (?:\w+ ){0,2}(?:stated|mentioned|said|given|described|specified|found|in the documents)"
    r"|do(?:es)? not (?:say|state|mention|tell)|没有(?:记载|说明|提及|提到)|未(?:记载|说明|提及)"
    r"|không (?:được )?(?:nêu|ghi|đề cập|nói)|não (?:consta|menciona|informa|diz)",
    re.IGNORECASE,
)
# Of 250 right replies none has a sentence with so many nouns that its sources do not say (decision 031).
_MOST_FOREIGN = 4
_NOT_CLAIMED = re.compile(r"[^、。]{0,2}で(?:は)?な[くい]")


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not stand: its kind, the words of the statement concerned, and a Japanese sentence that tells it."""

    kind: Kind
    words: str
    message: str


@dataclass(frozen=True, slots=True)
class CheckedStatement:
    """A statement with what is wrong with it; nothing where it holds."""

    statement: Statement
    problems: tuple[Problem, ...]


def states_absence(text: str) -> bool:
    """Whether a sentence says that the sources do not tell something, which needs no source."""
    return bool(_ABSENT.search(text) or _ABSENT_ABROAD.search(text))


def check_text(text: str, premises: Sequence[SourceText], question: str = "") -> list[CheckedStatement]:
    """Return the statements of a text with marks, `[n]` for `premises[n - 1]`, each with its problems."""
    return check_statements(split_statements(text), premises, question)


def check_statements(
    said: Sequence[Statement], premises: Sequence[SourceText], question: str = "", *, since: int = 0
) -> list[CheckedStatement]:
    """Return the statements of one reply with their problems, those before `since` left out, which were checked before.

    Sums and counts may be founded on any of them.

    Each is held against the premises that it cites; the others were offered too, and tell what it may be mistaken for.
    """
    return [_check_statement(n, said, premises, question) for n in range(since, len(said))]


def _check_statement(
    n: int, said: Sequence[Statement], premises: Sequence[SourceText], question: str
) -> CheckedStatement:
    one = said[n]
    if any(not 1 <= c <= len(premises) for c in one.cited):
        return CheckedStatement(
            one, (Problem("citation", one.text, f"「{one.text}」の出典の番号が、渡した資料にありません"),)
        )
    if requests_secret(one.text):
        return CheckedStatement(one, (Problem("property", one.text, "暗証番号やパスワードなどを求める文は示せません"),))
    found: Iterable[Problem]
    if is_foreign(one.text):
        found = _find_ungrounded_foreign_numbers(one, [premises[c - 1] for c in one.cited], question)
    else:
        h = build_hypothesis(n, said, premises, question)
        found = (
            [*_find_cited_problems(h), *_find_contradictions(h)] if one.cited else _find_uncited_claims(one, h.question)
        )
    return CheckedStatement(one, (*_find_misquotes(one, premises), *found))


def _find_uncited_claims(said: Statement, question: str) -> Iterator[Problem]:
    """Yield what a statement without source states; one that says that nothing is told may repeat the question."""
    asked = {claim.value if isinstance(claim.value, str) else claim.written for claim in claims(question)}
    for claim in claims(said.text):
        counts = isinstance(claim.value, Figure) and claim.value.value == said.items
        if claim.written not in asked and not counts:
            yield Problem("citation", claim.written, f"「{claim.written}」に出典がありません")
    if not _ABSENT.search(said.text):
        for _, name in names(said.text):
            yield Problem("citation", name, f"「{name}」に出典がありません")


def _find_ungrounded_foreign_numbers(said: Statement, cited: Sequence[SourceText], question: str) -> Iterator[Problem]:
    sums = (match for match, right in find_written_calculations(normalise_text(said.formula)) if right)
    results = [match[2] for match in sums if not find_ungrounded_numbers(match[1], cited, question)]
    for number in find_ungrounded_numbers(said.text, cited, " ".join([question, *results])):
        yield Problem("figure", number, f"「{number}」は出典にありません")


def _find_misquotes(said: Statement, premises: Sequence[SourceText]) -> Iterator[Problem]:
    for quoted in said.quotes:
        if not any(premises[n - 1].has_letters(quoted.words) for n in quoted.passages if 1 <= n <= len(premises)):
            where = "".join(f"[{n}]" for n in quoted.passages)
            yield Problem("quote", quoted.words, f"引用「{quoted.words}」は資料{where}にそのままの形ではありません")


def _find_cited_problems(h: Hypothesis) -> Iterator[Problem]:
    if not any(premise.body.strip() for premise in h.cited):
        yield Problem("citation", h.text, f"「{h.text}」の出典には、根拠にできる文がありません")
    wrong = (match[0] for match, right in find_written_calculations(h.text) if not right)
    yield from (Problem("sum", written, f"計算「{written}」が合いません") for written in wrong)
    yield from _find_ungrounded_claims(h)
    yield from _find_suspected_problems(h)


def _find_contradictions(h: Hypothesis) -> Iterator[Problem]:
    """Yield what contradicts the quotes, or without any the premises, in a literal property or a condition."""
    yield from (Problem("property", words, message) for words, message in literal_faults(h))
    for words in find_contradicted_conditions(h.text, h.quotes or [premise.whole for premise in h.cited]):
        yield Problem("property", words, f"「{words}」は、出典では逆に定められています")


def _find_suspected_problems(h: Hypothesis) -> Iterator[Problem]:
    """Yield what is likely false of what stands in the premises."""
    told = [claim for text in (h.text, *h.reply) for claim in claims(text)]
    for claim in claims(h.text):
        reckoned = isinstance(claim.value, Figure) and is_derivable(claim.value, h, counts=False)
        if (
            is_swapped(claim, h, told)
            or (not reckoned and is_misattributed(claim, h, told))
            or _is_quote_mismatch(claim, h, told)
        ):
            yield Problem("attribution", claim.written, f"「{claim.written}」は、出典では別の事柄の値です")
    foreign = ungrounded_noun_count(h.text, h.question, h.cited) >= _MOST_FOREIGN
    if foreign or is_unrelated(h.text, h.reply, h.question, h.cited):
        yield Problem("wording", h.text, f"「{h.text}」は、出典にない事柄を述べています")


def _find_ungrounded_claims(h: Hypothesis) -> Iterator[Problem]:
    """Yield the claims and names that stand in no premise and follow from nothing that does."""
    for claim in claims(h.text):
        if not _NOT_CLAIMED.match(h.text, claim.end) and not _is_grounded(claim, h):
            yield _not_in_sources(claim.kind, claim.written)
    for day in find_wrong_weekdays(h.text, h.cited):
        yield Problem("date", day, f"「{day}」は曜日が日付と合いません")
    for name in dict.fromkeys(
        [*(name for _, name in names(h.text)), *find_ungrounded_organisations(h.text, h.question, h.cited)]
    ):
        if not any(has_name(premise, name) for premise in h.cited):
            yield _not_in_sources("name", name)


def _is_quote_mismatch(claim: Claim, h: Hypothesis, told: Sequence[Claim]) -> bool:
    """Whether the quotes state another of the claim's kind in its place, and nothing that it follows from."""
    if (
        not is_contradicted_by_quotes(claim, h, told)
        or _NOT_CLAIMED.match(h.text, claim.end)
        or not _is_grounded(claim, h)
    ):
        return False
    if isinstance(claim.value, Figure):
        asked = any(is_same_figure(one, claim.value, "") for one in figures(h.question))
        return not asked and not is_derivable(claim.value, h)
    if isinstance(claim.value, Time):
        quoted = tuple(replace(premise, text="\n".join(h.quotes)) for premise in h.cited)
        return not _is_date_grounded(claim.value, replace(h, cited=quoted)) and not _is_length(claim.value, h)
    return True


def _not_in_sources(kind: Kind, words: str) -> Problem:
    return Problem(kind, words, f"「{words}」は出典にありません")


def _is_grounded(claim: Claim, h: Hypothesis) -> bool:
    if isinstance(claim.value, Time):
        return _is_date_grounded(claim.value, h) or _is_length(claim.value, h)
    if isinstance(claim.value, str):
        return any(has_contact(premise, claim.written) for premise in h.cited)
    return _is_figure_grounded(claim.value, h)


def _is_date_grounded(time: Time, h: Hypothesis) -> bool:
    """Whether the question asks for the date, or a premise states it."""
    around, behind = [one for premise in h.cited for one in premise.times], h.text[time.end :]
    asked = any(states_time(time, one, (), "") for one in times(h.question))
    return (asked and not time.contradicts) or any(has_time(premise, time, behind, around) for premise in h.cited)


def _is_length(time: Time, h: Hypothesis) -> bool:
    """Whether what reads as a day without its month (5日) is a number of days that is told."""
    if time.day is None or time.month or time.year or time.era_year:
        return False
    return _is_figure_grounded(Figure(time.start, time.end, Decimal(time.day), "日間"), h)


def _is_figure_grounded(figure: Figure, h: Hypothesis) -> bool:
    """Whether a premise or the question states the figure, or it follows from what they state."""
    if name := numbered_name(figure, h.text[: figure.start]):
        return any(has_name(premise, name) for premise in h.cited)
    given = any((one.value, one.unit) == (figure.value, figure.unit) for premise in h.cited for one in premise.figures)
    if not given and h.items > 1 and figure.unit in ANY_THING:
        return figure.value == h.items
    asked = any(is_same_figure(one, figure, "") for one in figures(h.question))
    summed = any(
        right and match.start(2) <= figure.start < match.end() for match, right in find_written_calculations(h.text)
    )
    stated = any(has_figure(premise, figure) for premise in h.cited)
    return given or asked or summed or stated or is_derivable(figure, h)
