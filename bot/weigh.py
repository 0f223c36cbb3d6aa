"""Weighing evidence: how much of the question a piece covers, and whether it holds what is asked for."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log2

from bot.evidence import Evidence, content_terms_cached, pieces, title_of
from bot.likeness import Likeness
from bot.names import addresses
from bot.question import Asked, Kind, Term
from bot.roles import role_of_column
from bot.scope import Scope
from bot.thesaurus import same_meaning
from bot.turn import Hit
from bot.units import same_unit
from ingest.documents import Document
from ingest.normalise import DateMention, dates, nfkc, quantities
from ingest.tokenise import morphemes

# What a term counts for by where it stands: the piece itself, the line or heading that introduces it, an outer heading, the
# document's title, elsewhere in the passage. Chosen on the cases of 2026-11-20 (eval/LOG.md).
_OWN, _NEAR, _FAR, _TITLE, _ELSEWHERE = 1.0, 0.95, 0.8, 0.4, 0.4
# What a piece that holds the kind of answer asked for gains, and one from a document in force.
_FITS, _IN_FORCE, _RANK = 0.3, 0.25, 0.15
# Characters from which on a sentence is long (the median of both sources' sentences is 41).
_LONG = 80
# Coverage by which a document in force may lie behind and still come first.
_AS_WELL = 0.12


@dataclass(frozen=True, slots=True)
class Weighed:
    """A piece with its weight: `coverage` is the share (0–1) of the question's words that it holds, by their weight.

    `fits` is False where the piece cannot be the answer (no figure with the unit asked for, another year …).
    """

    evidence: Evidence
    score: float
    coverage: float
    missing: tuple[Term, ...]
    fits: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """What weighing needs besides the question: rarity of words, likeness of words, the documents by id."""

    idf: Callable[[str], float]
    likeness: Likeness
    documents: Mapping[str, Document]


def weigh(asked: Asked, scope: Scope, hits: Sequence[Hit], scale: Scale) -> list[Weighed]:
    """Return the pieces of the passages found, heaviest first."""
    terms = wanted_terms(asked, scope)
    best = max((hit.score for hit in hits), default=0.0)
    worst = min((hit.score for hit in hits), default=0.0)
    found = []
    for hit in hits:
        rank = (hit.score - worst) / (best - worst) if best > worst else 1.0
        document = scale.documents[hit.passage.doc_id]
        for evidence in pieces(hit.passage):
            weighed = _weigh(evidence, asked, scope, terms, document, scale)
            found.append(replace(weighed, score=weighed.score + _RANK * rank))
    return sorted(_in_force_first(found, scope), key=lambda w: -w.score)


def _in_force_first(found: Sequence[Weighed], scope: Scope) -> list[Weighed]:
    """Prefer documents in force where they cover the question about as well as any other."""
    most = max((w.coverage for w in found if w.fits), default=0.0)
    return [
        replace(w, score=w.score + _IN_FORCE)
        if w.evidence.passage.doc_id in scope.preferred and w.coverage >= most - _AS_WELL
        else w
        for w in found
    ]


def wanted_terms(asked: Asked, scope: Scope) -> tuple[Term, ...]:
    """Return the terms that a piece must cover: those of the question less the names of documents."""
    named = frozenset().union(*(content_terms_cached(name) for name in scope.consumed))
    if not scope.consumed:
        return asked.terms
    rest = tuple(t for t in asked.terms if t.text not in named)
    return rest


def _weigh(
    evidence: Evidence, asked: Asked, scope: Scope, terms: Sequence[Term], document: Document, scale: Scale
) -> Weighed:
    whole = content_terms_cached(evidence.passage.text)
    title = content_terms_cached(" ".join((document.title, *document.aliases)))
    places = ((_OWN, evidence.own), (_NEAR, evidence.near), (_FAR, evidence.far), (_TITLE, title), (_ELSEWHERE, whole))
    total = held = 0.0
    missing = []
    for term in terms:
        weight = term.weight * scale.idf(term.text)
        same = same_meaning(term.text)
        cover = next((value for value, words in places if not same.isdisjoint(words)), 0.0)
        if not cover and not term.proper and term.weight > 0.25:
            cover = 0.9 * scale.likeness.best(term.text, evidence.own | evidence.near)
        if cover < _ELSEWHERE:
            missing.append(term)
        total += weight
        held += weight * cover
    coverage = held / total if total else 1.0
    fits = _fits(evidence, asked, scope, document)
    score = coverage + (_FITS if fits else -_FITS) + _shape(evidence, asked, scope, terms)
    return Weighed(evidence, score, coverage, tuple(missing), fits)


def _shape(evidence: Evidence, asked: Asked, scope: Scope, terms: Sequence[Term]) -> float:
    """Return the gain for the form of the answer: a list for a list, a named row, a heading that is what is asked."""
    near = evidence.own | evidence.near
    gain = 0.15 * len(asked.hints & near) / len(asked.hints) if asked.hints else 0.0
    gain += _phrases(evidence, asked)
    if evidence.kind == "list":
        gain += 0.25 if asked.kind is Kind.LIST else 0.0
        gain += 0.3 if asked.count is not None and asked.count == len(evidence.items) else 0.0
    if evidence.kind == "list" and terms and all(t.text in near for t in terms if t.weight > 0.25):
        gain += 0.12
    if evidence.kind == "sentence":
        gain += _reason(evidence, asked)
        gain += 0.25 * _topic_match(evidence, asked, scope, terms) if asked.kind is not Kind.LIST else 0.0
        if asked.kind is Kind.QUANTITY and not asked.dates and dates(nfkc(evidence.text)):
            gain -= 0.1  # a figure of one month or year, where none was asked for
    if evidence.kind == "row" and (asked.kind is Kind.QUANTITY or asked.aspects or asked.yesno):
        gain += 0.1
    if evidence.kind == "item" and not evidence.own & {t.text for t in terms}:
        gain -= 0.3  # only its lead speaks of what is asked: the list as a whole is the answer
    if evidence.kind == "sentence" and len(evidence.text) > _LONG:
        gain -= 0.15 * log2(len(evidence.text) / _LONG)  # a long sentence holds many words by chance
    new = {w for w in evidence.own if len(w) > 1} - {t.text for t in asked.terms}
    gain += 0.02 * min(len(new), 4)
    if asked.kind is Kind.LIST and evidence.kind in {"item", "row"}:
        gain -= 0.15
    words = frozenset(t.text for t in terms)
    heading = content_terms_cached(title_of(evidence.passage.section))
    if heading and words:
        shared = len(heading & words)
        gain += 0.15 * (shared / len(heading)) * (shared / len(words))
    if (
        evidence.kind == "sentence"
        and len(evidence.text) < 20
        and not re.search(r"[。ますだた]$", evidence.text)
        and asked.kind is not Kind.WHEN
    ):
        gain -= 0.2  # a label of a figure says nothing by itself
    return gain


def _phrases(evidence: Evidence, asked: Asked) -> float:
    """Return the gain of a piece that has the question's compounds as they stand, and its quoted words."""
    text = _squashed("\n".join((evidence.text, evidence.lead, *evidence.passage.path)))
    gain = 0.2 * sum(c in text for c in asked.compounds) / len(asked.compounds) if asked.compounds else 0.0
    return gain + sum(0.15 if _squashed(quote) in text else -0.1 for quote in asked.quoted[:2])


