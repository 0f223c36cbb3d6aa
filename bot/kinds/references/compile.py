"""Finds the articles, tables and notes that passages of a document name, and the rules that change what others state.

Compiled at build, one artefact for each document: 「第6条」 in a cell is that article,
「別表第1に定める額の1.5倍とする」 is a rule of every row of that table, and 「第3条中」 of an amending document one of
that article of the amended document.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import islice, pairwise, product
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from ingest.documents import Document, Passage
from ingest.index.artefacts import read_artefact
from ingest.index.passages import PassageStore
from ingest.japanese import nfkc, parse_number
from ingest.japanese.notation import KANJI_DIGITS
from ingest.metadata.validity import published_on

REFERENCES = "references"
"""The name of the artefacts."""
# A number of a provision, and its branches (第2条の3の2).
_COUNT = rf"[\d{KANJI_DIGITS}十百]{{1,6}}"
_BRANCH = rf"(?:の{_COUNT}){{0,5}}"
# The number at the start of a heading, or of a line that is one.
_ARTICLE = re.compile(rf"第\s?({_COUNT})\s?条({_BRANCH})")
_TABLE = re.compile(rf"(別表|図表|表|別記|別紙)\s?第?\s?(\d{{1,3}}(?:[-‐.]\d{{1,3}})?|{_COUNT})?(?=$|[\s　(:：])")
_NOTE = re.compile(r"(?:※|注)\s?\(?(\d{1,2})\)?")
_MENTION = re.compile(
    rf"(?P<place>第{_COUNT}条|別表(?:第?{_COUNT})?|[前次]条|前\d?項|第{_COUNT}項)"
    r"|(?P<table>(?<!別)(?:図表|表)\s?\d{1,3}(?:[-‐.]\d{1,3})?)|(?P<here>この表|上の?表|上表)|(?P<note>※\d{1,2}|注\d{1,2}\))"
)
# An article or a table with what a mention names of it (第3条第2項第4号ア, 別表第1の表), or more of the one before it.
_INNER = rf"(?:の?(?:第{_COUNT}[項号]{_BRANCH}|(?<![ア-ンー])[ア-ン](?![ア-ンー])|見出し|ただし書|表))"
_PLACE = re.compile(
    rf"(?:第(?P<article>{_COUNT})条(?P<branch>{_BRANCH})"
    rf"|(?P<table>別表|別記|別紙)(?:第?(?P<number>{_COUNT}(?!条|項|号|の項){_BRANCH}))?){_INNER}*|{_INNER}+"
)
_CONJUNCTION = re.compile(r"(?:まで)?(?P<word>及び|並びに|、|・|から|と)")
# 第3条から第200条まで is the longest range that is read.
_MAX_RANGE = 200
_MAY_MENTION = re.compile("[条項※注]|(?<!代)表")
# Before a mention of a provision of another document: 地方自治法第3条, 同法(昭和22年法律第67号)第3条.
_OF_ANOTHER = re.compile(r"(?:法|令|条例|規則|規程|要綱|要領|基準|[)」])$")
_OF_THIS = re.compile(r"(?:この|本)(?:条例|規則|規程|要綱|要領|基準)$")
_GOES_ON = re.compile(r"(?:及び|並びに|又は|若しくは|、|から)$")
# What a rule does to an amount or a condition that another provision states.
_CHANGES = re.compile(
    r"[\d.]+\s?(?:倍|割(?!合))|\d分の\d|[%％]|パーセント|減額|免除|減免|加算|割増|半額|無料|乗じ|加えた額|かかわらず|適用しない"
)
_BLOCK = re.compile(r"^(?=\d{1,2}[\s　.．]|備考|注|※)", re.MULTILINE)
_REMARKS = re.compile(r"備考|注|※")
# Supplementary provisions have articles of their own, and hold for a time only.
_SUPPLEMENT = re.compile(r"附\s?則")
# Characters; less is a heading, such as 備考.
_MIN_LENGTH = 5
# Characters of the label of a note.
_MAX_LABEL = 10
# References of one passage that are kept.
_MAX_REFERENCES = 24


class Step(NamedTuple):
    """An article, a table or a note: its kind, and its number as canonical text (3, 4の2)."""

    kind: str
    number: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Verbatim words of a passage: `text[start:end]`."""

    passage_id: str
    start: int
    end: int


class Reference(NamedTuple):
    """Words that belong to the evidence of a passage.

    Attributes:
        quote: where they are.
        mention: the words of the passage, in normal form, that name them; "" for a rule or an amendment that changes
            what it states, and for what an amendment changes.
    """

    quote: Quote
    mention: str


class _Block(NamedTuple):
    """A paragraph of a passage with what is in it, or a row, with the article or table that it is in.

    Attributes:
        table: the table that it is a row or a remark of, or that precedes it.
    """

    passage: Passage
    start: int
    text: str
    container: Step | None
    table: Step | None

    @property
    def quote(self) -> Quote:
        return Quote(self.passage.id, self.start, self.start + len(self.text.rstrip()))


