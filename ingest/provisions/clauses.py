"""Reads one amending sentence (改め文): its clauses become operations."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.japanese import nfkc, parse_number
from ingest.provisions.addresses import COUNT, Address, Step, next_number, read_addresses
from ingest.provisions.operations import Action, AmendmentOperation, Side

UNREADABLE = "改正文の形を読み取れません"
# Quoted words are replaced by one private character each, so that their commas and verbs are not read.
_FIRST_MASK = 0xE000
_LAST_MASK = 0xF8FF
_QUOTED = f"[{chr(_FIRST_MASK)}-{chr(_LAST_MASK)}]"
_PLACE = f"(?P<place>[^{chr(_FIRST_MASK)}-{chr(_LAST_MASK)}]*?)"
_OLD_WORDS = rf"(?P<old>{_QUOTED}(?:(?:及び|並びに|、|又は|若しくは){_QUOTED})*)"
_VERB = re.compile(
    r"(?P<verb>改め|加え|付[しす]|削[りる]|とし|とする|繰り?下げ|繰り?上げ)(?:る)?(?:もの)?(?=[、。]|$)[、。]?"
)
# 第3条中「A」を「B」に
_REPLACED_WORDS = re.compile(rf"{_PLACE}{_OLD_WORDS}を(?:それぞれ)?(?P<new>{_QUOTED})に(?:、|$)")
# 「A」の次に「B」を
_INSERTED_WORDS = re.compile(rf"{_PLACE}(?P<old>{_QUOTED})の(?P<side>次|下|後|前|上)に(?P<new>{_QUOTED})を(?:、|$)")
# 「A」及び「B」を
_DELETED_WORDS = re.compile(rf"{_PLACE}(?P<old>{_QUOTED}(?:(?:及び|並びに|、){_QUOTED})*)を$")
# 第5条を次のように
_REPLACED = re.compile(r"(?P<place>.+?)を次の(?:ように|(?:表の)?とおりに?|[^、。]{0,6}ように)$")
_CHANGED_CAPTION = re.compile(rf"(?P<place>.*(?:見出し|題名))を(?P<new>{_QUOTED})に$")
# 第5条の次に次の1条を, 第5条に次のただし書を, 附則として次のように
_ADDED = re.compile(
    r"(?P<place>.+?)(?:の(?P<side>次|前))?に(?:(?P<kind_name>ただし書|後段|別表|附則)として)?"
    rf"次の(?:(?P<count>{COUNT})?(?P<kind>条|項|号|章|節|表|様式|ただし書|後段)を|(?:とおり|ように))$"
)
# 第3号から第5号までを1号ずつ
_SHIFTED = re.compile(rf"(?P<place>.+?)を(?:順次|(?:順次)?(?P<by>{COUNT})(?:条|項|号)ずつ?)$")
# What may follow the last place of a clause before its words.
_AFTER_PLACE = re.compile(
    r"(?:の規定|(?:の次に(?:次の)?\d*[条項号]を加える|を[^、]{1,20})?の?改正規定)?(?:中|のうち)?、?"
)


def mask_quotations(text: str) -> tuple[str, list[str]]:
    """Return the text in normal form without spaces, each 「…」 as one private character, and what is in them."""
    masked, quoted = list[str](), list[str]()
    depth, start = 0, 0
    for position, character in enumerate(text):
        if character == "「":
            start = position + 1 if depth == 0 else start
            depth += 1
        elif character == "」" and depth:
            depth -= 1
            if depth == 0:
                masked.append(chr(_FIRST_MASK + len(quoted)))
                quoted.append(text[start:position])
        elif depth == 0:
            masked.append(character)
    return nfkc("".join(masked)).replace(" ", ""), quoted


def read_sentence(text: str, context: Address) -> tuple[list[AmendmentOperation], Address]:
    """Return the operations of an amending sentence, without new provisions, and the place that it named last.

    A clause that cannot be read becomes an operation with a problem.
    """
    masked, quoted = mask_quotations(text)
    operations: list[AmendmentOperation] = []
    position = 0
    for match in _VERB.finditer(masked):
        clause = _Clause(masked[position : match.start()].lstrip("、"), quoted, context)
        operations += (replace(operation, sentence=text) for operation in clause.read(match["verb"]))
        position = match.end()
        context = clause.context
    if masked[position:].strip("。") or not operations:
        operations.append(AmendmentOperation(Action.UNREAD, context, sentence=text, problem=UNREADABLE))
    return operations, context


class _Clause:
    """One clause up to its verb; `context` is the place that it names last."""

    def __init__(self, body: str, quoted: Sequence[str], context: Address) -> None:
        self._body = body
        self._quoted = quoted
        self.context = context

    def read(self, verb: str) -> list[AmendmentOperation]:
        context = self.context
        read = {"改": self._replacements, "加": self._additions, "付": self._additions, "削": self._deletions}
        try:
            if verb[0] in read:
                return list(read[verb[0]]())
            return [self._renumbering() if verb[0] == "と" else self._shift(1 if "下" in verb else -1)]
        except ValueError:
            places, _ = read_addresses(self._body, context)
            return [AmendmentOperation(Action.UNREAD, places[0] if places else context, problem=UNREADABLE)]

    def _replacements(self) -> Iterator[AmendmentOperation]:
        if match := _CHANGED_CAPTION.fullmatch(self._body):
            for place in self._places(match["place"]):
                yield AmendmentOperation(Action.REPLACE_TEXT, place, new=self._unmask(match["new"]))
        elif match := _REPLACED.fullmatch(self._body):
            for place in self._places(match["place"]):
                yield AmendmentOperation(Action.REPLACE, place)
        else:
            for match in self._consecutive_matches(_REPLACED_WORDS):
                masks, new = re.findall(_QUOTED, match["old"]), self._unmask(match["new"])
                for place in self._places(match["place"]):
                    for old in map(self._unmask, masks):
                        yield AmendmentOperation(Action.REPLACE_WORDS, place, old, new, is_general=not place.steps)

    def _additions(self) -> Iterator[AmendmentOperation]:
        if match := _ADDED.fullmatch(self._body):
            kind = match["kind_name"] or match["kind"] or ""
            place = self._places(match["place"])[0]
            if kind in {"ただし書", "後段"}:
                yield AmendmentOperation(Action.APPEND_SENTENCE, place, old=kind)
                return
            count = str(parse_number(match["count"])) if match["count"] else ""
            side: Side = "before" if match["side"] == "前" else "after" if match["side"] else "end"
            yield AmendmentOperation(Action.INSERT, place, old=kind, new=count, position=side)
        else:
            for match in self._consecutive_matches(_INSERTED_WORDS):
                old, new = self._unmask(match["old"]), self._unmask(match["new"])
                new = new + old if match["side"] in "前上" else old + new
                for place in self._places(match["place"]):
                    yield AmendmentOperation(Action.REPLACE_WORDS, place, old, new, is_single=True)

    def _deletions(self) -> Iterator[AmendmentOperation]:
        if match := _DELETED_WORDS.fullmatch(self._body):
            for place in self._places(match["place"]):
                for mask in re.findall(_QUOTED, match["old"]):
                    yield AmendmentOperation(Action.REPLACE_WORDS, place, self._unmask(mask), is_single=True)
        elif self._body.endswith("を"):
            for place in self._places(self._body.removesuffix("を")):
                yield AmendmentOperation(Action.DELETE, place)
        else:
            raise ValueError(self._body)

    def _renumbering(self) -> AmendmentOperation:
        old_text, _, new_text = self._body.rpartition("を")
        old, new = self._places(old_text), self._places(new_text)
        if [place.steps[:-1] for place in old] != [place.steps[:-1] for place in new] or not old[0].steps:
            raise ValueError(self._body)
        moves = tuple((place, moved.steps[-1]) for place, moved in zip(old, new, strict=True))
        return AmendmentOperation(Action.RENUMBER, old[0], moves=moves)

    def _shift(self, direction: int) -> AmendmentOperation:
        match = _SHIFTED.fullmatch(self._body)
        if match is None:
            raise ValueError(self._body)
        distance = direction * (int(parse_number(match["by"])) if match["by"] else 1)
        places = self._places(match["place"])
        steps = [place.steps[-1] for place in places]
        moved = [Step(step.kind, next_number(step.kind, step.number, distance)) for step in steps]
        return AmendmentOperation(Action.RENUMBER, places[0], moves=tuple(zip(places, moved, strict=True)))

    def _consecutive_matches(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        position = 0
        while position < len(self._body):
            match = pattern.match(self._body, position)
            if match is None:
                raise ValueError(self._body)
            yield match
            position = match.end()

    def _places(self, text: str) -> tuple[Address, ...]:
        text = text.lstrip("、")
        if not text:
            return (self.context,)
        places, end = read_addresses(text, self.context)
        remainder = text[end:]
        while places and (match := re.match(r"(?:中|のうち)、?(?=.)", remainder)):
            inner, inner_end = read_addresses(remainder[match.end() :], places[0])
            if not inner:
                break
            places, remainder = inner, remainder[match.end() + inner_end :]
        if not places or not _AFTER_PLACE.fullmatch(remainder):
            raise ValueError(text)
        self.context = places[-1]
        return tuple(
            replace(place, row=re.sub(_QUOTED, lambda match: self._unmask(match[0]), place.row)) for place in places
        )

    def _unmask(self, mask: str) -> str:
        return self._quoted[ord(mask) - _FIRST_MASK]
