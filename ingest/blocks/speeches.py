"""Marks the speeches of minutes among the blocks of a document: whose words they are, and what they do."""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ingest.blocks.speakers import (
    CHAIR_TITLE,
    MEMBER_TITLE,
    OFFICE_END,
    family_name,
    find_label,
    is_bracketed_remark,
    read_person,
    split_at_labels,
)
from ingest.documents import Block, BlockRow, Person, Speech, SpeechKind
from ingest.japanese.normal_forms import nfkc, normalise_without_spaces
from ingest.japanese.sentences import split_document_sentences

_TITLE = re.compile(
    r"(?:会議|議事|審議|発言)の?(?:録|要旨|概要|記録|結果|経過|摘録|要点)|質疑|議会だより|一般質問|記録簿"
    r"|[会談][^。]{0,12}記録$|主な意見|開催(?:結果|概要|報告)|懇談|総会"
)
# With fewer lines of members, a document that is not titled minutes is none.
_MIN_MEMBER_LINES = 3
_MEMBER_LINE = re.compile(rf"[^\n。、]{{0,16}}(?:(?:{MEMBER_TITLE})(?=\W|[A-ZＡ-Ｚ])|[\d０-９]{{1,2}}番\W)")
_HEADING_MARKS = re.compile(r"^[^\w【〔（(]*")
# Characters of a heading that names a speaker.
_MAX_SPEAKER_LENGTH = 24
_QUESTION_HEADING = re.compile(r"(?:問|質問|質疑|Q)(?:\s*+\d{1,2})?[\s.:]+\S|.*(?:[かい]。?|\?)$")
# Heads of the columns of tables.
_PERSON_HEAD = re.compile(r"発言者|質問者|提案者|氏名|委員名?$|議員名?$|所属")
_REPLY_HEAD = re.compile(r"回答|答弁|答え?$|対応|考え方|事務局|見解|説明")
_QUESTION_HEAD = re.compile(r"質問|意見|質疑|要望|問い?|提案|指摘|発言(?:内容|要旨)?$|内容$")
_ASKS = re.compile(
    r"(?:か|ください|下さい|ほしい|欲しい|いただきたい|願い(?:し)?(?:たい|ます)?|(?:伺|尋ね|聞き|質問|要望)[^。]{0,10}(?:ます|たい))"
    r"(?:でしょうか|と思います)?(?:。|[？?])*\s*$|質[問疑]|伺い|お尋ね"
)
# Lists of members present, and of others, whose names are no labels.
_MEMBERS = re.compile(r"[\s\d.・\-(\[【]*(?:出席|委員|議員|構成員|参加者|\d{1,2}番 )")
_LIST_HEADING = re.compile(r"[\W\d]*(?:出席(?:者|委員|議員)?|委員|議員|構成員|参加者)(?:の?(?:出席状況|名簿|氏名))?\W*")
_BETWEEN_NAMES = re.compile(
    rf"\([^()]*\)|\d{{1,2}}番|[^\s、()]{{0,24}}?(?:{OFFICE_END})(?![一-龥])|{CHAIR_TITLE}|出席(?:者|状況)?|{MEMBER_TITLE}|[、,:/・()\n]|\s{{2,}}"
)
_FULL_NAME = re.compile(r"(?P<family>[一-龥々ヶ]{1,4})(?: (?P<given>[一-龥々ぁ-ゖァ-ヴー]{1,4}))?")


def may_be_minutes(title: str, blocks: Iterable[Block]) -> bool:
    """Whether a document may be a meeting's minutes: by its title, or since members speak in it."""
    lines = (line for block in blocks for line in block.text.splitlines())
    return bool(_TITLE.search(nfkc(title))) or sum(map(bool, map(_MEMBER_LINE.match, lines))) >= _MIN_MEMBER_LINES