def find_references(passages: Sequence[Passage]) -> dict[str, tuple[Reference, ...]]:
    """Return the references of the passages of one document, by their ids; those without any are left out."""
    blocks = [(block, list(_read_mentions(block))) for block in _split_blocks(passages)]
    members: defaultdict[Step | None, list[_Block]] = defaultdict(list)
    for block, _ in blocks:
        members[block.container].append(block)
        if match := _NOTE.match(nfkc(block.text[:_MAX_LABEL])):
            members[_note(block, match[1])].append(block)
    references: defaultdict[str, dict[Quote, str]] = defaultdict(dict)
    for step, rules in _find_rules(blocks).items():
        for target, rule in product(members[step], rules[:_MAX_REFERENCES]):
            if target.passage is not rule.passage or target.start < rule.start:
                references[target.passage.id].setdefault(rule.quote, "")
    for block, mentions in blocks:
        for mention, step in mentions:
            for target in members[step][:_MAX_REFERENCES] if mention and step != block.container else ():
                if target.passage is not block.passage:
                    references[block.passage.id].setdefault(target.quote, mention)
    return {
        passage_id: tuple(Reference(*item) for item in islice(found.items(), _MAX_REFERENCES))
        for passage_id, found in references.items()
    }


def _find_rules(blocks: Sequence[tuple[_Block, Sequence[tuple[str, Step]]]]) -> dict[Step, list[_Block]]:
    """Return the rules that change what each article and table states.

    A rule that names an article and no table is one of the tables that the article names.
    """
    tables_of: defaultdict[Step, set[Step]] = defaultdict(set)
    for block, mentions in blocks:
        if block.container:
            tables_of[block.container].update(step for _, step in mentions if step.kind in {"別表", "表"})
    rules: defaultdict[Step, list[_Block]] = defaultdict(list)
    for block, mentions in blocks:
        if mentions and block.passage.kind != "row" and _CHANGES.search(nfkc(block.text)):
            named = {step for _, step in mentions}
            is_of_articles = all(step.kind == "条" for step in named)
            for step in named.union(*(tables_of[step] for step in named if is_of_articles)):
                rules[step].append(block)
    return rules


def _note(block: _Block, number: str) -> Step:
    return Step("※", f"{number} {block.passage.path}")


def _split_blocks(passages: Sequence[Passage]) -> Iterator[_Block]:
    table: Step | None = None
    for passage in passages:
        if any(map(_SUPPLEMENT.match, passage.path)):
            continue
        container = next(filter(None, map(_read_label, reversed(passage.path))), None)
        starts = {0}
        if passage.kind == "row":
            is_labelled = container is not None and container.kind != "条"
            table = container = container if is_labelled else Step("表", f"{passage.path}")
        else:
            container = table if table and _REMARKS.match(passage.text) else container
            starts.update(match.start() for match in _BLOCK.finditer(passage.text))
        for start, end in pairwise([*sorted(starts), len(passage.text)]):
            if len(text := passage.text[start:end]) >= _MIN_LENGTH:
                yield _Block(passage, start, text, container, table)


def _read_label(heading: str) -> Step | None:
    normal = nfkc(heading).strip()
    if match := _ARTICLE.match(normal):
        return Step("条", _read_number(match[1] + match[2]))
    match = _TABLE.match(normal)
    return Step("表" if match[1] in {"表", "図表"} else "別表", _table_number(match[2] or "")) if match else None


def _table_number(text: str) -> str:
    return text.replace("‐", "-") if re.search(r"[-‐.]", text) else (_read_number(text) if text else "")


def _read_mentions(block: _Block) -> Iterator[tuple[str, Step]]:
    """Yield the words of a block that name an article, a table or a note of its document, and what they name."""
    container = block.container
    if container and container == block.table:  # a remark is a rule of its table, whether it names it or not
        yield "", container
    if not _MAY_MENTION.search(block.text):
        return
    text = nfkc(block.text)
    label = _NOTE.match(text)
    position, is_of_another, end_of_last = label.end() if label else 0, False, 0
    while match := _MENTION.search(text, position):
        position = match.end()
        if match["note"]:
            yield match[0], _note(block, re.sub(r"\D", "", match[0]))
        elif match["table"]:
            yield match[0], Step("表", _table_number(re.sub(r"[^\d.-]", "", match[0])))
        elif match["here"]:
            if block.table:
                yield match[0], block.table
        else:
            before = text[max(0, match.start() - 12) : match.start()]
            goes_on = is_of_another and _GOES_ON.fullmatch(text[end_of_last : match.start()])
            is_of_another = bool(goes_on or (_OF_ANOTHER.search(before) and not _OF_THIS.search(before)))
            steps, end_of_last = _read_steps(text, match, container)
            position = max(position, end_of_last)
            for step in steps if not is_of_another else ():
                yield text[match.start() : end_of_last], step


