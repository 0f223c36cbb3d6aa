"""What of a statement, or of a whole reply, does not follow from the passages that it cites: where, and why."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from bot.claims.alignment import Claim, claims, lines_about
from bot.claims.attribution import wrongly_attributed
from bot.claims.comparison import wrongly_said
from bot.claims.contacts import names
from bot.claims.derived import derived
from bot.claims.entailment import features, shipped_model
from bot.claims.figures import ANY_THING, Figure, figures, normal
from bot.claims.foreign import is_foreign, unfounded_numbers
from bot.claims.formula import Formula, formulas, scale_of, sums
from bot.claims.founding import (
    has_contact,
    has_figure,
    has_name,
    has_span,
    has_time,
    named_by,
    states_figure,
    states_time,
)
from bot.claims.hypothesis import Hypothesis, hypothesis, stands
from bot.claims.listing import counted
from bot.claims.polarity import tells_plan_as_done
from bot.claims.premise import Premise, squash
from bot.claims.reckoning import added_up, of_one_line, reckoned
from bot.claims.statements import Statement, statements
from bot.claims.times import Time, spans, times
from bot.claims.wording import foreign_bodies, foreign_share

Kind = Literal[
    "figure",
    "date",
    "contact",
    "name",
    "sum",
    "comparison",
    "attribution",
    "wording",
    "sense",
    "citation",
    "quote",
    "unquoted",
]
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
# A formula of times of day or dates is none of numbers: 11:30 - 10:00, 6月2日 → 7月4日.
_OF_TIMES = re.compile(r"\d:\d|\d(?:[年月日時](?!間))")
# Of right statements of two sets 3 of 586 have more words that their sources do not say (eval/LOG.md, 2026-11-21).
_MOST_FOREIGN = 0.7
# Lines of a source, those that speak most of what the statement does, from which a figure may follow.
_LINES_READ = 3
_PARTS = re.compile(r"[、。:]|,(?!\d)")
_NOT_CLAIMED = re.compile(r"[^、。]{0,2}で(?:は)?な[くい]")
_REASONS = {
    "foreign_nouns": "出典にない事柄を述べています",
    "foreign_compounds": "出典にない事柄を述べています",
    "rival": "出典では別の事柄の値です",
    "contradiction": "出典と逆のことを述べています",
    "begun": "すでに行われたとは出典に書かれていません",
    "denies_alone": "出典にない打ち消しです",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not stand: its kind, the words of the statement concerned, and a Japanese sentence that tells it.

    What is `unquoted` stands in the passage cited, but in none of the words quoted from it.
    """

    kind: Kind
    words: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement with what is wrong with it; nothing where it holds."""

    statement: Statement
    problems: tuple[Problem, ...]


def tells_absence(text: str) -> bool:
    """Whether a sentence says that the sources do not tell something, which needs no source."""
    return bool(_ABSENT.search(text) or _ABSENT_ABROAD.search(text))


def check_text(text: str, premises: Sequence[Premise], question: str = "") -> list[Checked]:
    """Return the statements of a text with marks, `[n]` for `premises[n - 1]`, each with its problems."""
    return check(statements(text), premises, question)


def check(
    said: Sequence[Statement], premises: Sequence[Premise], question: str = "", *, since: int = 0
) -> list[Checked]:
    """Return the statements of one reply with their problems, those before `since` left out, which were checked before.

    Sums and counts may be founded on any of them.

    Each is held against the premises that it cites; the others were offered too, and tell what it may be mistaken for.
    """
    return [_checked(n, said, premises, question) for n in range(since, len(said))]


def _checked(n: int, said: Sequence[Statement], premises: Sequence[Premise], question: str) -> Checked:
    one = said[n]
    if any(not 1 <= c <= len(premises) for c in one.cited):
        return Checked(one, (Problem("citation", one.text, f"「{one.text}」の出典の番号が、渡した資料にありません"),))
    if is_foreign(one.text):
        found = _unfounded_abroad(one, [premises[c - 1] for c in one.cited], question)
    else:
        found = _cited(hypothesis(n, said, premises, question)) if one.cited else _uncited(one, normal(question))
    return Checked(one, (*_misquoted(one, premises), *found))


def _uncited(said: Statement, question: str) -> Iterator[Problem]:
    """Yield what a statement without source states; one that says that nothing is told may repeat the question."""
    asked = {claim.value if isinstance(claim.value, str) else claim.written for claim in claims(question)}
    for claim in claims(said.text):
        counts = isinstance(claim.value, Figure) and claim.value.value == said.items
        if claim.written not in asked and not counts:
            yield Problem("citation", claim.written, f"「{claim.written}」に出典がありません")
    if not _ABSENT.search(said.text):
        for _, name in names(said.text):
            yield Problem("citation", name, f"「{name}」に出典がありません")


def _unfounded_abroad(said: Statement, cited: Sequence[Premise], question: str) -> Iterator[Problem]:
    results = [str(one.value) for one in formulas(said.formula) if not isinstance(one, str) and one.right]
    for number in unfounded_numbers(said.text, cited, " ".join([question, *results])):
        yield Problem("figure", number, f"「{number}」は出典にありません")


def _misquoted(said: Statement, premises: Sequence[Premise]) -> Iterator[Problem]:
    for quoted in said.quotes:
        if not stands(quoted, premises):
            where = "".join(f"[{n}]" for n in quoted.passages)
            yield Problem("quote", quoted.words, f"引用「{quoted.words}」は資料{where}にそのままの形ではありません")


def _cited(h: Hypothesis) -> Iterator[Problem]:
    found = list(wrong_claims(h))
    yield from found
    if any(_is_verbatim(h.text, premise) for premise in h.cited):
        return
    measured, model = features(h), shipped_model()
    if not found and model.probability(measured) > model.threshold:
        reason = model.reasons(measured)[0]
        kind: Kind = "wording" if reason.startswith("foreign") else "sense"
        yield Problem(kind, h.text, f"「{h.text}」は、{_REASONS[reason]}")


def _is_verbatim(text: str, premise: Premise) -> bool:
    """Whether every part of the statement stands in the premise letter for letter: a row or items, as they are."""
    whole = re.sub(r"\W", "", premise.whole)
    return all(re.sub(r"\W", "", part) in whole for part in _PARTS.split(text))


def wrong_claims(h: Hypothesis) -> Iterator[Problem]:
    """Yield what does not stand whatever the model of entailment says: figures, dates, names, comparisons, speakers."""
    if not any(premise.body.strip() for premise in h.cited):
        yield Problem("citation", h.text, f"「{h.text}」の出典には、根拠にできる文がありません")
    yield from (Problem("sum", f.written, f"計算「{f.written}」が合いません") for f in _formulas(h) if not f.right)
    yield from _unfounded(h, list(_reckoned(h)))
    yield from _wrong(h)
    if foreign_share(h.text, h.question, h.cited) > _MOST_FOREIGN:
        yield Problem("wording", h.text, f"「{h.text}」の言葉の多くが出典にありません")
    if tells_plan_as_done(h.text, next(iter(lines_about(h)), "")):
        yield Problem("sense", h.text, f"「{h.text}」は、出典では予定や検討の段階です")


def _formulas(h: Hypothesis) -> Iterator[Formula]:
    """Yield the statement's formulas; what cannot be read as one (spans of time, words) carries nothing."""
    yield from (one for one in formulas(h.formula) if isinstance(one, Formula) and not _OF_TIMES.search(one.written))


