"""Reads an amending document: which documents it amends, by which operations, and its supplementary provisions."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from ingest.japanese import nfkc
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.provisions.addresses import BRANCH, COUNT, Address, Step, read_addresses
from ingest.provisions.clauses import UNREADABLE, mask_quotations, read_sentence
from ingest.provisions.comparison_tables import is_comparison, read_comparison
from ingest.provisions.document_lines import DocumentLine, quotes_of
from ingest.provisions.operations import Action, AmendedText, AmendmentOperation
from ingest.provisions.provisions import Provision, parse_provisions

_ARTICLE = rf"第{COUNT}条{BRANCH}"
_TITLE = r"(?P<title>[^、。「」]+?)"
# (令和6年告示第12号), also with brackets in it
_NUMBER_OF_DOCUMENT = r"(?P<number>\([^()]*(?:\([^()]*\)[^()]*)*\))?"
_AS_FOLLOWS = r"(?:、?次の?[^。]{0,16}(?:ように|とおりに?)|[^。]{0,24}?)"
# 第1条 X要綱(令和6年告示第12号)の一部を次のように改正する。
_INTRODUCTION = re.compile(
    rf"^(?P<article>{_ARTICLE})?(?:\([^()]*\))?\s*{_TITLE}{_NUMBER_OF_DOCUMENT}"
    rf"の?(?P<extent>一部|全部)を{_AS_FOLLOWS}(?:改正する|改める)。$"
)
_REPEAL = re.compile(rf"^(?:\d+\s+)?{_TITLE}{_NUMBER_OF_DOCUMENT}(?:は、?|を)廃止する。")
_SUPPLEMENT = re.compile(r"^附\s?則(?:\s*\(.*\))?$")
# Without 附則, the sentence that states the day of effect: 3 この改正は、令和8年4月1日から施行する。
_STATES_EFFECT = re.compile(r"^(?:\d+[\s.．])?\s*(?:この|本)[^、。]{1,30}は、?[^。]*から(?:施行|実施|適用)する。?")
_BEGINS_APPENDIX = re.compile(rf"^(?:(?:別表|別記|別紙)|(?:別記)?様式|第{COUNT}号様式).*(?<!。)$")
_ARTICLE_LINE = re.compile(rf"^(?P<article>{_ARTICLE})(?:\s*\([^()]*\))?$")
# What follows the reference of an amending sentence; in a provision itself its text or caption follows.
_AFTER_PLACE = re.compile(
    r"^(?:\(見出しを含む。?\))?(?:の規定)?"
    r"(?:中|のうち|を|の次に|の前に|に(?:次の|後段|ただし書|見出し)|の見出し|[^、。]{1,20}(?:の項|中)|以下を|の改正規定)"
)
_ENDS_AMENDMENT = re.compile(r"(?:改める|加える|付する|削る|とする|繰り?下げる|繰り?上げる)。$")
# とする ends other sentences, too.
_SURELY_AMENDS = re.compile(r"(?:改める|加える|付する|削る|繰り?下げる|繰り?上げる)。$")
# A new provision itself: its number, and its caption or text after a space.
_IS_PROVISION = re.compile(
    rf"^(?:{_ARTICLE}(?:\s|\((?!見出しを含む)|$)"
    rf"|\d{{1,2}}\s|\(\d{{1,2}}\)|[ア-ン]\s|[{KANJI_ONE_TO_TEN}]+\s)"
)
# The number of an amending sentence in a list, before its reference.
_LIST_NUMBER = re.compile(
    r"^(?:\(\d{1,2}\)|\d{1,2}(?=[\s.．])|[ア-ン](?=\s)|[①-⑳])[.．\s]*(?=第|別表|附則|題名|様式|「|同|本則)"
)
# 次の表中下線の表示部分については、改正前の欄の当該部分を改正後の欄の当該部分に改める。
_INTRODUCES_TABLE = re.compile(
    r"^(?:次の|下記の|以下の)(?:新旧対照)?表(?:中|の).*(?:改正前|改正後|[下傍]線|欄).*改める。$"
)
_IS_TITLE = re.compile(r"^[^第(、。「」][^、。「」]*(?:条例|規則|要綱|要領|規程|基準|規約|要項)$")
_TAKES_PROVISIONS = frozenset({Action.REPLACE, Action.INSERT, Action.APPEND_SENTENCE})
# Lines at the start of a document without an introduction that may state its promulgation.
_OPENING_LINES = 3
_MAX_INTRODUCTION = 400
# Lines at the start of a document in which it says that it replaces another one.
_OPENING_LINES_OF_REVISION = 12
_NEW_TITLE = re.compile(r"題名を「([^」]+)」に改め")
_UNANNOUNCED = "改正文のない規定が置かれています"
_MISSING = "改正後の規定の文がありません"
_SEVERAL = "一つの文で二つ以上の規定を加え、または改めるため、どの文がどれのものか読み取れません"
_WRONG_NUMBER = "加える規定の数が改正文と合いません"


@dataclass(frozen=True, slots=True)
class AmendingDocument:
    """The amended texts of an amending document, the lines before them, and those of its supplementary provisions."""

    texts: tuple[AmendedText, ...]
    opening: tuple[DocumentLine, ...]
    supplement: tuple[DocumentLine, ...]


@dataclass(slots=True)
class _Instruction:
    """An amending sentence, or the rows of a comparison table, and the lines of new provisions after it."""

    lines: list[DocumentLine]
    new_lines: list[DocumentLine] = field(default_factory=list)


@dataclass(slots=True)
class _Section:
    """The part of the document that amends one other document."""

    title: str = ""
    article: str = ""
    instructions: list[_Instruction] = field(default_factory=list)
    repeals: list[AmendmentOperation] = field(default_factory=list)

    def add_instruction(self, line: DocumentLine) -> None:
        if is_comparison(line) and self.instructions and is_comparison(self.instructions[-1].lines[-1]):
            self.instructions[-1].lines.append(line)
        else:
            self.instructions.append(_Instruction([line]))


def read_amending_document(lines: Sequence[DocumentLine], title: str = "") -> AmendingDocument:
    """Return the amendments in the lines of an amending document with this title."""
    introductions = ((n, _introduction(line)) for n, line in enumerate(lines))
    first, introduction = next(((n, match) for n, match in introductions if match), (None, None))
    body, supplement, appendices = _split_supplement(lines)
    if (introduction and introduction["extent"] == "全部") or "全部を改正" in nfkc(title):
        return _read_replacement(lines, first, title, supplement)
    opening, sections = _split_sections(body)
    _add_appendices(sections, appendices)
    texts = tuple(
        AmendedText(section.title, tuple(_read_operations(section)), section.article)
        for section in sections
        if section.instructions or section.repeals
    )
    return AmendingDocument(texts, tuple(opening), supplement)


def read_named_titles(lines: Sequence[DocumentLine], *, is_whole: bool) -> list[str]:
    """Return the titles that introductions name; with `is_whole` only those of whole revisions at the beginning."""
    lines = lines[:_OPENING_LINES_OF_REVISION] if is_whole else lines
    found = [_introduction(line) for line in lines if "改" in line.text and len(line.text) <= _MAX_INTRODUCTION]
    return [match["title"].strip() for match in found if match and (match["extent"] == "全部" or not is_whole)]


def read_new_titles(lines: Sequence[DocumentLine]) -> list[str]:
    """Return the titles that an amending document gives (題名を「…」に改める, or after 題名を次のように改める)."""
    texts = [line.normal for line in lines if len(line.text) <= _MAX_INTRODUCTION]
    quoted = (match[1] for match in map(_NEW_TITLE.match, texts) if match)
    return [*quoted, *(following for text, following in pairwise(texts) if text.startswith("題名を次の"))]


def is_instruction(text: str) -> bool:
    """Whether a normalised line is an amending sentence, and not the text of a new provision."""
    text = _LIST_NUMBER.sub("", text)
    without_spaces = text.replace(" ", "")
    masked, _ = mask_quotations(without_spaces)
    if not _ENDS_AMENDMENT.search(masked) or _INTRODUCES_TABLE.match(without_spaces):
        return False
    if text.startswith("「"):
        return True
    if _IS_PROVISION.match(text):
        return False
    places, end = read_addresses(masked, Address())
    if places and (_AFTER_PLACE.match(masked[end:]) or places[0].part or places[0].row):
        return True
    return bool(_SURELY_AMENDS.search(masked)) and (bool(places) or masked != without_spaces)


def _split_sections(lines: Iterable[DocumentLine]) -> tuple[list[DocumentLine], list[_Section]]:
    """Return the lines before all amendments, and the sections."""
    opening, sections = list[DocumentLine](), list[_Section]()
    for line in lines:
        section = sections[-1] if sections else _Section()
        preceding = section.instructions[-1].new_lines if section.instructions else opening
        if introduction := _introduction(line):
            article = introduction["article"] or ""
            if not article and preceding and (own := _ARTICLE_LINE.match(preceding[-1].normal)):
                article = own["article"]
                del preceding[-1]
            sections.append(_Section(introduction["title"].strip(), article))
        elif not line.cells and (match := _REPEAL.match(line.normal)):
            repeal = AmendmentOperation(Action.REPEAL, sentence=line.text, quotes=quotes_of([line]))
            sections.append(_Section(match["title"].strip(), repeals=[repeal]))
        elif is_comparison(line) or is_instruction(line.normal):
            sections += [] if sections else [section]
            section.add_instruction(line)
        else:
            preceding.append(line)
    return opening, sections


def _introduction(line: DocumentLine) -> re.Match[str] | None:
    match = _INTRODUCTION.match(line.normal) if not line.cells else None
    return match if match and not read_addresses(match["title"], Address())[0] else None


def _read_replacement(
    lines: Sequence[DocumentLine], first: int | None, title: str, supplement: tuple[DocumentLine, ...]
) -> AmendingDocument:
    """Return a document that replaces another one as a whole; its own text is the new one.

    `first` is the position of its introduction, None if it has none.
    """
    body = lines if first is None else lines[first + 1 :]
    is_titled = bool(body) and bool(_IS_TITLE.search(body[0].normal)) and not body[0].cells
    introduction = lines[first or 0] if lines else DocumentLine("", "")
    match = _introduction(introduction)
    operation = AmendmentOperation(
        Action.REPLACE_ALL,
        new=body[0].text if is_titled else "" if "改正" in title else title,
        provisions=(parse_provisions(body),),
        sentence=introduction.text,
        quotes=quotes_of([introduction]),
    )
    replaced = match["title"].strip() if match else re.sub(r"の全部を改正.*$", "", nfkc(title))
    opening = lines[: _OPENING_LINES if first is None else first]
    return AmendingDocument((AmendedText(replaced, (operation,)),), tuple(opening), supplement)


def _split_supplement(
    lines: Sequence[DocumentLine],
) -> tuple[Sequence[DocumentLine], tuple[DocumentLine, ...], Sequence[DocumentLine]]:
    """Return the lines before the document's own supplementary provisions, theirs, and the appendices after them."""
    starts = [n for n, line in enumerate(lines) if _SUPPLEMENT.match(line.normal) and not line.cells]
    if starts:
        start, end = starts[-1], starts[-1] + 1
        while end < len(lines) and not (lines[end].cells or _BEGINS_APPENDIX.match(lines[end].normal)):
            end += 1
        return lines[:start], tuple(lines[start:end]), lines[end:]
    stating = (n for n, line in enumerate(lines) if _STATES_EFFECT.match(line.normal) and not line.cells)
    start = next(stating, len(lines))
    return lines[:start], (DocumentLine("附則", ""), *lines[start:]) if start < len(lines) else (), ()


