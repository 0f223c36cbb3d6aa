"""The matters that a meeting spoke of, each with what was said of it: the vote, who spoke against, how it ended."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.find.evidence import content_terms_cached
from bot.turn import Source
from bot.understand.asked import Term
from bot.understand.thesaurus import same_meaning
from ingest.documents import Passage
from ingest.normalise import nfkc
from ingest.sentences import written_sentences
from ingest.structure.speeches import speech

# Share of the words of the question that a matter must hold which it is about.
_ABOUT = 0.6
# A sentence as short as this says that somebody is against, and not against what.
_TELLS = 12
# Sentences behind a vote within which the chair says what came of it.
_RIGHT_BEHIND = 2
_NUMBER = r"\s?(?:者|が|は|の(?:者|方|委員))?\s?[:：]?\s?\d{1,3}\s?[人名票]?"
_VOTE = re.compile(
    rf"(?:賛成|可)(?:{_NUMBER})[^。\n]{{0,24}}反対(?:{_NUMBER})|反対(?:{_NUMBER})[^。\n]{{0,24}}賛成(?:{_NUMBER})"
)
_OPPOSES = re.compile(
    r"反対(?:する|します|である|です|だ|したい|せざるを得|の立場|の意見|いたし)|(?:賛成|同意|賛同)(?:でき|しかね|いたしかね)|認め(?:られない|ることはできない)"
    r"|(?:反対|異議)(?:が|は)?(?:あります|ある)。?$"
)
_ASKS = re.compile(r"(?:か|ませんか|でしょう)[。?]?$")
_OPEN = re.compile(
    r"継続(?:審議|協議|して(?:審議|協議|検討))|結論(?:は|を|が)?(?:出さ|出て?(?:い)?な|持ち越|見送)|保留|持ち帰|引き続き(?:検討|協議|審議)|次回(?:に|へ)?(?:持ち越|改めて|送)|見送"
)
_CLOSED = re.compile(r"承認|了承|可決|否決|採択|決定(?:し|する)|適当と認め|原案(?:の)?とおり|案のとおり|認める")
# A season is told by its months.
_SEASONS = {
    season: re.compile(rf"(?<!\d)(?:{months})月")
    for season, months in (("春", "[345]"), ("夏", "[678]"), ("秋", "9|1[01]"), ("冬", "12|[12]"))
}


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of minutes: who says it, "" for a line that nobody says."""

    speaker: str
    text: str
    passage: Passage

    @property
    def source(self) -> Source:
        """Where it stands."""
        return Source(self.passage, self.text)


@dataclass(slots=True)
class Matter:
    """What stands under one heading of minutes."""

    heading: str
    passages: list[Passage] = field(default_factory=list)

    def said(self) -> Iterator[Said]:
        """Yield its sentences in order, an aside between speeches as one."""
        for passage in self.passages:
            for line in passage.text.split("\n"):
                match = speech(line)
                rest = line[match.end() :] if match else line
                whole = [rest] if re.fullmatch(r"[(（].*[)）]", rest.strip()) else written_sentences(rest)
                for sentence in whole:
                    if sentence.strip():
                        yield Said(match["name"] if match else "", sentence.strip(), passage)

    def vote(self) -> Said | None:
        """Return the line that counts the votes, the last where there are several."""
        return next((said for said in reversed(list(self.said())) if _VOTE.search(nfkc(said.text))), None)

    def against(self) -> list[Said]:
        """Return the sentences in which somebody says to be against it."""
        sentences = [said for said in self.said() if said.speaker]
        return [
            _with_before(sentences[:i], said)
            for i, said in enumerate(sentences)
            if _OPPOSES.search(nfkc(said.text)) and not _ASKS.search(nfkc(said.text))
        ]

    def ending(self) -> Said | None:
        """Return the last sentence that says how it ended: it was decided, or left open."""
        return next(reversed([said for said in self.said() if _ends(said)]), None)

    def came_of(self, vote: Said) -> Said | None:
        """Return what was said to have come of a vote, right behind it."""
        sentences = list(self.said())
        behind = sentences[sentences.index(vote) + 1 :][:_RIGHT_BEHIND]
        return next((said for said in behind if said.speaker and _ends(said)), None)


def _with_before(before: Sequence[Said], said: Said) -> Said:
    """Return what somebody says with the sentence before it, where alone it does not tell of what (反対する。)."""
    if len(said.text) > _TELLS or not before or before[-1].speaker != said.speaker:
        return said
    both = before[-1].text + said.text
    return replace(said, text=both) if both in said.passage.text else said


def _ends(said: Said) -> bool:
    """Whether a sentence says how a matter ended, and does not ask it."""
    return bool(_OPEN.search(said.text) or _CLOSED.search(said.text)) and not _ASKS.search(nfkc(said.text))


def is_open(said: Said) -> bool:
    """Whether a sentence leaves a matter open: 継続審議とする."""
    return bool(_OPEN.search(said.text))


def matters(passages: Iterable[Passage]) -> list[Matter]:
    """Return the sections of minutes in order, each with all of its passages."""
    found: dict[tuple[str, ...], Matter] = {}
    for passage in passages:
        if passage.kind != "row":
            found.setdefault(passage.path, Matter(passage.section)).passages.append(passage)
    return list(found.values())


def about(words: Iterable[Term], matter: Matter) -> float:
    """Return the share of the words, by weight, that a matter holds: 1 where there are none, 0 where it is too few."""
    words = tuple(words)
    text = " ".join((matter.heading, *(p.text for p in matter.passages)))
    told = content_terms_cached(text) | {season for season, months in _SEASONS.items() if months.search(nfkc(text))}
    total = sum(term.weight for term in words)
    held = sum(term.weight for term in words if _stands(term, told))
    share = held / total if total else 1.0
    return share if share >= _ABOUT else 0.0


def _stands(term: Term, told: frozenset[str]) -> bool:
    same = {term.text, *same_meaning(term.text)}
    return not same.isdisjoint(told) or any(meaning <= told for meaning in term.meanings)
