"""Reads an amending document: which documents it amends, by which operations, and its supplementary provisions."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.amendments.addresses import Address, Step, format_step, read_addresses
from ingest.amendments.clauses import UNREADABLE, mask_quotations, read_sentence
from ingest.amendments.comparison_tables import is_comparison, read_comparison
from ingest.amendments.document_lines import DocumentLine, quotes_of
from ingest.amendments.operations import Action, AmendedText, Operation
from ingest.amendments.provisions import Provision, parse_provisions
from ingest.japanese import nfkc
from ingest.japanese.notation import COUNT, KANJI_ONE_TO_TEN

_INTRODUCTION = re.compile(
    rf"^(?P<article>第{COUNT}条(?:の{COUNT})*)?(?:\([^()]*\))?\s*(?P<title>[^、。「」]+?)"
    r"(?P<number>\([^()]*(?:\([^()]*\)[^()]*)*\))?の?(?P<extent>一部|全部)を(?:、?次の?[^。]{0,16}(?:ように|とおりに?)|[^。]{0,24}?)"
    r"(?:改正する|改める)。$"
)
_REPEAL = re.compile(
    r"^(?:\d+\s+)?(?P<title>[^、。「」]+?)(?P<number>\([^()]*(?:\([^()]*\)[^()]*)*\))?(?:は、?|を)廃止する。"
)
_REPEALS_LISTED = re.compile(r"^次に掲げる[^。]*は、?廃止する。$")
_LISTED_TITLE = re.compile(r"^(?:\(\d+\)|\d+[\s.．]|[・])?\s*(?P<title>[^()]+?)\s*(?:\(.*\))?$")
_SUPPLEMENT = re.compile(r"^附\s?則(?:\s*\(.*\))?$")
_APPENDIX = re.compile(rf"^(?:(?:別表|別記|別紙)|(?:別記)?様式|第{COUNT}号様式)")
_ARTICLE_LINE = re.compile(rf"^(?P<article>第{COUNT}条(?:の{COUNT})*)(?:\s*\([^()]*\))?$")
# What follows the reference of an amending sentence; in a provision itself its text or caption follows.
_AFTER_PLACE = re.compile(
    r"^(?:\(見出しを含む。?\))?(?:の規定)?(?:中|のうち|を|の次に|の前に|に(?:次の|後段|ただし書|見出し)|の見出し|[^、。]{1,20}(?:の項|中)|以下を|の改正規定)"
)
_ENDS_AMENDMENT = re.compile(r"(?:改める|加える|付する|削る|とする|繰り?下げる|繰り?上げる)。$")
_SURELY_AMENDS = re.compile(r"(?:改める|加える|付する|削る|繰り?下げる|繰り?上げる)。$")
# A new provision itself: its number, and its caption or text after a space.
_IS_PROVISION = re.compile(
    rf"^(?:第{COUNT}条(?:の{COUNT})*(?:\s|\((?!見出しを含む)|$)|\d{{1,2}}\s|\(\d{{1,2}}\)|[ア-ン]\s|[{KANJI_ONE_TO_TEN}]+\s)"
)
# Without 附則, the sentence that states the day of effect: 3 この改正は、令和8年4月1日から施行する。
# 第4条及び第5条 削除, 第7条から第9条まで 削除
_ALL_DELETED = re.compile(rf"^第{COUNT}条(?:の{COUNT})*(?:及び|、|から).{{1,30}}\s*削除$")
_STATES_EFFECT = re.compile(r"^(?:\d+[\s.．])?\s*(?:この|本)[^、。]{1,30}は、?[^。]*から(?:施行|実施|適用)する。?")
_LIST_NUMBER = re.compile(
    r"^(?:\(\d{1,2}\)|\d{1,2}(?=[\s.．])|[ア-ン](?=\s)|[①-⑳])[.．\s]*(?=第|別表|附則|題名|様式|「|同|本則)"
)
# 次の表中下線の表示部分については、改正前の欄の当該部分を改正後の欄の当該部分に改める。
_INTRODUCES_TABLE = re.compile(
    r"^(?:次の|下記の|以下の)(?:新旧対照)?表(?:中|の).*(?:改正前|改正後|[下傍]線|欄).*改める。$"
)
_IS_TITLE = re.compile(r"^[^第(、。「」][^、。「」]*(?:条例|規則|要綱|要領|規程|基準|規約|要項)$")
_TAKES_PROVISIONS = frozenset({Action.REPLACE, Action.INSERT, Action.APPEND_SENTENCE})
_UNANNOUNCED = "改正文のない規定が置かれています"
_MISSING = "改正後の規定の文がありません"
_WRONG_NUMBER = "加える規定の数が改正文と合いません"


@dataclass(frozen=True, slots=True)
class AmendingDocument:
    """What an amending document says: the amended texts, and the lines before them and of its supplementary provisions.

    `replaced` are the lines of the new text of a 全部改正; `repealed` the titles of documents that it repeals.
    """

    texts: tuple[AmendedText, ...]
    opening: tuple[DocumentLine, ...]
    supplement: tuple[DocumentLine, ...]
    new_lines: tuple[DocumentLine, ...] = ()

    @property
    def titles(self) -> tuple[str, ...]:
        """The titles that the introductions name."""
        return tuple(text.title for text in self.texts if text.title)


@dataclass(slots=True)
class _Section:
    """The part of the document that amends one other document."""

    title: str = ""
    article: str = ""
    instructions: list[tuple[list[DocumentLine], list[DocumentLine]]] = field(default_factory=list)
    operations: list[Operation] = field(default_factory=list)
    number: str = ""
    is_list_of_repeals: bool = False


def read_amending_document(lines: Sequence[DocumentLine], title: str = "") -> AmendingDocument:
    """Return what the lines of an amending document say; `title` is that of the document."""
    first = next((n for n, line in enumerate(lines) if _introduction(line)), None)
    is_whole = (first is not None and "全部" in (_introduction(lines[first]) or {})["extent"]) or "全部を改正" in nfkc(
        title
    )
    if is_whole:
        return _read_replacement(lines, first, title)
    start, supplement, rest = _split_supplement(lines)
    reader = _Reader()
    for line in lines[:start]:
        reader.add(line)
    if rest:
        _add_appendices(reader.sections, rest)
    texts = tuple(
        AmendedText(section.title, tuple(_number_groups(section)), section.article, section.number)
        for section in reader.sections
        if section.instructions or section.operations
    )
    return AmendingDocument(texts, tuple(reader.opening), supplement)


class _Reader:
    """Sorts the lines before the supplementary provisions into sections and the lines before them."""

    def __init__(self) -> None:
        self.sections = [_Section()]
        self.opening: list[DocumentLine] = []
        self._has_begun = False

    def add(self, line: DocumentLine) -> None:
        """Add a line: an introduction, an amending sentence, a repeal, or new text of the sentence before."""
        section = self.sections[-1]
        if found := _introduction(line):
            article = found["article"] or _take_article(section, self.opening)
            if self._has_begun or section.title:
                self.sections.append(_Section())
            self.sections[-1].title, self.sections[-1].article = found["title"], article
            self.sections[-1].number = found["number"]
            self._has_begun = True
        elif self._add_repeal(line, section):
            self._has_begun = True
        elif is_comparison(line) or is_instruction(line.normal):
            self._has_begun = True
            _add_instruction(section, line)
        elif section.instructions:
            section.instructions[-1][1].append(line)
        else:
            self.opening.append(line)

    def _add_repeal(self, line: DocumentLine, section: _Section) -> bool:
        """Add a repeal, or the beginning or a title of a list of them; return whether the line is one."""
        operation = Operation(Action.REPEAL, sentence=line.text, quotes=quotes_of([line]))
        if section.is_list_of_repeals:
            if title := _LISTED_TITLE.match(line.normal):
                self.sections.append(_Section(title["title"], operations=[operation], is_list_of_repeals=True))
        elif _REPEALS_LISTED.match(line.normal):
            self.sections.append(_Section(is_list_of_repeals=True))
        elif repealed := _repeal(line):
            self.sections.append(_Section(repealed, operations=[operation]))
        else:
            return False
        return True


def _read_replacement(lines: Sequence[DocumentLine], first: int | None, title: str) -> AmendingDocument:
    """Return a document that replaces another one as a whole; its own text is the new one."""
    found = _introduction(lines[first]) if first is not None else None
    body = [line for n, line in enumerate(lines) if first is None or n > first]
    introduction = lines[first] if first is not None else (lines[0] if lines else DocumentLine("", ""))
    _, supplement, _ = _split_supplement(lines)
    operation = Operation(
        Action.REPLACE_ALL,
        provisions=(parse_provisions(body),),
        sentence=introduction.text,
        quotes=quotes_of([introduction]),
    )
    named = found["title"] if found else re.sub(r"の全部を改正.*$", "", nfkc(title))
    operation = replace(operation, new=_new_title(body, title))
    opening = tuple(lines[:first]) if first is not None else tuple(lines[:3])
    return AmendingDocument((AmendedText(named, (operation,)),), opening, supplement)


def _new_title(body: Sequence[DocumentLine], title: str) -> str:
    """Return the title of the new text: the line before its first provision, else that of the document itself."""
    first = body[0] if body else None
    if first is not None and _IS_TITLE.search(first.normal) and not first.cells:
        return first.text
    return "" if "改正" in title else title


def _introduction(line: DocumentLine) -> dict[str, str] | None:
    """Return the parts of an introduction (X要綱の一部を次のように改正する。), None for another line."""
    match = _INTRODUCTION.match(line.normal) if not line.cells else None
    if match is None or read_addresses(match["title"], Address())[0]:
        return None
    return {
        "title": match["title"].strip(),
        "article": match["article"] or "",
        "extent": match["extent"],
        "number": match["number"] or "",
    }


def _repeal(line: DocumentLine) -> str:
    match = _REPEAL.match(line.normal) if not line.cells else None
    return match["title"].strip() if match else ""


def _take_article(section: _Section, opening: list[DocumentLine]) -> str:
    """Return the article number on the line before an introduction, and remove that line from where it was put."""
    before = section.instructions[-1][1] if section.instructions else opening
    match = _ARTICLE_LINE.match(before[-1].normal) if before else None
    if match is None:
        return ""
    del before[-1]
    return match["article"]


def is_instruction(text: str) -> bool:
    """Whether a normalised line is an amending sentence, and not the text of a new provision."""
    normal = _LIST_NUMBER.sub("", text)
    text = normal.replace(" ", "")
    masked, _ = mask_quotations(text)
    if not (
        _ENDS_AMENDMENT.search(masked) or (re.search(r"(?:改め|加え|削り|とし)、", masked) and masked.endswith("。"))
    ):
        return False
    if _INTRODUCES_TABLE.match(text):
        return False
    if text.startswith("「"):
        return True
    if _IS_PROVISION.match(normal):
        return False
    places, end = read_addresses(masked, Address())
    if places and (_AFTER_PLACE.match(masked[end:]) or places[0].part or places[0].row):
        return True
    return bool(_SURELY_AMENDS.search(masked)) and (bool(places) or masked != text)


def _add_instruction(section: _Section, line: DocumentLine) -> None:
    if is_comparison(line) and section.instructions and is_comparison(section.instructions[-1][0][-1]):
        section.instructions[-1][0].append(line)
    else:
        section.instructions.append(([line], []))


def _split_supplement(lines: Sequence[DocumentLine]) -> tuple[int, tuple[DocumentLine, ...], tuple[DocumentLine, ...]]:
    """Return where the document's own supplementary provisions start, their lines, and the appendices after them."""
    starts = [n for n, line in enumerate(lines) if _SUPPLEMENT.match(line.normal) and not line.cells]
    if not starts:
        stated = next((n for n, line in enumerate(lines) if _STATES_EFFECT.match(line.normal) and not line.cells), None)
        if stated is None:
            return len(lines), (), ()
        return stated, (DocumentLine("附則", ""), *lines[stated:]), ()
    start = starts[-1]
    end = next(
        (
            n
            for n in range(start + 1, len(lines))
            if lines[n].cells or (_APPENDIX.match(lines[n].normal) and not lines[n].normal.endswith("。"))
        ),
        len(lines),
    )
    return start, tuple(lines[start:end]), tuple(lines[end:])