def _add_appendices(sections: Sequence[_Section], lines: Sequence[DocumentLine]) -> None:
    tables = [line for line in lines if is_comparison(line)]
    for line in tables if sections else ():
        sections[-1].add_instruction(line)
    instructions = [instruction for section in sections for instruction in section.instructions]
    if tables or not instructions:
        return
    announcing = [item for item in instructions if not item.new_lines and "次の" in item.lines[0].normal]
    (announcing or instructions)[-1].new_lines.extend(lines)


def _read_operations(section: _Section) -> Iterator[AmendmentOperation]:
    yield from section.repeals
    context, group = Address(), 0
    for instruction in section.instructions:
        if is_comparison(instruction.lines[0]):
            group += 1
            table = [*instruction.lines, *instruction.new_lines]
            yield from (replace(operation, group=group) for operation in read_comparison(table))
            continue
        sentences = _split_sentences(_LIST_NUMBER.sub("", instruction.lines[0].text))
        for n, sentence in enumerate(sentences, 1):
            group += 1
            operations, context = read_sentence(sentence, context)
            new_lines = instruction.new_lines if n == len(sentences) else []
            quotes = quotes_of([*instruction.lines, *new_lines])
            for operation in _with_provisions(operations, parse_provisions(new_lines).children):
                yield replace(operation, group=group, quotes=quotes)


