"""Reads a comparison table (新旧対照表): provisions in two columns, before and after, become operations."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import takewhile

from ingest.errors import LimitExceededError
from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.word_differences import has_few_equal_pairs
from ingest.provisions.addresses import COUNT, Address, Step, read_addresses
from ingest.provisions.document_lines import DocumentLine, quotes_of, split_cell
from ingest.provisions.operations import Action, AmendmentOperation, Position, collect_operations
from ingest.provisions.provisions import Provision, equal_text, parse_provisions

_NEW_COLUMN = re.compile(
    r"^(?:改正後|改正案|新|変更後|改定後|新条文|新\(改正後\))(?:\(?案?\)?)?(?:の?(?:欄|条文|規定))?$"
)
_OLD_COLUMN = re.compile(
    r"^(?:改正前|現行|旧|変更前|改定前|旧条文|旧\(改正前\))(?:\(?現行\)?)?(?:の?(?:欄|条文|規定|要綱|規則|条例))?$"
)
_OMITTED = re.compile(r"^[(\[〔]?\s*(?:略|同左|同右|省略)\s*[)\]〕]?$")
_OMITTED_RANGE = re.compile(r"^[\s\d第条項号の()・、~\-からまでア-ン及び]+[(\[〔]\s*(?:略|同左|省略)\s*[)\]〕]$")
_RANGE = re.compile(r"[・~\-]|から|及び|、")
_ABSENT = re.compile(r"^[(\[〔]?\s*(?:新設|削除|削る|なし|-|―)?\s*[)\]〕]?$")
_ARTICLE = re.compile(rf"\s*(?:[(（].{{1,30}}[)）]\s*)?第{COUNT}条")
_UNPLACED = "新旧対照表のどの規定か読み取れません"
_TOO_LARGE = "新旧対照表が大きすぎて、改正前と改正後の規定を対応させられません"
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
    body = [row for row in rows if row.cells != row.columns]
    operations = list[AmendmentOperation]()
    old_lines, new_lines = list[DocumentLine](), list[DocumentLine]()
    old_above, new_above = "", ""
    for row in body:
        if (columns := _find_columns(row)) is None:
            continue
        old_text, new_text = (row.cells[column] if column < len(row.cells) else "" for column in columns)
        others = (cell for n, cell in enumerate(row.cells) if n not in columns and cell.strip())
        named = next((place for place in map(_read_only_address, others) if place and place.steps), None)
        if referenced := _compare_referenced(old_text.strip(), new_text.strip(), named):
            operations.append(referenced)
            continue
        # Readers repeat the cell above in an empty one.
        old_lines += _cell_lines(row, old_text, named) if old_text != old_above else ()
        new_lines += _cell_lines(row, new_text, named) if new_text != new_above else ()
        old_above, new_above = old_text, new_text
    operations += collect_operations(_compare(parse_provisions(old_lines), parse_provisions(new_lines), Address()))
    operations.sort(key=lambda operation: _ORDER[operation.action])
    body_text = "\n".join(row.text for row in body)
    normal_rows = [(row, normalise_without_spaces(row.text)) for row in rows]

    def with_source(operation: AmendmentOperation) -> AmendmentOperation:
        words = [operation.old, operation.new]
        words += [line for provision in operation.provisions for line in provision.content.splitlines()[:1]]
        needles = [normalise_without_spaces(word) for word in words if word]
        sources = [row for row, normal in normal_rows if any(needle in normal for needle in needles)]
        sentence = "\n".join(row.text for row in sources) or body_text
        return replace(operation, sentence=sentence, quotes=quotes_of(sources) or quotes_of(rows))

    return [with_source(operation) for operation in collect_operations(operations)]


def _find_columns(line: DocumentLine) -> tuple[int, int] | None:
    """Return the columns with the text before and after, None for a table of another kind.

    Readers leave out a column whose cell is empty; its position is then after all cells.
    """
    count = len(line.columns)
    new = next((n for n, name in enumerate(line.columns) if _is_named(name, _NEW_COLUMN)), count)
    old = next((n for n, name in enumerate(line.columns) if _is_named(name, _OLD_COLUMN)), count)
    is_incomplete = count in {old, new} and count > 1
    return None if old == new or is_incomplete else (old, new)


def _is_named(name: str, pattern: re.Pattern[str]) -> bool:
    """Whether a column has a name of this kind, also with a second name in brackets: 改正後(新)."""
    normal = normalise_without_spaces(name)
    return bool(pattern.match(normal) or pattern.match(re.sub(r"\([^()]*\)", "", normal)))


def _compare_referenced(old: str, new: str, named: Address | None) -> AmendmentOperation | None:
    """Return the change of the part of an article that another column or a reference in both cells names.

    None if a cell begins with the number of a provision, as printed in the document.
    """
    (old_place, old), (new_place, new) = _split_reference(old), _split_reference(new)
    if named and len(named.steps) > 1 and named.steps[0].kind == "条":
        old_place = new_place = named
    place = old_place or new_place
    if place is None:
        return None
    if old_place != new_place or _is_omission(old) or _is_omission(new) or not (old and new):
        return AmendmentOperation(Action.UNREAD, place, old, new, problem=_UNPLACED)
    return AmendmentOperation(Action.REPLACE_TEXT, place, old, new)


def _split_reference(text: str) -> tuple[Address | None, str]:
    reference, *remainder = re.split(r"[\s　]+", text, maxsplit=1)
    place = _read_only_address(reference)
    is_reference = place is not None and len(place.steps) > 1 and not place.row
    if remainder and place and is_reference and place.steps[0].kind in {"条", "附則"}:
        return place, remainder[0]
    return None, text


def _read_only_address(text: str) -> Address | None:
    normal = nfkc(text).replace(" ", "")
    places, end = read_addresses(normal, Address())
    return places[0] if len(places) == 1 and end == len(normal) else None


def _cell_lines(row: DocumentLine, text: str, named: Address | None) -> list[DocumentLine]:
    if text.strip() and named and named.steps[0].kind == "条" and not _ARTICLE.match(text):
        text = f"{named.text}　{text}"
    lines = split_cell(text)
    normals = (nfkc(line).strip() for line in lines)
    return [
        replace(row, text=line, cells=(), columns=())
        for line, normal in zip(lines, normals, strict=True)
        if not (_ABSENT.match(normal) or (_OMITTED_RANGE.match(normal) and _RANGE.search(normal)))
    ]


def _is_omission(text: str) -> bool:
    return bool(_OMITTED.match(nfkc(text).strip()))


def _is_omitted(provision: Provision) -> bool:
    return _is_omission(provision.text or "".join(child.text for child in provision.children))


def _compare(old: Provision, new: Provision, place: Address) -> Iterator[AmendmentOperation]:
    pairs = _pair_children(old.children, new.children)
    moves = list[tuple[Address, Step]]()
    for old_child, new_child in pairs:
        if old_child.step.kind == "行":
            yield from _compare_lines(old_child, new_child, place)
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


def _compare_lines(old: Provision, new: Provision, place: Address) -> Iterator[AmendmentOperation]:
    cells = _compare_cells(old.text, new.text, place)
    if cells is not None:
        yield from cells
    elif not equal_text(old.text, new.text) and not (_is_omitted(old) or _is_omitted(new)):
        problem = "" if place.steps else _UNPLACED
        yield AmendmentOperation(Action.REPLACE_WORDS, place, old.text, new.text, problem=problem)


def _compare_cells(old: str, new: str, place: Address) -> list[AmendmentOperation] | None:
    old_cells, new_cells = (re.split(r"[\s　]+", text.strip()) for text in (old, new))
    is_row = len(old_cells) == len(new_cells) > 1 and equal_text(old_cells[0], new_cells[0]) and "。" not in old + new
    if not place.steps or not is_row:
        return None
    row = replace(place, row=old_cells[0])
    pairs = zip(old_cells[1:], new_cells[1:], strict=True)
    return [
        AmendmentOperation(Action.REPLACE_WORDS, row, old_cell, new_cell)
        for old_cell, new_cell in pairs
        if not equal_text(old_cell, new_cell)
    ]


def _compare_table(old: str, new: str, address: Address) -> list[AmendmentOperation] | None:
    old_lines, new_lines = old.split("\n"), new.split("\n")
    if len(old_lines) != len(new_lines) or len(old_lines) == 1:
        return None
    operations = list[AmendmentOperation]()
    for old_line, new_line in zip(old_lines, new_lines, strict=True):
        changes = [] if equal_text(old_line, new_line) else _compare_cells(old_line, new_line, address)
        if changes is None:
            return None
        operations += changes
    return operations


def _compare_own_text(old: Provision, new: Provision, address: Address) -> Iterator[AmendmentOperation]:
    if old.caption and new.caption and not equal_text(old.caption, new.caption):
        yield AmendmentOperation(Action.REPLACE_TEXT, replace(address, part="見出し"), old.caption, new.caption)
    if equal_text(old.text, new.text) or _is_omission(new.text):
        return
    if _is_omission(old.text):
        yield AmendmentOperation(Action.UNREAD, address, new=new.text, problem=_UNPLACED)
        return
    cells = _compare_table(old.text, new.text, address)
    yield from [AmendmentOperation(Action.REPLACE_TEXT, address, old.text, new.text)] if cells is None else cells


def _insert(provision: Provision, siblings: Sequence[Provision], place: Address) -> AmendmentOperation:
    if provision.step.kind == "行" or (_is_omitted(provision) and not provision.children[1:]):
        return AmendmentOperation(Action.UNREAD, place, new=provision.text, problem=_UNPLACED)
    preceding = takewhile(lambda sibling: sibling.key != provision.key, siblings)
    anchors = [sibling for sibling in preceding if sibling.step.kind == provision.step.kind]
    if not anchors:
        return AmendmentOperation(Action.INSERT, place, provisions=(provision,))
    anchor = Address((*place.steps, anchors[-1].step))
    return AmendmentOperation(Action.INSERT, anchor, provisions=(provision,), position=Position.AFTER)


def _pair_children(old: Sequence[Provision], new: Sequence[Provision]) -> list[tuple[Provision, Provision]]:
    """Return the provisions of both columns that belong together: by number if all have the same, else by text first.

    So new numbers are recognised.
    """
    if [provision.step for provision in old] == [provision.step for provision in new]:
        return list(zip(old, new, strict=True))
    old_keys, new_keys = ([_text_key(provision) for provision in side] for side in (old, new))
    if not has_few_equal_pairs(old_keys, new_keys):
        raise LimitExceededError(_TOO_LARGE)
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
