"""Reads one amending sentence (改め文): its clauses become operations."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from ingest.amendments.addresses import Address, Step, next_number, read_addresses
from ingest.amendments.operations import Action, Operation, Position
from ingest.japanese import nfkc, parse_number
from ingest.japanese.notation import COUNT

UNREADABLE = "改正文の形を読み取れません"
# Quoted words are replaced by one private character each, so that their commas and verbs are not read.
_FIRST_MASK = 0xE000
_Q = f"[{chr(_FIRST_MASK)}-{chr(_FIRST_MASK + 0x400)}]"
_VERB = re.compile(
    r"(?P<verb>改め|加え|付し|削[りる]|とし|とする|繰り?下げ|繰り?上げ)(?:る)?(?:もの)?(?=[、。]|$)(?:[、。]|$)"
)
_PAIR = re.compile(
    rf"(?P<place>[^{_Q[1:-1]}]*?)(?P<old>{_Q}(?:(?:及び|並びに|、|又は|若しくは){_Q})*)を(?P<each>それぞれ)?(?P<new>{_Q})に(?:、|$)"
)
_INSERTED = re.compile(rf"(?P<place>[^{_Q[1:-1]}]*?)(?P<old>{_Q})の(?P<side>次|下|後|前|上)に(?P<new>{_Q})を(?:、|$)")
_DELETED = re.compile(rf"(?P<place>[^{_Q[1:-1]}]*?)(?P<old>{_Q}(?:(?:及び|並びに|、){_Q})*)を$")
_REPLACED = re.compile(r"(?P<place>.+?)を次の(?:ように|(?:表の)?とおりに?|[^、。]{0,6}ように)$")
_CAPTION_CHANGED = re.compile(rf"(?P<place>.*(?:見出し|題名))を(?P<new>{_Q})に$")
_CAPTION_ADDED = re.compile(rf"(?P<place>.+?)に見出しとして(?P<new>{_Q})を$")
_NUMBER_DELETED = re.compile(r"(?P<place>.+?項)の(?P<caption>見出し及び)?項番号を$")
_ADDED = re.compile(
    rf"(?P<place>.+?)(?:の(?P<side>次|前)|(?P<end>))に(?:(?P<kind_name>ただし書|後段|別表|附則)として)?"
    rf"次の(?:(?P<count>{COUNT})?(?P<kind>条|項|号|章|節|表|様式|ただし書|後段)を|(?:とおり|ように))$"
)
_SHIFTED = re.compile(rf"(?P<place>.+?)(?P<onwards>以下)?を(?:順次)?(?P<by>{COUNT})(?:条|項|号)ずつ?$")
_SHIFTED_ONE = re.compile(r"(?P<place>.+?)(?P<onwards>以下)?を(?:順次)$")
_TAIL = re.compile(r"(?:の規定|(?:の次に(?:次の)?\d*[条項号]を加える|を[^、]{1,20})?の?改正規定)?(?:中|のうち)?、?")
_SIDES = {
    "次": Position.AFTER,
    "下": Position.AFTER,
    "後": Position.AFTER,
    "前": Position.BEFORE,
    "上": Position.BEFORE,
}


class _UnreadableClauseError(Exception):
    """The clause has a form that is not known."""


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


def read_sentence(text: str, context: Address) -> tuple[list[Operation], Address]:
    """Return the operations of an amending sentence, without new provisions, and the place that it named last.

    A clause that cannot be read becomes an operation with a problem.
    """
    masked, quoted = mask_quotations(text)
    operations: list[Operation] = []
    position = 0
    for match in _VERB.finditer(masked):
        body, verb = masked[position : match.start()].lstrip("、"), match["verb"]
        position = match.end()
        clause = _Clause(body, quoted, context)
        try:
            read = clause.read(verb)
        except (_UnreadableClauseError, ValueError):
            place, _ = read_addresses(body, context)
            read = [Operation(Action.UNREAD, (place or (context,))[0], problem=UNREADABLE)]
        operations += [replace(operation, sentence=text) for operation in read]
        context = clause.context
    if masked[position:].strip("。") or not operations:
        operations.append(Operation(Action.UNREAD, context, sentence=text, problem=UNREADABLE))
    return operations, context


class _Clause:
    """One clause up to its verb; `context` is the place that it names last."""

    def __init__(self, body: str, quoted: Sequence[str], context: Address) -> None:
        self._body = body
        self._quoted = quoted
        self.context = context

    def read(self, verb: str) -> list[Operation]:
        """Return the operations."""
        readers = {"改": self._replacements, "加": self._additions, "付": self._additions, "削": self._deletions}
        if verb[0] in readers:
            return list(readers[verb[0]]())
        return [self._renumbering()] if verb[0] == "と" else [self._shift(1 if "下" in verb else -1)]

    def _replacements(self) -> Iterator[Operation]:
        if match := _CAPTION_CHANGED.fullmatch(self._body):
            for place in self._places(match["place"]):
                yield Operation(Action.REPLACE_TEXT, place, new=self._unmask(match["new"]))
        elif match := _REPLACED.fullmatch(self._body):
            for place in self._places(match["place"]):
                yield Operation(Action.REPLACE, place)
        else:
            for match in self._all(_PAIR):
                places = self._places(match["place"])
                for place in places:
                    for old in re.findall(_Q, match["old"]):
                        yield Operation(
                            Action.REPLACE_WORDS,
                            place,
                            self._unmask(old),
                            self._unmask(match["new"]),
                            is_general=not place.steps,
                        )

    def _additions(self) -> Iterator[Operation]:
        if match := _CAPTION_ADDED.fullmatch(self._body):
            [place] = self._places(match["place"])
            yield Operation(Action.ADD_CAPTION, place, new=self._unmask(match["new"]))
        elif match := _ADDED.fullmatch(self._body):
            kind = match["kind_name"] or match["kind"] or ""
            places = self._places(match["place"])
            if kind in {"ただし書", "後段"}:
                yield Operation(Action.APPEND_SENTENCE, places[0], position=Position.END, old=kind)
                return
            position = _SIDES[match["side"]] if match["side"] else Position.END
            count = str(parse_number(match["count"])) if match["count"] else ""
            yield Operation(Action.INSERT, places[0], old=kind, new=count, position=position)
        else:
            for match in self._all(_INSERTED):
                for place in self._places(match["place"]):
                    position = _SIDES[match["side"]]
                    old, new = self._unmask(match["old"]), self._unmask(match["new"])
                    yield Operation(Action.INSERT_WORDS, place, old, new, position)

    def _deletions(self) -> Iterator[Operation]:
        if match := _DELETED.fullmatch(self._body):
            for place in self._places(match["place"]):
                for old in re.findall(_Q, match["old"]):
                    yield Operation(Action.DELETE_WORDS, place, self._unmask(old))
        elif match := _NUMBER_DELETED.fullmatch(self._body):
            [place] = self._places(match["place"])
            if match["caption"]:
                yield Operation(Action.DELETE, replace(place, part="見出し"))
            yield Operation(Action.DELETE_LABEL, place)
        elif self._body.endswith("を"):
            for place in self._places(self._body[:-1]):
                yield Operation(Action.DELETE, place)
        else:
            raise _UnreadableClauseError

    def _renumbering(self) -> Operation:
        before, separator, after = self._body.rpartition("を")
        if not separator:
            raise _UnreadableClauseError
        old = self._places(before)
        new = self._places(after)
        if old[0].steps == (Step("附則", ""),) and new[0].steps == (*old[0].steps, Step("項", "1")):
            old = new
        is_paired = len(old) == len(new) and all(
            one.steps[:-1] == other.steps[:-1] and one.steps[-1:] for one, other in zip(old, new, strict=True)
        )
        if not is_paired:
            raise _UnreadableClauseError
        return Operation(
            Action.RENUMBER, old[0], moves=tuple((one, other.steps[-1]) for one, other in zip(old, new, strict=True))
        )

    def _shift(self, direction: int) -> Operation:
        match = _SHIFTED.fullmatch(self._body) or _SHIFTED_ONE.fullmatch(self._body)
        if match is None:
            raise _UnreadableClauseError
        by = int(parse_number(match["by"])) if "by" in match.groupdict() else 1
        places = self._places(match["place"])
        if match["onwards"]:
            return Operation(Action.RENUMBER, places[0], new=str(by * direction))
        moves = tuple(
            (
                place,
                Step(place.steps[-1].kind, next_number(place.steps[-1].kind, place.steps[-1].number, by * direction)),
            )
            for place in places
        )
        return Operation(Action.RENUMBER, places[0], moves=moves)

    def _all(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield consecutive matches that cover the whole clause."""
        position = 0
        while position < len(self._body):
            match = pattern.match(self._body, position)
            if match is None:
                raise _UnreadableClauseError
            yield match
            position = match.end()

    def _places(self, text: str) -> tuple[Address, ...]:
        """Return the places that a reference names, the one named before where it is empty."""
        text = text.lstrip("、")
        if not text:
            return (self.context,)
        places, end = read_addresses(text, self.context)
        rest = text[end:]
        while places and (match := re.match(r"(?:中|のうち)、?", rest)) and rest[match.end() :]:
            inner, end = read_addresses(rest[match.end() :], places[0])
            if not inner:
                break
            places, rest = inner, rest[match.end() :][end:]
        is_table = bool(places) and places[0].steps[:1] and places[0].steps[0].kind in {"別表", "様式"}
        if is_table and not places[0].row and (match := re.fullmatch(r"の?(?P<row>[^、。]{1,20}?)中", rest)):
            places, rest = (replace(places[0], row=match["row"]),), "中"
        places = tuple(replace(place, row=self._unmask_all(place.row)) for place in places)
        if not places or not _TAIL.fullmatch(rest):
            raise _UnreadableClauseError
        self.context = places[-1]
        return places

    def _unmask(self, mask: str) -> str:
        return self._quoted[ord(mask) - _FIRST_MASK]

    def _unmask_all(self, text: str) -> str:
        return re.sub(_Q, lambda match: self._unmask(match[0]), text)