def _split_sentences(text: str) -> list[str]:
    sentences, depth, start = list[str](), 0, 0
    for position, character in enumerate(text):
        depth += (character in "「（(") - (character in "」）)")
        if character == "。" and depth <= 0:
            sentences.append(text[start : position + 1])
            start = position + 1
    return list(filter(None, map(str.strip, [*sentences, text[start:]])))


def _with_provisions(
    operations: Sequence[AmendmentOperation], provisions: tuple[Provision, ...]
) -> Iterator[AmendmentOperation]:
    """Yield the operations of a sentence, the one that takes the provisions after it with them."""
    takers = [operation for operation in operations if operation.action in _TAKES_PROVISIONS]
    for operation in operations:
        if operation not in takers:
            yield operation
        else:
            yield _take(operation, provisions) if len(takers) == 1 else replace(operation, problem=_SEVERAL)
    if takers or any(operation.problem for operation in operations):
        return
    for provision in (provision for provision in provisions if provision.step.kind != "行"):
        place = Address((provision.step,))
        yield AmendmentOperation(Action.UNREAD, place, sentence=provision.content, problem=_UNANNOUNCED)


def _take(operation: AmendmentOperation, provisions: tuple[Provision, ...]) -> AmendmentOperation:
    if not provisions:
        return replace(operation, problem=_MISSING)
    place = operation.place
    first = provisions[0]
    if operation.action is Action.APPEND_SENTENCE or place.part:
        if len(provisions) != 1 or first.children:
            return replace(operation, problem=UNREADABLE)
        return replace(operation, provisions=provisions, new=first.caption or first.text)
    if operation.action is Action.INSERT and operation.new and operation.old in {"条", "項", "号"}:
        announced = sum(provision.step.kind == operation.old for provision in provisions)
        if not announced == int(operation.new) == len(provisions):
            return replace(operation, problem=_WRONG_NUMBER)
    is_paragraph = operation.action is Action.REPLACE and place.steps[-1:] == (Step("項", "1"),)
    others = provisions[1:]
    if is_paragraph and first.step.kind == "行" and all(provision.step.kind == "号" for provision in others):
        provisions = (replace(first, step=place.steps[-1], children=(*first.children, *others)),)
    return replace(operation, provisions=provisions)
