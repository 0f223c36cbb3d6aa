"""Reads a comparison table (新旧対照表): provisions in two columns, before and after, become operations."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import takewhile

from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.lexicon import any_of
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.provisions.addresses import BRANCH, COUNT, Address, Step
from ingest.provisions.document_lines import DocumentLine, quotes_of
from ingest.provisions.operations import Action, AmendmentOperation
from ingest.provisions.provisions import Provision, equal_text, parse_provisions

_NEW = re.compile(r"^(?:改正後|改正案|新|変更後|改定後|新条文)(?:の?(?:案|欄|条文|規定))?$")
_OLD = re.compile(r"^(?:改正前|現行|旧|変更前|改定前|旧条文)(?:の?(?:欄|条文|規定|要綱|規則|条例))?$")
_OMITTED = re.compile(r"^[(\[〔]?\s*(?:略|同左|同右|省略)\s*[)\]〕]?$")
_OMITTED_RANGE = re.compile(r"^[\s\d第条項号の()・、~\-からまでア-ン及び]+[(\[〔]\s*(?:略|同左|省略)\s*[)\]〕]$")
_RANGE = re.compile(r"[・~\-]|から|及び|、")
_ABSENT = re.compile(r"^[(\[〔]?\s*(?:新設|削除|削る|なし|-|―)?\s*[)\]〕]?$")
# Before these marks in a table cell, whose line breaks the readers replace, a provision begins.
_SPACE = r"[\s　]+"
_PARAGRAPH_NUMBERS = r"\d{1,2}(?:(?:[・~～、]|から|及び)\d{1,2}(?:まで)?)*[\s　]"
_CAPTION_OF_ARTICLE = rf"[(（][^()（）\d]{{1,30}}[)）][\s　]*第{COUNT}条"
_ARTICLE = rf"第{COUNT}条{BRANCH}[\s　(（]"
_ITEM = rf"(?:[(（]\d{{1,2}}[)）]|[ア-ン](?=[\s　])|[(（][ア-ン][)）]|[{KANJI_ONE_TO_TEN}]+(?=[\s　]))"
_APPENDIX = rf"(?:別表第?{COUNT}?[\s　(（]|附[\s　]?則(?:[\s　]|$))"
_BETWEEN_PROVISIONS = re.compile(
    any_of(
        (
            rf"(?:(?<=[。)）略除設則])|^){_SPACE}(?={_PARAGRAPH_NUMBERS})",
            rf"(?<![\s　]){_SPACE}(?={_CAPTION_OF_ARTICLE}|{_ARTICLE}|[(（]新設[)）]|{_ITEM}|{_APPENDIX})",
            rf"(?<=[。)）]){_SPACE}(?=[(（](?:削除|削る)[)）])",
        )
    )
)
_UNPLACED = "新旧対照表のどの規定か読み取れません"
# Operations are applied on the numbering before the amendment: text first, then deletions, new numbers and insertions.
_ORDER = {
    Action.REPLACE_TEXT: 0,
    Action.REPLACE_WORDS: 0,
    Action.DELETE: 1,
    Action.RENUMBER: 2,
    Action.INSERT: 3,
    Action.UNREAD: 4,
}


def is_comparison(line: DocumentLine) -> bool:
    """Whether a line is a row of a comparison table."""
    return bool(line.cells) and _find_columns(line) is not None


def read_comparison(rows: Sequence[DocumentLine]) -> list[AmendmentOperation]:
    """Return the operations that a comparison table describes, on the numbering before it."""
    sides: tuple[list[DocumentLine], list[DocumentLine]] = [], []
    above = ["", ""]
    for row in rows:
        columns = _find_columns(row) if row.cells != row.columns else None
        for n, column in enumerate(columns or ()):
            text = row.cells[column] if column < len(row.cells) else ""
            # Readers repeat the cell above in an empty one.
            sides[n].extend(_cell_lines(row, text) if text != above[n] else ())
            above[n] = text
    old, new = map(parse_provisions, sides)
    normal_rows = [(row, normalise_without_spaces(row.text)) for row in rows]

    def with_source(operation: AmendmentOperation) -> AmendmentOperation:
        words = [operation.old, operation.new]
        words += [line for provision in operation.provisions for line in provision.content.splitlines()[:1]]
        needles = [normalise_without_spaces(word) for word in words if word]
        sources = [row for row, normal in normal_rows if any(needle in normal for needle in needles)] or rows
        return replace(operation, sentence="\n".join(row.text for row in sources), quotes=quotes_of(sources))

    operations = sorted(_compare(old, new, Address()), key=lambda item: _ORDER[item.action])
    return [with_source(operation) for operation in operations]


def _find_columns(line: DocumentLine) -> tuple[int, int] | None:
    """Return the columns with the text before and after, None for a table of another kind.

    Readers leave out a column whose cell is empty; its position is then after all cells.
    """
    count = len(line.columns)
    names = [re.sub(r"\([^()]*\)", "", normalise_without_spaces(name)) for name in line.columns]
    old, new = (next((n for n, name in enumerate(names) if kind.match(name)), count) for kind in (_OLD, _NEW))
    is_incomplete = count in {old, new} and count > 1
    return None if old == new or is_incomplete else (old, new)


def _cell_lines(row: DocumentLine, text: str) -> Iterator[DocumentLine]:
    for line in _BETWEEN_PROVISIONS.split(text.replace("<br>", "\n").replace("\n", "　")):
        normal = nfkc(line).strip()
        if normal and not (_ABSENT.match(normal) or (_OMITTED_RANGE.match(normal) and _RANGE.search(normal))):
            yield replace(row, text=line, cells=(), columns=())


def _is_omission(text: str) -> bool:
    return bool(_OMITTED.match(nfkc(text).strip()))


def _is_omitted(provision: Provision) -> bool:
    return _is_omission(provision.text or "".join(child.text for child in provision.children))


def _compare(old: Provision, new: Provision, place: Address) -> Iterator[AmendmentOperation]:
    pairs = _pair_children(old.children, new.children)
    moves = list[tuple[Address, Step]]()
    for old_child, new_child in pairs:
        if old_child.step.kind == "行":
            is_same = equal_text(old_child.text, new_child.text) or _is_omitted(old_child) or _is_omitted(new_child)
            if not is_same:
                problem = "" if place.steps else _UNPLACED
                yield AmendmentOperation(Action.REPLACE_WORDS, place, old_child.text, new_child.text, problem=problem)
            continue
        address = Address((*place.steps, old_child.step))
        yield from _compare_own_text(old_child, new_child, address)
        yield from _compare(old_child, new_child, address)
        if old_child.step != new_child.step:
            moves.append((address, new_child.step))
    paired = {provision.key for pair in pairs for provision in pair}
    for provision in (child for child in old.children if child.key not in paired):
        address = Address((*place.steps, provision.step))
        if provision.step.kind == "行":
            yield AmendmentOperation(Action.UNREAD, place, old=provision.text, problem=_UNPLACED)
        else:
            yield AmendmentOperation(Action.DELETE, address, old=provision.own_content)
    if moves:
        yield AmendmentOperation(Action.RENUMBER, moves[0][0], moves=tuple(moves))
    for provision in (child for child in new.children if child.key not in paired):
        yield _insert(provision, new.children, place)


def _compare_own_text(old: Provision, new: Provision, address: Address) -> Iterator[AmendmentOperation]:
    if old.caption and new.caption and not equal_text(old.caption, new.caption):
        yield AmendmentOperation(Action.REPLACE_TEXT, replace(address, part="見出し"), old.caption, new.caption)
    if equal_text(old.text, new.text) or _is_omission(new.text):
        return
    problem = _UNPLACED if _is_omission(old.text) else ""
    yield AmendmentOperation(Action.REPLACE_TEXT, address, old.text, new.text, problem=problem)


def _insert(provision: Provision, siblings: Sequence[Provision], place: Address) -> AmendmentOperation:
    if provision.step.kind == "行" or (_is_omitted(provision) and not provision.children[1:]):
        return AmendmentOperation(Action.UNREAD, place, new=provision.text, problem=_UNPLACED)
    preceding = takewhile(lambda sibling: sibling.key != provision.key, siblings)
    anchors = [sibling for sibling in preceding if sibling.step.kind == provision.step.kind]
    if not anchors:
        return AmendmentOperation(Action.INSERT, place, provisions=(provision,))
    anchor = Address((*place.steps, anchors[-1].step))
    return AmendmentOperation(Action.INSERT, anchor, provisions=(provision,), position="after")


def _pair_children(old: Sequence[Provision], new: Sequence[Provision]) -> list[tuple[Provision, Provision]]:
    """Return the provisions of both columns that belong together: by number if all have the same, else by text first.

    So new numbers are recognised.
    """
    if [provision.step for provision in old] == [provision.step for provision in new]:
        return list(zip(old, new, strict=True))
    old_keys, new_keys = ([_text_key(provision) for provision in side] for side in (old, new))
    matcher = SequenceMatcher(None, old_keys, new_keys, autojunk=False)
    pairs = [
        (block.a + offset, block.b + offset) for block in matcher.get_matching_blocks() for offset in range(block.size)
    ]
    old_positions = {provision.step: n for n, provision in enumerate(old)}
    old_paired, new_paired = {n for n, _ in pairs}, {n for _, n in pairs}
    for new_position, provision in enumerate(new):
        same = old_positions.get(provision.step)
        if new_position in new_paired or same is None or same in old_paired:
            continue
        if all((same < old_position) == (new_position < position) for old_position, position in pairs):
            pairs.append((same, new_position))
    return [(old[old_position], new[new_position]) for old_position, new_position in pairs]


def _text_key(provision: Provision) -> str:
    text = provision.text + provision.caption + "".join(child.content for child in provision.children)
    return normalise_without_spaces(text) or provision.step.number
