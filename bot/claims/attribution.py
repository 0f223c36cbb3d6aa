"""Whether what is told is told of the right source: who says it, which document, which entry of its kind."""

import re
from collections.abc import Iterator, Mapping, Sequence

from bot.claims.alignment import fit, rarity, things
from bot.claims.figures import normal
from bot.claims.premise import Clause, Premise, squash

_SAID_BY = re.compile(
    r"(?P<who>[一-龥々ァ-ヶー\d]{0,12}?(?:長|議員|委員|知事|市|町|村|県|区))(?:は|が|の(?:答弁|説明|発言))"
)
_TELLS = re.compile("答弁|答え|説明|述べ|回答|考え|発言|言[いっ]")
_ASKS = re.compile("質問|質疑|議員|番")
_BODY = tuple("市町村県区")
_SPEAKS = "は|が|の(?:答弁|説明)"
_LABELLED = re.compile(r"([^\s:。、()]{1,10}):\s*(.+)")
_SHORTEST_VALUE = 2


def wrongly_attributed(
    text: str, question: str, cited: Sequence[Premise], others: Sequence[Premise]
) -> Iterator[tuple[str, str]]:
    """Yield (words, what is wrong): of another speaker, another document, or another entry of its kind."""
    if who := _other_speaker(text, question, cited):
        yield who, "別の発言者の発言です"
    if name := _other_document(text, cited, others):
        yield name, "別の文書について述べていて、示した出典のことではありません"
    for premise in cited:
        yield from ((value, "出典では別の項目の内容です") for value in _other_entry(text, question, premise))


def _other_speaker(text: str, question: str, cited: Sequence[Premise]) -> str:
    """Return who is named as the speaker where the headings of the minutes name only others, or nothing."""
    speakers = [premise.speaker for premise in cited if premise.speaker]
    said = squash(text)
    named = [match["who"] for match in _SAID_BY.finditer(said)]
    if not speakers or not (_TELLS.search(said) or _TELLS.search(question)):
        return ""
    for who in named:
        if who.endswith(_BODY):
            if "答弁" in said and all(_ASKS.search(speaker) for speaker in speakers):
                return who
        elif any(who in speaker for speaker in speakers):
            return ""
        elif who.endswith(("長", "議員")):
            nowhere = not any(who in premise.letters for premise in cited)
            if nowhere or re.search(rf"{re.escape(who)}(?:{_SPEAKS}).*(?:答|述|説明)", said):
                return who
    return ""


def _other_document(text: str, cited: Sequence[Premise], others: Sequence[Premise]) -> str:
    """Return the name of a document or an issuer that was offered, is named and not cited, or nothing."""
    said, letters = squash(text), "".join(premise.letters for premise in cited)
    offered = (squash(normal(name)) for premise in others for name in (premise.issuer, premise.title, *premise.aliases))
    return next((name for name in offered if name and name in said and name not in letters), "")


def _other_entry(text: str, question: str, premise: Premise) -> Iterator[str]:
    """Yield the values of labelled lines (場所:公民館) that are told of what another line so labelled speaks of."""
    words, rare, said = things(f"{question} {text}"), rarity((premise,)), squash(text)
    for entries in _labelled(premise).values():
        told = [(value, clause) for value, clause in entries if len(value) >= _SHORTEST_VALUE and value in said]
        rivals = [clause for value, clause in entries if value not in said]
        if not told or not rivals:
            continue
        free = words - frozenset[str]().union(*(things(clause.text) for _, clause in told))
        own = max(sum(fit(clause, free, rare).values()) for _, clause in told)
        if max(sum(fit(clause, free, rare).values()) for clause in rivals) > own:
            yield told[0][0]


def _labelled(premise: Premise) -> Mapping[str, list[tuple[str, Clause]]]:
    found: dict[str, list[tuple[str, Clause]]] = {}
    for clause in premise.clauses:
        if match := _LABELLED.match(clause.text):
            found.setdefault(match[1], []).append((squash(match[2]).strip("。"), clause))
    return found