def _add_appendices(sections: Sequence[_Section], rest: Sequence[DocumentLine]) -> None:
    """Give new appendices printed after the supplementary provisions to the sentences that announce them.

    A comparison table there is read as one.
    """
    tables = [line for line in rest if is_comparison(line)]
    for line in tables:
        _add_instruction(sections[-1], line)
    pending = [one for section in sections for one in section.instructions if not one[1] and "次の" in one[0][0].normal]
    if not tables and pending:
        pending[-1][1].extend(rest)
    elif not tables and (announced := [one for section in sections for one in section.instructions]):
        announced[-1][1].extend(rest)


def _number_groups(section: _Section) -> list[Operation]:
    operations = list(section.operations)
    context, group = Address(), 0
    for lines, material in section.instructions:
        if is_comparison(lines[0]):
            group += 1
            operations += [replace(one, group=group) for one in read_comparison([*lines, *material])]
            continue
        sentences = _split_sentences(_LIST_NUMBER.sub("", lines[0].text))
        for n, sentence in enumerate(sentences):
            group += 1
            read, context = read_sentence(sentence, context)
            own = material if n == len(sentences) - 1 else []
            quotes = quotes_of([*lines, *own])
            operations += [replace(one, group=group, quotes=quotes) for one in _with_provisions(read, own)]
            operations += _unannounced(read, own, group)
    return operations