def _reckoned(h: Hypothesis) -> Iterator[tuple[Formula, Decimal]]:
    """Yield the formulas that are right and whose operands are given, with their scale."""
    earlier: list[Decimal] = []
    for one in _formulas(h):
        if one.right and (scale := scale_of(one, (*h.quotes, h.question), earlier)) is not None:
            earlier.append(one.value)
            yield one, scale


def _unfounded(h: Hypothesis, results: Sequence[tuple[Formula, Decimal]]) -> Iterator[Problem]:
    """Yield the claims and names that stand in no premise and follow from nothing that does."""
    for claim in claims(h.text):
        given = isinstance(claim.value, Figure) and any(one.gives(claim.value, scale) for one, scale in results)
        if not given and not _NOT_CLAIMED.match(h.text, claim.end) and not _is_founded(claim, h, h.carried):
            elsewhere = bool(h.quotes) and _is_founded(claim, h, h.cited)
            yield _nowhere(claim.kind, claim.written, h, elsewhere=elsewhere)
    for name in dict.fromkeys([*(name for _, name in names(h.text)), *foreign_bodies(h.text, h.question, h.cited)]):
        told = squash(" ".join([*h.quotes, h.question])) if h.quotes else ""
        over = h.cited if squash(name) in told else h.carried
        if not any(has_name(premise, name) for premise in over):
            elsewhere = bool(h.quotes) and any(has_name(premise, name) for premise in h.cited)
            yield _nowhere("name", name, h, elsewhere=elsewhere)