def _read_steps(text: str, match: re.Match[str], container: Step | None) -> tuple[list[Step], int]:
    """Return the articles and tables of a mention, and where it ends."""
    article = container if container and container.kind == "条" else None
    if match[0] in {"前条", "次条"}:
        if article is None:
            return [], match.end()
        *outer, last = article.number.split("の")
        return [Step("条", "の".join([*outer, str(int(last) + (1 if match[0] == "次条" else -1))]))], match.end()
    if match[0].endswith("項"):
        return [article] if article else [], match.end()
    steps, end, joined = list[Step](), match.start(), ""
    while place := _PLACE.match(text, match.start() if not joined else end):
        if place["article"]:
            step = Step("条", _read_number(place["article"] + place["branch"]))
            steps += _steps_between(steps[-1], step) if joined == "から" and steps else ()
            steps.append(step)
        elif place["table"]:
            steps.append(Step("別表", _table_number(place["number"] or "")))
        end = place.end()
        conjunction = _CONJUNCTION.match(text, end)
        if conjunction is None or not _PLACE.match(text, conjunction.end()):
            break
        joined, end = conjunction["word"], conjunction.end()
    return list(dict.fromkeys(steps)), max(end, match.end())


def _steps_between(first: Step, last: Step) -> list[Step]:
    if first.kind != last.kind or not (first.number.isdecimal() and last.number.isdecimal()):
        return []
    numbers = range(int(first.number) + 1, int(last.number))
    return [Step(last.kind, str(number)) for number in numbers] if len(numbers) < _MAX_RANGE else []


def _read_number(text: str) -> str:
    """Return a number with its branches in canonical form (四の二 → 4の2), 0 for one that cannot be read."""
    try:
        return "の".join(str(parse_number(part)) for part in nfkc(text).split("の") if part)
    except ValueError:
        return "0"


_REFERENCES: TypeAdapter[dict[str, tuple[Reference, ...]]] = TypeAdapter(dict[str, tuple[Reference, ...]])


def find_amendments(amended: Sequence[Passage], amending: Sequence[Passage]) -> list[tuple[Passage, Quote]]:
    """Return each passage of a document that another one amends, with the words that amend it.

    They name its article or table; if the amending document names none of it, as one that repeals it, its first
    passage amends all.
    """
    members: defaultdict[Step | None, dict[str, Passage]] = defaultdict(dict)
    for block in _split_blocks(amended):
        members[block.container][block.passage.id] = block.passage
    changes: list[tuple[_Block, set[Step]]] = []
    for block in _split_blocks(amending):
        start = block.start
        for text in [block.text] if block.passage.kind == "row" else block.text.splitlines(keepends=True):
            line = block._replace(start=start, text=text)
            start += len(text)
            named = {step for _, step in _read_mentions(line)}
            if changes and not named and changes[-1][0].passage is line.passage:  # the new words of the line before
                changes[-1] = changes[-1][0]._replace(text=changes[-1][0].text + text), changes[-1][1]
            else:
                changes.append((line, named or ({line.container} if line.container else set())))
    quotes: defaultdict[Step, list[Quote]] = defaultdict(list)
    for change, named in changes:
        for step in named:
            quotes[step].append(change.quote)
    found = [
        pair for step, of_step in quotes.items() for pair in product(members[step].values(), of_step[:_MAX_REFERENCES])
    ]
    return found or [(passage, Quote(repeal.id, 0, len(repeal.text))) for repeal in amending[:1] for passage in amended]


def compile_references(store: PassageStore, document: Document) -> bytes | None:
    """Return the references of a document to itself, and to what it amends or is amended by; None without any."""
    found = defaultdict[str, list[Reference]](list)
    amending_it = [each for each in store.documents if each.amends and document.id in (each.id, *each.amends)]
    for amending in sorted(amending_it, key=lambda each: each.published, reverse=True):
        for amended in amending.amends:
            pairs = find_amendments(store.document_passages(amended), store.document_passages(amending.id))
            for passage, quote in pairs:
                if amended == document.id:
                    found[passage.id].append(Reference(quote, ""))
                elif amending.id == document.id:
                    found[quote.passage_id].append(Reference(Quote(passage.id, 0, len(passage.text)), ""))
    if not document.amends:  # its 第3条 is that of another document
        for passage_id, own in find_references(store.document_passages(document.id)).items():
            found[passage_id] += own
    kept = {passage_id: tuple(items[:_MAX_REFERENCES]) for passage_id, items in found.items()}
    return _REFERENCES.dump_json(kept) if kept else None


class References:
    """The references stored with an index; safe to share between threads."""

    def __init__(self, folder: Path, documents: Mapping[str, Document]) -> None:
        """Read those in the folder of an index; `documents` are those that it serves, by id."""

        @lru_cache(maxsize=64)
        def read(doc_id: str) -> dict[str, tuple[Reference, ...]]:
            stored = read_artefact(folder, REFERENCES, doc_id)
            return _REFERENCES.validate_json(stored) if stored else {}

        self._read = read
        self._documents = documents

    def of(self, passage: Passage, day: date) -> tuple[Reference, ...]:
        """Return what belongs to the evidence of a passage on a day: what changes it, then what it names."""
        return tuple(
            reference
            for reference in self._read(passage.doc_id).get(passage.id, ())
            for document in [self._documents.get(reference.quote.passage_id.rpartition("#")[0])]
            if document and (published_on(document) or day) <= day
        )