def _unannounced(operations: Sequence[Operation], material: Sequence[DocumentLine], group: int) -> list[Operation]:
    """Return an unread operation for each new provision after a sentence that announces none."""
    if any(one.action in _TAKES_PROVISIONS or one.problem for one in operations):
        return []
    return [
        Operation(
            Action.UNREAD,
            Address((provision.step,)),
            sentence=provision.content,
            quotes=provision.quotes,
            group=group,
            problem=_UNANNOUNCED,
        )
        for provision in parse_provisions(material).children
        if provision.step.kind != "行"
    ]


def _split_sentences(text: str) -> list[str]:
    """Return the sentences of a line; a full stop in quotation marks or brackets ends none."""
    sentences, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "「（(") - (character in "」）)")
        if character == "。" and depth <= 0:
            sentences.append(text[start : position + 1].strip())
            start = position + 1
    if text[start:].strip():
        sentences.append(text[start:].strip())
    return sentences


def _with_provisions(operations: Sequence[Operation], material: Sequence[DocumentLine]) -> list[Operation]:
    """Return the operations with the new provisions that follow their sentence; a sentence announces them once."""
    takers = [n for n, one in enumerate(operations) if one.action in _TAKES_PROVISIONS]
    result = list(operations)
    if not takers:
        return result
    provisions = parse_provisions(material).children
    if len(material) == 1 and _ALL_DELETED.match(material[0].normal):
        return [_as_deleted(one, provisions[0]) if one.action is Action.REPLACE else one for one in operations]
    for n in takers:
        operation = result[n]
        if len(takers) > 1:
            own = tuple(one for one in provisions if _belongs(operation, one, operations, n))
        else:
            own = provisions
        result[n] = _take(operation, own)
    return result