@lru_cache(maxsize=50_000)
def _squashed(text: str) -> str:
    return re.sub(r"\s", "", nfkc(text)).casefold()


_REASON_HEADING = re.compile(r"趣旨|目的|背景|経緯|理由|必要性|ねらい|きっかけ")
_REASON = re.compile(r"ため|ことから|により|めざ|目指|踏まえ|鑑み|理由")


def _reason(evidence: Evidence, asked: Asked) -> float:
    """Return the gain of a piece that gives reasons, where one is asked for."""
    if asked.kind is not Kind.WHY:
        return 0.0
    return 0.25 * bool(_REASON_HEADING.search(evidence.passage.section)) + 0.1 * bool(_REASON.search(evidence.text))


def _topic_match(evidence: Evidence, asked: Asked, scope: Scope, terms: Sequence[Term]) -> float:
    """Return how far the topic of the sentence (what stands before its first は) is what the question names."""
    topic = re.match(r"^([^。、は]{2,40})(?:とは|は)", evidence.text)
    words = content_terms_cached(topic[1]) if topic else frozenset()
    wanted = {t.text for t in terms} | asked.hints
    wanted |= frozenset().union(*(content_terms_cached(name) for name in scope.consumed))
    return len(words & wanted) / len(words | wanted) if words and wanted else 0.0


def _fits(evidence: Evidence, asked: Asked, scope: Scope, document: Document) -> bool:
    text = nfkc(evidence.text)
    if evidence.kind == "list" and asked.kind in {Kind.QUANTITY, Kind.MONEY}:
        return False
    if evidence.kind in {"sentence", "item"} and evidence.own <= {t.text for t in asked.terms} | asked.hints:
        return False  # it only says the question again
    return _dates_fit(evidence, asked, scope, document) and _holds_answer(text, asked, evidence)