def _nowhere(kind: Kind, words: str, h: Hypothesis, *, elsewhere: bool) -> Problem:
    if elsewhere:
        return Problem("unquoted", words, f"「{words}」は出典にありますが、引用した箇所とその見出しにはありません")
    places = "引用にも、その見出しや文書の題・日付にも" if h.quotes else "出典に"
    return Problem(kind, words, f"「{words}」は{places}ありません")


def _is_founded(claim: Claim, h: Hypothesis, premises: Sequence[Premise]) -> bool:
    value = claim.value
    if isinstance(value, Time):
        around, behind = [time for premise in h.cited for time in premise.times], h.text[claim.end :]
        asked = not value.contradicts and any(states_time(value, one, (), "") for one in times(h.question))
        return asked or any(has_time(premise, value, behind, around) for premise in premises)
    if isinstance(value, str):
        return any(has_contact(premise, claim.written) for premise in premises)
    if name := named_by(value, h.text[: claim.start]):
        return any(has_name(premise, name) for premise in premises)
    return _is_given(value, h, premises) or _follows(value, h, premises)


def _is_given(value: Figure, h: Hypothesis, premises: Sequence[Premise]) -> bool:
    given = {(f.value, f.unit) for f in figures(h.question)}
    given |= {(f.value, f.unit) for premise in premises for f in premise.figures if f.unit}
    return (value.value, value.unit) in given or any(one.right and one.claimed == value.value for one in sums(h.text))


def _follows(value: Figure, h: Hypothesis, premises: Sequence[Premise]) -> bool:
    """Whether the figure counts, is reckoned, or is said by a source in another way."""
    lines = h.quotes or tuple(lines_about(h))[:_LINES_READ]
    if derived(value, h.text, lines):
        return True
    reply = (h.text, *h.reply[h.place :], *h.reply[: h.place])
    counts = counted(value, reply, h.items, h.question, h.cited)
    if counts is not None and (counts or value.unit in ANY_THING):
        return counts
    stated = any(has_figure(premise, value) for premise in premises) or any(
        states_figure(words, "", value) for words in h.quotes
    )
    reckons = added_up(value, h.text, h.cited) or reckoned(value, (h.text, *h.reply, h.question, *h.quotes))
    return stated or reckons or of_one_line(value, h.text, lines)


def _wrong(h: Hypothesis) -> Iterator[Problem]:
    """Yield what is false of what stands in the premises."""
    for one in sums(h.text):
        if not one.right:
            yield Problem("sum", one.written, f"計算「{one.written}」が合いません")
    for first, last in spans(h.text):
        if not any(has_span(premise, first, last) for premise in h.cited):
            written = h.text[first.start : last.end]
            yield Problem("date", written, f"「{written}」は出典では別の期間です")
    for words, reason in wrongly_said(h.text, h.cited):
        yield Problem("comparison", words, f"「{words}」の{reason}")
    for words, reason in wrongly_attributed(h.text, h.question, h.cited, h.others):
        yield Problem("attribution", words, f"「{words}」は、{reason}")
