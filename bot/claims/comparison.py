"""What is said of figures: above or below another, risen or fallen, a bound, a target or a result."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from bot.claims.alignment import Claim, claims
from bot.claims.figures import Figure, figures
from bot.claims.premise import Clause, Premise

_MORE = re.compile(
    r"を?(?:大きく|わずかに|やや|約)?(?:上回[っりる](?!ませ)|超え(?!ませ|な|ず|る目標))"
    r"|より(?:も)?(?:多[いく]|高[いく]|大き[いく]|増え|伸び|上が)(?!な|ませ)"
)
_LESS = re.compile(
    r"を?(?:大きく|わずかに|やや)?下回[っりる](?!ませ)|より(?:も)?(?:少な[いく]|低[いく]|小さ[いく]|減[っり]|下が)(?!な|ませ)"
    r"|に(?:は)?(?:届か|届いていませ|達していませ|達しませ|及ば|達していな|とどまっ)"
)
_FROM = re.compile(r"\s?(?:から|より|→)[^、。\d]{0,14}")
_ROSE = re.compile("(?:まで|に|へ)?、?と?(?:増|上が|上昇|伸び|拡)")
_FELL = re.compile("(?:まで|に|へ)?、?と?(?:減|下が|低下|縮)")
_SET_BESIDE = re.compile(r"[増減]?(?:で|では|は|が|と|だ|の)[^。]{0,20}")
_BOUND = re.compile("の?(以上|以下|未満|以内)")
_CONTRARY = {"以上": {"未満", "以下"}, "未満": {"以上"}, "以下": {"以上"}}
_TARGET = re.compile("目標|目安|計画値|想定|見込|予測")
_RESULT = re.compile("実績|達成|結果|現状|現在値")
_TELLS_RESULT = re.compile("でした|ました|実績|達し(?:た|ま)|なって|現在|進ん|行われ")
_TARGET_BEFORE = re.compile("目標値?(?:は|が|の|:)[^実現]{0,4}$")
_TARGET_BEHIND = re.compile("[増減]?(?:(?:の[^、。]{0,4})?(?:が|を)|という|の)目標(?!比|達成)")
_TELLS_TARGET = re.compile("目標|目安|計画|予定|見込|目指|想定|[÷=]|まで")


def wrongly_said(text: str, premises: Sequence[Premise]) -> Iterator[tuple[str, str]]:
    """Yield (words, what is wrong) of the figures of normalised `text` of which something false is said."""
    yield from ((words, "数値の大小や増減が合いません") for words in _wrongly_compared(text))
    for claim in claims(text):
        if isinstance(claim.value, Figure):
            yield from ((claim.written, reason) for reason in _wrong_of(claim, claim.value, premises))


def _wrongly_compared(text: str) -> Iterator[str]:
    """Yield the comparisons and changes that their own two figures deny: 60人から40人に増えました."""
    for a, b in pairwise(figures(text)):
        between, end = text[a.end : b.start], b.end + len(b.change)
        if a.unit != b.unit or a.value == b.value:
            continue
        if _FROM.fullmatch(between):
            wrong = (_ROSE.match(text, b.end) and b.value < a.value) or (_FELL.match(text, b.end) and b.value > a.value)
        elif _SET_BESIDE.fullmatch(between) and a.change == b.change:
            wrong = (_MORE.match(text, end) and a.value < b.value) or (_LESS.match(text, end) and a.value > b.value)
        else:
            wrong = False
        if wrong:
            yield text[a.start : b.end]


def _wrong_of(claim: Claim, figure: Figure, premises: Sequence[Premise]) -> Iterator[str]:
    stated = [
        (other, text)
        for premise in premises
        for text in (premise.heading, premise.body)
        for other in figures(text)
        if (other.value, other.unit) == (figure.value, figure.unit)
    ]
    bounds = {_bound(other, text) for other, text in stated}
    if _CONTRARY.get(_bound(figure, claim.text), set()) & bounds and _bound(figure, claim.text) not in bounds:
        yield "範囲（以上・未満など）が出典と逆です"
    if _in_other_role(claim, premises):
        yield "目標と実績が入れ替わっています"


def _bound(figure: Figure, text: str) -> str:
    found = _BOUND.match(text, figure.end)
    return {"以内": "以下"}.get(found[1], found[1]) if found else ""


def _in_other_role(claim: Claim, premises: Sequence[Premise]) -> bool:
    """Whether a row gives the figure as its target and the statement as a result, or the other way round."""
    roles = {role for premise in premises for role in _roles(claim, premise)}
    if roles == {"target"}:
        return bool(_TELLS_RESULT.search(claim.text)) and not _TELLS_TARGET.search(claim.text)
    before, behind = re.split("[、。]", claim.text[: claim.start])[-1], claim.text[claim.end :]
    return roles == {"result"} and bool(_TARGET_BEFORE.search(before) or _TARGET_BEHIND.match(behind))


def _roles(claim: Claim, premise: Premise) -> Iterator[str]:
    """Yield whether the claim is the target or the result of each row that has both, and only one of them is it."""
    rows: dict[str, dict[str, Clause]] = {}
    for clause in premise.clauses:
        head = clause.heads[0] if clause.heads and figures(clause.text) else ""
        role = "target" if _TARGET.search(head) else "result" if _RESULT.search(head) else ""
        if role:
            rows.setdefault(clause.line, {}).setdefault(role, clause)
    in_rows = {id(clause) for row in rows.values() for clause in row.values()}
    if any(claim.states(clause, premise) for clause in premise.clauses if id(clause) not in in_rows):
        yield ""
    for row in rows.values():
        stating = [role for role, clause in row.items() if claim.states(clause, premise)]
        if len(row) > 1 and len(stating) == 1:
            yield stating[0]