def with_speeches(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks of minutes, those with words of several speakers divided, with the speech of each.

    Words without a label are by the speaker before them below the same headings.
    """
    present = list(_members_present(blocks))
    reader = _SpeechReader({name for person in present for name in (person.name, person.family)})
    marked = [part for block in blocks for part in reader.read(block)]
    known = defaultdict[str, list[Person]](list)
    for person in dict.fromkeys((*present, *reader.persons)):
        for key in {person.name, person.family, person.seat} - {""}:
            known[key].append(person)
    described = {person: _describe(person, known[person.name or person.seat]) for person in reader.persons}
    return [_with_persons(block, described) for block in marked]


def _members_present(blocks: Sequence[Block]) -> Iterator[Person]:
    is_below_heading = False
    for block in blocks:
        text = nfkc(block.text)
        if block.kind == "heading":
            is_below_heading = bool(_LIST_HEADING.fullmatch(text))
        is_list = is_below_heading or _MEMBERS.match(text)
        if is_list and "。" not in text:
            matches = (_FULL_NAME.fullmatch(name.strip()) for name in _BETWEEN_NAMES.split(text))
            for match in filter(None, matches):
                family = match["family"] if match["given"] else family_name(match["family"])
                name = f"{match['family']}{match['given'] or ''}"
                yield Person("member", name, family, office="委員")


def _describe(person: Person, known: Iterable[Person]) -> Person:
    """Return the fullest description of a person whom a label may describe shortly: 須磨委員 is 須磨灯議員(3番)."""
    same = [other for other in known if _is_same(person, other)]
    if not same or len({other.name for other in same} - {person.name}) > 1:
        return person
    fullest = max(same, key=lambda other: (len(other.name), bool(other.seat)))
    return replace(
        person,
        name=fullest.name,
        family=next(other.family for other in same if other.name == fullest.name),
        seat=fullest.seat,
        office=person.office or fullest.office,
    )


def _is_same(person: Person, other: Person) -> bool:
    if not person.name:
        return bool(person.seat) and person.seat == other.seat
    is_same_side = (person.role == "office") is (other.role == "office")
    is_short = person.name == other.family and "(" not in other.name
    return is_same_side and (person.name == other.name or is_short)


def _with_persons(block: Block, described: Mapping[Person, Person]) -> Block:
    def describe(speech: Speech) -> Speech:
        return replace(speech, person=described[speech.person])

    if block.speech:
        return replace(block, speech=describe(block.speech))
    rows = (replace(row, speeches=tuple((n, describe(speech)) for n, speech in row.speeches)) for row in block.rows)
    return replace(block, rows=tuple(rows)) if block.rows else block


@dataclass
class _SpeechReader:
    names: Container[str]
    # The open headings, each with the speaker whom it names.
    _headings: list[tuple[Block, Person | None]] = field(default_factory=list)
    persons: dict[Person, None] = field(default_factory=dict)
    _speaker: Person | None = None
    _is_asked: bool = False

    def read(self, block: Block) -> Iterator[Block]:
        if block.kind == "heading":
            self._open(block)
            yield block
        elif block.rows:
            self._speaker = None
            heads = [nfkc(head) for head in block.rows[0].cells]
            yield replace(block, rows=(block.rows[0], *(self._read_row(heads, row) for row in block.rows[1:])))
        elif block.kind in {"dropped", "label", "note"}:
            yield block
        else:
            for start, end in split_at_labels(block.text, self.names):
                part = replace(block, text=block.text[start:end])
                yield replace(part, speech=self._read_words(part.text))

    def _open(self, heading: Block) -> None:
        is_same = (heading.style == other.style or _is_outer(heading, other) for other, _ in self._headings)
        self._headings = self._headings[: next((n for n, same in enumerate(is_same) if same), len(self._headings))]
        text = nfkc(heading.text)
        bare = _HEADING_MARKS.sub("", text)
        may_be_speaker = len(bare) <= _MAX_SPEAKER_LENGTH and not re.match(r"\d(?!\d?番)|\(", bare)
        person = read_person(bare) if may_be_speaker else None
        self._headings.append((heading, person))
        self._speaker = next((speaker for _, speaker in reversed(self._headings) if speaker), None)
        is_reply = person is not None and person.role == "office"
        is_question = bool(_QUESTION_HEADING.match(text)) or (person is not None and not is_reply)
        self._is_asked = is_question or (is_reply and self._is_asked)

    def _read_words(self, text: str) -> Speech | None:
        if label := find_label(text, self.names):
            named = next((person for _, person in reversed(self._headings) if person), label.person)
            # 問 and 答 below the name of a member or officer are by them.
            person = named if not label.person.display and named.role == label.person.role else label.person
            self._speaker = None if label.only_line else person
            return self._speech(person, text, label.start, label.end)
        if self._speaker is None or is_bracketed_remark(text):
            return None
        return self._speech(self._speaker, text, 0, len(text))

    def _speech(self, person: Person, text: str, start: int, end: int) -> Speech:
        kind: SpeechKind = "statement"
        if person.role == "office" and (self._is_asked or not person.display):
            kind = "reply"
        elif person.role == "member":
            self._is_asked = True
            if any(_ASKS.search(sentence.strip()) for sentence in split_document_sentences(text[start:end])):
                kind = "question"
        self.persons[person] = None
        return Speech(start, end, person, kind)

    def _read_row(self, heads: Sequence[str], row: BlockRow) -> BlockRow:
        """Return a row of remarks and replies with the speech of each cell."""
        columns = list(enumerate(zip(heads, row.cells, strict=False)))
        name = next((cell for _, (head, cell) in columns if cell and _PERSON_HEAD.search(head)), "")
        if not name and not any(map(_REPLY_HEAD.search, heads)):
            return row
        bare_name = normalise_without_spaces(name) if _FULL_NAME.fullmatch(nfkc(name)) else ""
        asker = read_person(name) or Person("member", bare_name, family_name(bare_name))
        speeches = list[tuple[int, Speech]]()
        for n, (head, text) in columns:
            is_reply = bool(_REPLY_HEAD.search(head))
            if not text or _PERSON_HEAD.search(head) or not (is_reply or _QUESTION_HEAD.search(head)):
                continue
            self._is_asked |= is_reply
            label = find_label(text)
            start, end = (label.start, label.end) if label else (0, len(text))
            default = Person("office") if is_reply else asker
            person = replace(label.person, role=default.role) if label and (is_reply or not name) else default
            speeches.append((n, self._speech(person, text, start, end)))
        return replace(row, speeches=tuple(speeches))


def _is_outer(heading: Block, other: Block) -> bool:
    return heading.rank is not None and other.rank is not None and heading.rank <= other.rank
