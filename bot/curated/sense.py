"""What a question asks, in the form in which two questions are held against each other."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from bot.check.claims import figures
from bot.check.denial import denied_words
from bot.find.evidence import content_terms_cached
from bot.understand.asked import Asked
from bot.understand.question import core_sentence, understand
from bot.understand.reckoning import Reckoning, reckoning_of
from bot.understand.scope import Scope, Scopes, asks_what_came, without_names
from ingest.documents import Document

# Which end of a span is asked for: いつから, 何時まで, 何時に閉まる.
_END = re.compile(r"(?:いつ|何[時年月日](?:度|分)?|どこ)(?:から|まで)|始ま|終わ|何時に[開閉]")
# To identify something is another question than to tell its figure: 何の数, どんな課 beside 何件, どのくらい.
_WHICH = re.compile(r"何の|(?<!な)どの(?!よう|くらい|ぐらい|程度|位)|どんな|どういう")
# The families of interrogatives; 何課 asks for a place and a body.
_ASKS_BY = {
    "year": re.compile(r"いつ|何年(?!間|か[年月国])"),
    "month": re.compile(r"いつ|何月"),
    "day": re.compile(r"いつ|何日(?!間)|何曜"),
    "hour": re.compile(r"いつ|何時(?!間)"),
    "where": re.compile(r"どこ|どちら|何[階課番]"),
    "who": re.compile(r"誰|だれ|どなた|何課|どこの[課部]"),
    "why": re.compile(r"なぜ|なんで|どうして"),
    "how much": re.compile(
        r"いく[らつ]|ど[れの](?:くらい|ぐらい|だけ|ほど|程度|位)|何(?:[人件円個枚台回割%]|か[所国年月]|[年時日]間|パーセント)"
    ),
    "how": re.compile(r"どう(?!して)|どのよう"),
}
# A request that is worded as a denial: 教えていただけませんか.
_REQUEST = re.compile(r"(?:いただけ|頂け|もらえ|貰え|くれ|くださ|下さ|願え)(?:ない|ません)")
# Weights of bot/understand/terms.py: of what names a thing, of a verb, of a prefix or suffix.
NAMES, _VERB, _AFFIX = 1.0, 0.3, 0.25


@dataclass(frozen=True)
class Sense:
    """A question without the names of documents, which `documents` holds as ids.

    `figures` are value, unit and bound of each figure, `days` one spelling of each date, `denied` the verbs it denies,
    `proper` the names that nothing can stand in for, `done` what it wants done with figures. `manner` are the words of
    asking that tell ends and kinds of things apart, `asked_by` the families of its interrogatives.
    """

    asked: Asked
    documents: frozenset[str]
    figures: frozenset[tuple[Decimal, str, str]]
    days: frozenset[str]
    denied: frozenset[str]
    proper: frozenset[str]
    done: tuple[str, int]
    manner: frozenset[str]
    asked_by: frozenset[str]

    @property
    def text(self) -> str:
        """The words that are left, which vectors are made of."""
        return self.asked.text

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """The weight of each word; where nothing is named but a document, the words of asking (期間, 目的) tell."""
        weights = {term.text: term.weight for term in self.asked.terms}
        named = any(weight >= NAMES for weight in weights.values())
        return weights if named else weights | dict.fromkeys(self.asked.hints, NAMES)

    @cached_property
    def meanings(self) -> frozenset[frozenset[str]]:
        """What documents may write for the words, each meaning with all its words."""
        return frozenset[frozenset[str]]().union(*(term.meanings for term in self.asked.terms))

    @cached_property
    def meant(self) -> Mapping[str, frozenset[frozenset[str]]]:
        """The meanings of each word that has any."""
        return {term.text: term.meanings for term in self.asked.terms if term.meanings}

    @cached_property
    def facts(self) -> tuple[object, ...]:
        """What must be equal where two questions ask the same; the plan in force is what any question is for."""
        asked = self.asked
        named = (self.documents, self.days, self.figures, self.proper, self.denied, asked.excepted)
        told = (asked.ages - {"current"}, frozenset(asked.aspects), asks_what_came(self.text), self.done)
        return (*named, *told, asked.kind, asked.yesno, asked.compares, self.manner)

    def lacks_thing(self, other: "Sense") -> bool:
        """Whether `other` names a thing that this question neither says nor means; 委員長 is no 副委員長.

        A verb may be another, and what the sentences before the one that asks say by the way.
        """
        things = (word for word, weight in other.weights.items() if weight > _VERB or weight == _AFFIX)
        return any(not self._has(word, other) for word in things)

    def lacks(self, other: "Sense") -> dict[str, float]:
        """Return the words of `other`, with their weights, that this question neither says nor means."""
        return {word: weight for word, weight in other.weights.items() if not self._has(word, other)}

    def _has(self, word: str, other: "Sense") -> bool:
        """Whether it says a word of `other`, or what that word, or a word of its own, may stand for."""
        if word in self.weights or any(word in meaning for meaning in self.meanings):
            return True
        return any(meaning <= self.weights.keys() for meaning in other.meant.get(word, ()))


class Senses:
    """Reads questions over `documents`; safe to share between threads."""

    def __init__(self, documents: Sequence[Document]) -> None:
        self._documents = tuple(documents)
        self._scopes = Scopes(documents)
        # Everyone asks this administration: its name tells no two questions apart.
        self._issuers = frozenset[str]().union(*map(content_terms_cached, {d.issuer for d in documents}))

    def of(self, text: str, day: date) -> Sense:
        """Return the sense of normalised `text`, asked on `day`."""
        asked = understand(text, day)
        return self.of_asked(asked, self._scopes(asked, day), day)

    def of_asked(self, asked: Asked, scope: Scope, day: date) -> Sense:
        """Return the sense of a question that was understood on `day` and whose documents are known."""
        if scope.consumed:
            named = [d for d in self._documents if not scope.consumed.isdisjoint((d.title, *d.aliases))]
            asked = understand(without_names(asked.text, named).lstrip("のはがを、 "), day)
        asked = replace(asked, terms=tuple(term for term in asked.terms if term.text not in self._issuers))
        core = core_sentence(asked.text)
        return Sense(
            asked=asked,
            documents=scope.named | scope.compared,
            figures=frozenset((f.value, f.unit, f.bound) for f in figures(asked.text)),
            days=frozenset(mention.key for mention in asked.dates),
            denied=denied_words(_REQUEST.sub("", core)),
            proper=frozenset(t.text for t in asked.terms if t.proper),
            done=_done(reckoning_of(asked.text)),
            manner=frozenset(m[0] for m in _END.finditer(core)) | ({"which"} if _WHICH.search(core) else frozenset()),
            asked_by=frozenset(family for family, pattern in _ASKS_BY.items() if pattern.search(core)),
        )


def _done(reckoning: Reckoning | None) -> tuple[str, int]:
    return (reckoning.operation.value, reckoning.many) if reckoning else ("", 0)