def _dates_fit(evidence: Evidence, asked: Asked, scope: Scope, document: Document) -> bool:
    """Whether each date of the question is one of the piece, its headings, or its document's title."""
    open_dates = [m for m in asked.dates if m not in scope.used_dates]
    if not open_dates:
        return True
    context = (evidence.text, evidence.lead, *evidence.passage.path, document.title)
    stated = [m for part in context for m in dates(nfkc(part))]
    if asked.kind is Kind.PERIOD or asked.yesno:
        stated += _spans(nfkc(evidence.text))
    return all(any(_overlap(wanted, m) for m in stated) for wanted in open_dates)


def _overlap(a: DateMention, b: DateMention) -> bool:
    return a.first <= b.last and b.first <= a.last


def _spans(text: str) -> list[DateMention]:
    """Return the ranges written between two dates (2026年度~2029年度, 2026年度から2029年度まで)."""
    found = dates(text)
    return [
        DateMention(a.start, b.end, a.first, b.last, a.granularity)
        for a, b in zip(found, found[1:], strict=False)
        if re.fullmatch(r"\s?(?:~|-|から|より|、)\s?", text[a.end : b.start])
    ]


_CONTACT = re.compile(r"\d{2,5}-\d{1,4}-\d{3,4}|〒|内線")


def _holds_answer(text: str, asked: Asked, evidence: Evidence) -> bool:
    """Whether the piece holds the kind of thing that is asked for."""
    match asked.kind:
        case Kind.CONTACT:
            return bool(_CONTACT.search(text) or addresses(text))
        case Kind.MONEY:
            return any(q.unit in {"円", "ドル"} for q in quantities(text))
        case Kind.QUANTITY:
            return _holds_quantity(text, asked)
        case Kind.WHEN:
            return _holds_date(text, asked.text)
        case Kind.PERIOD:
            if re.search(r"いつ|何年(?:度|から|まで|に)|西暦|和暦", asked.text) and not dates(text):
                return False
            lasts = {q.unit for q in quantities(text)} & {"か年", "年間", "か月", "か月間"}
            return bool(lasts or _spans(text)) or any(
                text[d.end :].lstrip(" 末").startswith("まで") for d in dates(text)
            )
        case Kind.WHO if re.search(r"氏名|名前|フルネーム", asked.text):
            return any(m.pos[2:3] == ("人名",) for m in morphemes(text))
        case Kind.WHO:
            return _holds_person(text, asked)
        case Kind.WHERE:
            return _holds_person(text, asked) or bool(_PLACE.search(text) or addresses(text))
        case Kind.LIST if evidence.kind == "row":
            return bool({t.text for t in asked.terms} & content_terms_cached(evidence.passage.section))
        case Kind.LIST if evidence.kind == "sentence" and _EVERY.search(asked.text):
            return len(_ENUMERATION.findall(text)) > 0
    if evidence.kind == "row" and asked.aspects:
        return any(role_of_column(c.column) for c in evidence.passage.cells)
    return True


_PLACE = re.compile(r"館|窓口|センター|会場|[号番]室|\d階|庁舎|公園|サイト")
_EVERY = re.compile(r"一覧|すべて|全て|全部|リスト|列挙|種類|内訳|名前")
_ENUMERATION = re.compile(r"・|や(?=[^。])|及び|および|(?:[^、。]{1,20}、){2,}|」[、や]?と?「|次の|以下の")
_PERSON = re.compile(r"[長者員民課局部会室署団士官]$|大学|企業|会議|本部|組織|市民|住民|職員|町会|学校")


def _holds_person(text: str, asked: Asked) -> bool:
    """Whether the piece names a person, a role or a body that the question does not name itself."""
    named = {m.surface for m in morphemes(asked.text, "C")}
    return any(m.is_noun and _PERSON.search(m.surface) and m.surface not in named for m in morphemes(text, "C"))


def _holds_quantity(text: str, asked: Asked) -> bool:
    units = {q.unit for q in quantities(text) if not q.unit.startswith("第")}
    if not asked.unit or asked.unit == "つ":
        return bool(units) or bool(dates(text) and "年度" in asked.text)
    return any(same_unit(unit, asked.unit) for unit in units)


def _holds_date(text: str, question: str) -> bool:
    found = dates(text)
    if re.search(r"何日|何曜|日程|日時", question):
        return any(m.granularity == "day" for m in found)
    if "何月" in question:
        return any(m.granularity in {"day", "month"} for m in found)
    return bool(found)
