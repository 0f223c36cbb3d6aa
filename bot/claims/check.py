"""What of a statement, or of a whole reply, does not follow from the passages that it cites: where, and why."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bot.claims.alignment import Claim, claims
from bot.claims.attribution import wrongly_attributed
from bot.claims.comparison import wrongly_said
from bot.claims.contacts import names
from bot.claims.entailment import Hypothesis, features, shipped_model
from bot.claims.figures import ANY_THING, Figure, figures, normal
from bot.claims.founding import has_contact, has_figure, has_name, has_span, has_time, named_by
from bot.claims.listing import counted
from bot.claims.polarity import tells_plan_as_done
from bot.claims.premise import Premise
from bot.claims.reckoning import reckoned, sums
from bot.claims.statements import Statement, statements
from bot.claims.times import Time, spans
from bot.claims.wording import Said, foreign_bodies, foreign_share

Kind = Literal["figure", "date", "contact", "name", "sum", "comparison", "attribution", "wording", "sense", "citation"]
_ABSENT = re.compile(
    r"(?:記載|記述|説明|情報|案内|言及|答え|資料|定め)[^。]{0,10}(?:ありません|なく|ない|見つかり|見当た)"
    r"|(?:書か|載っ|示さ|記さ|触れ|含ま|述べら|見つか|見当た|読み取|確認でき|分か|わか)[^。]{0,8}(?:ません|ない|なかった|ず[、。])"
)
_NOT_CLAIMED = re.compile(r"[^、。]{0,2}で(?:は)?な[くい]")
# No right statement of ../data/replies is above a third, nor of 319 of the own ones but one (eval/LOG.md, 2026-11-21).
_MOST_FOREIGN = 0.4
_REASONS = {
    "foreign_nouns": "出典にない事柄を述べています",
    "foreign_compounds": "出典にない事柄を述べています",
    "asked_not_said": "質問の事柄が、示した出典に書かれていません",
    "rival": "出典では別の事柄の値です",
    "rival_elsewhere": "別の資料にある事柄の値です",
    "coverage_elsewhere": "別の資料にある事柄です",
    "contradiction": "出典と打ち消しが逆です",
    "opposite": "出典と逆のことを述べています",
    "begun": "すでに行われたとは出典に書かれていません",
    "denies_alone": "出典にない打ち消しです",
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What does not stand: its kind, the words of the statement concerned, and a Japanese sentence that tells it."""

    kind: Kind
    words: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A statement with what is wrong with it; nothing where it holds."""

    statement: Statement
    problems: tuple[Problem, ...]


def check_text(text: str, premises: Sequence[Premise], question: str = "") -> list[Checked]:
    """Return the statements of a text with marks, `[n]` for `premises[n - 1]`, each with its problems."""
    return check(statements(text), premises, question)


def check(said: Sequence[Statement], premises: Sequence[Premise], question: str = "") -> list[Checked]:
    """Return the statements of one reply with their problems; sums and counts may be founded on any of them.

    Each is held against the premises that it cites; the others were offered too, and tell what it may be mistaken for.
    """
    inferred = dict(hypotheses(said, premises, question))
    checked = []
    for n, one in enumerate(said):
        if any(not 1 <= c <= len(premises) for c in one.cited):
            found = [Problem("citation", one.text, f"「{one.text}」の出典の番号が、渡した資料にありません")]
        else:
            found = list(_cited(inferred[n]) if n in inferred else _uncited(one, normal(question)))
        checked.append(Checked(one, tuple(found)))
    return checked


def hypotheses(
    said: Sequence[Statement], premises: Sequence[Premise], question: str = ""
) -> Iterator[tuple[int, Hypothesis]]:
    """Yield the statements that cite premises, each with its place among `said`, as what is inferred from them."""
    texts = [statement.text for statement in said]
    for n, one in enumerate(said):
        if cited := tuple(premises[c - 1] for c in dict.fromkeys(one.cited) if 1 <= c <= len(premises)):
            others = tuple(premise for premise in premises if premise not in cited)
            reply, quotes = (*texts[:n], *texts[n + 1 :]), tuple(map(normal, one.quotes))
            yield n, Hypothesis(one.text, cited, others, normal(question), reply, n, one.items, quotes)


def is_sure(h: Hypothesis) -> bool:
    """Whether a claim of the hypothesis does not stand whatever the model of entailment says."""
    return next(_sure(h), None) is not None


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


def _cited(h: Hypothesis) -> Iterator[Problem]:
    found = list(_sure(h))
    yield from found
    measured, model = features(h), shipped_model()
    if not found and model.probability(measured) > model.threshold:
        reason = _REASONS[model.reasons(measured)[0]]
        yield Problem("sense", h.text, f"「{h.text}」は、{reason}")


def _sure(h: Hypothesis) -> Iterator[Problem]:
    if not any(premise.body.strip() for premise in h.cited):
        yield Problem("citation", h.text, f"「{h.text}」の出典には、根拠にできる文がありません")
    yield from _unfounded(h)
    yield from _wrong(h)
    if foreign_share(h.text, Said(h.cited, h.question)) > _MOST_FOREIGN:
        yield Problem("wording", h.text, f"「{h.text}」の言葉の多くが出典にありません")

    if tells_plan_as_done(h.text, h.best_line):
        yield Problem("sense", h.text, f"「{h.text}」は、出典では予定や検討の段階です")


def _unfounded(h: Hypothesis) -> Iterator[Problem]:
    """Yield the claims and names that stand in no premise and follow from nothing that does."""
    for claim in claims(h.text):
        if not _NOT_CLAIMED.match(h.text, claim.end) and not _is_founded(claim, h):
            kind: Kind = "figure" if claim.kind == "figure" else "date" if claim.kind == "date" else "contact"
            yield Problem(kind, claim.written, f"「{claim.written}」は出典にありません")
    for name in dict.fromkeys(
        [*(name for _, name in names(h.text)), *foreign_bodies(h.text, Said(h.cited, h.question))]
    ):
        if not any(has_name(premise, name) for premise in h.cited):
            yield Problem("name", name, f"「{name}」は出典にありません")


def _is_founded(claim: Claim, h: Hypothesis) -> bool:
    value = claim.value
    if isinstance(value, Time):
        return any(has_time(premise, value, h.text[claim.end :]) for premise in h.cited)
    if isinstance(value, str):
        return any(has_contact(premise, claim.written) for premise in h.cited)
    right = {(s.result.value, s.result.unit) for s in sums(h.text) if s.right}
    asked = {(f.value, f.unit) for f in figures(h.question)}
    if name := named_by(value, h.text[: claim.start]):
        return any(has_name(premise, name) for premise in h.cited)
    told = {(f.value, f.unit) for premise in h.cited for f in premise.figures if f.unit}
    if (value.value, value.unit) in right | asked | told:
        return True
    behind, before = h.reply[h.place :], h.reply[: h.place]
    counts = counted(value, (h.text, *behind, *before), h.items, h.question, h.cited)
    if counts is not None and (counts or value.unit in ANY_THING):
        return counts
    stated = any(has_figure(premise, value) for premise in h.cited)
    return stated or reckoned(value, (h.text, *h.reply, h.question))


def _wrong(h: Hypothesis) -> Iterator[Problem]:
    """Yield what is false of what stands in the premises."""
    for one in sums(h.text):
        if not one.right:
            written = h.text[one.start : one.end]
            yield Problem("sum", written, f"計算「{written}」が合いません")
    for first, last in spans(h.text):
        if not any(has_span(premise, first, last) for premise in h.cited):
            written = h.text[first.start : last.end]
            yield Problem("date", written, f"「{written}」は出典では別の期間です")
    for words, reason in wrongly_said(h.text, h.cited):
        yield Problem("comparison", words, f"「{words}」の{reason}")
    for words, reason in wrongly_attributed(h.text, h.question, h.cited, h.others):
        yield Problem("attribution", words, f"「{words}」は、{reason}")