def _as_deleted(operation: Operation, text: Provision) -> Operation:
    """Return the replacement of one of several articles that are all 削除."""
    if not operation.place.steps or operation.place.steps[-1].kind != "条":
        return operation.with_problem(UNREADABLE)
    step = operation.place.steps[-1]
    paragraph = replace(text, step=Step("項", "1"), text="削除", label="", children=())
    return replace(
        operation, provisions=(Provision(step, format_step(step), children=(paragraph,), quotes=text.quotes),)
    )


def _belongs(operation: Operation, provision: Provision, operations: Sequence[Operation], n: int) -> bool:
    """Whether a new provision is that of one of several operations: by its number."""
    if operation.action is Action.REPLACE and operation.place.steps:
        return provision.step == operation.place.steps[-1]
    taken = {one.place.steps[-1] for one in operations if one.action is Action.REPLACE and one.place.steps}
    inserts = [k for k, one in enumerate(operations) if one.action is Action.INSERT]
    return provision.step not in taken and inserts == [n]


def _take(operation: Operation, own: tuple[Provision, ...]) -> Operation:
    if not own:
        return operation.with_problem(_MISSING)
    place = operation.place
    if operation.action is Action.APPEND_SENTENCE or (place.part and place.part != "各号"):
        if len(own) != 1 or own[0].children:
            return operation.with_problem(UNREADABLE)
        return replace(operation, provisions=own, new=own[0].caption or own[0].text)
    if operation.action is Action.INSERT and operation.new and operation.old in {"条", "項", "号"}:
        counted = [one for one in own if one.step.kind == operation.old]
        if len(counted) != int(operation.new) or len(counted) != len(own):
            return operation.with_problem(_WRONG_NUMBER)
    if operation.action is Action.REPLACE and place.steps[-1:] and own[0].step.kind == "行":
        own = _as_place(place, own)
    return replace(operation, provisions=own)


def _as_place(place: Address, own: tuple[Provision, ...]) -> tuple[Provision, ...]:
    """Return new text without a number as the first paragraph that it replaces."""
    step = place.steps[-1]
    if step.kind == "項" and step.number == "1" and all(one.step.kind == "号" for one in own[1:]):
        return (replace(own[0], step=step, children=(*own[0].children, *own[1:])),)
    return own
