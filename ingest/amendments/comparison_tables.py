"""Reads a comparison table (新旧対照表): provisions in two columns, before and after, become operations."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ingest.amendments.addresses import COUNT, Address, Step, format_step, read_addresses
from ingest.amendments.document_lines import DocumentLine, quotes_of, split_cell
from ingest.amendments.operations import Action, AmendmentOperation, Position, collect_operations
from ingest.amendments.provisions import Provision, equal_text, parse_provisions
from ingest.errors import LimitExceededError
from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.word_differences import has_few_equal_pairs

_NEW_COLUMN = re.compile(
    r"^(?:改正後|改正案|新|変更後|改定後|新条文|新\(改正後\))(?:\(?案?\)?)?(?:の?(?:欄|条文|規定))?$"
)
_OLD_COLUMN = re.compile(
    r"^(?:改正前|現行|旧|変更前|改定前|旧条文|旧\(改正前\))(?:\(?現行\)?)?(?:の?(?:欄|条文|規定|要綱|規則|条例))?$"
)
_OMITTED = re.compile(r"^[(\[〔]?\s*(?:略|同左|同右|省略)\s*[)\]〕]?$")
_OMITTED_RANGE = re.compile(r"^[\s\d第条項号の()・、~\-からまでア-ン及び]+[(\[〔]\s*(?:略|同左|省略)\s*[)\]〕]$")
_RANGE = re.compile(r"[・~\-]|から|及び|、")
_OMISSION_WITHIN = re.compile(r"[(（\[［〔]略[)）\]］〕]|…+")
_ABSENT = re.compile(r"^[(\[〔]?\s*(?:新設|削除|削る|なし|-|―)?\s*[)\]〕]?$")
_ARTICLE = re.compile(rf"\s*(?:[(（].{{1,30}}[)）]\s*)?第{COUNT}条")
_CELL_SEPARATOR = re.compile(r"[\t　]")
_UNPLACED = "新旧対照表のどの規定か読み取れません"
# Share of equal characters from which on two provisions with different numbers are the same provision.
_MIN_SIMILARITY = 0.75
# Characters of the provisions in one column only, times those in the other.
_MAX_CHARACTER_PAIRS = 50_000_000
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
        if referenced := _compare_referenced(row, columns):
            operations.append(referenced)
            continue
        steps = _named_steps(row, columns)
        old_text, new_text = _texts(row, columns)
        # Readers repeat the cell above in an empty one.
        old_lines += _cell_lines(row, old_text, steps) if old_text != old_above else ()
        new_lines += _cell_lines(row, new_text, steps) if new_text != new_above else ()
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


def _texts(row: DocumentLine, columns: tuple[int, int]) -> tuple[str, str]:
    old, new = (row.cells[column] if column < len(row.cells) else "" for column in columns)
    return old, new


def _compare_referenced(row: DocumentLine, columns: tuple[int, int]) -> AmendmentOperation | None:
    """Return the change of the provision that a reference in both cells names: 第3条第1号 町内に住所を有する者.

    None if a cell begins with the number of a provision, as printed in the document.
    """
    (old_place, old), (new_place, new) = (_split_reference(text.strip()) for text in _texts(row, columns))
    if old_place is None and new_place is None:
        return None
    if old_place is None or old_place != new_place or _is_omission(old) or _is_omission(new):
        return AmendmentOperation(Action.UNREAD, old_place or new_place or Address(), old, new, problem=_UNPLACED)
    return AmendmentOperation(Action.REPLACE_TEXT, old_place, old, new)


def _split_reference(text: str) -> tuple[Address | None, str]:
    reference, *remainder = re.split(r"[\s　]+", text, maxsplit=1)
    place = _read_only_address(nfkc(reference))
    is_reference = place is not None and len(place.steps) > 1 and not place.row
    if remainder and place and is_reference and place.steps[0].kind in {"条", "附則"}:
        return place, remainder[0]
    return None, text


def _read_only_address(text: str) -> Address | None:
    places, end = read_addresses(text, Address())
    return places[0] if len(places) == 1 and end == len(text) else None


def _named_steps(row: DocumentLine, columns: tuple[int, int]) -> tuple[Step, ...]:
    others = (cell for n, cell in enumerate(row.cells) if n not in columns and cell.strip())
    places = (_read_only_address(nfkc(cell).replace(" ", "")) for cell in others)
    return next((place.steps for place in places if place), ())


def _cell_lines(row: DocumentLine, text: str, steps: tuple[Step, ...]) -> list[DocumentLine]:
    lines = split_cell(_with_label(text, steps))
    return [replace(row, text=line, cells=(), columns=()) for line in lines if not _is_empty(nfkc(line).strip())]


def _is_empty(line: str) -> bool:
    return bool(_ABSENT.match(line) or (_OMITTED_RANGE.match(line) and _RANGE.search(line)))


def _with_label(text: str, steps: tuple[Step, ...]) -> str:
    if not text.strip() or not steps or steps[0].kind != "条" or _ARTICLE.match(text):
        return text
    article = format_step(steps[0])
    *outer, label = ["", *map(_printed_label, steps[1:])]
    if not label:
        return f"{article}　{text}"
    return "\n".join([article, *(f"{outer_label}(略)" for outer_label in outer if outer_label), f"{label}{text}"])


def _printed_label(step: Step) -> str:
    if step == Step("項", "1"):
        return ""
    return f"({step.number})　" if step.kind == "号" else f"{step.number}　"


def _is_omission(text: str) -> bool:
    return bool(_OMITTED.match(nfkc(text).strip()))


def _is_omitted(provision: Provision) -> bool:
    return _is_omission(provision.text or "".join(child.text for child in provision.children))


def _compare(old: Provision, new: Provision, place: Address) -> Iterator[AmendmentOperation]:
    pairing = _pair_children(old.children, new.children)
    moves = list[tuple[Address, Step]]()
    for old_child, new_child in pairing.pairs:
        if old_child.step.kind == "行":
            yield from _compare_lines(old_child, new_child, place)
            continue
        address = Address((*place.steps, old_child.step))
        yield from _compare_own_text(old_child, new_child, address)
        yield from _compare(old_child, new_child, address)
        if old_child.step != new_child.step:
            moves.append((address, new_child.step))
    for provision in pairing.removed:
        yield _delete(provision, place)
    if moves:
        yield AmendmentOperation(Action.RENUMBER, moves[0][0], moves=tuple(moves))
    for provision in pairing.added:
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
    yield from _compare_around_omissions(old.text, new.text, address) if cells is None else cells


def _compare_around_omissions(old: str, new: str, address: Address) -> Iterator[AmendmentOperation]:
    old_parts, new_parts = _OMISSION_WITHIN.split(old), _OMISSION_WITHIN.split(new)
    if len(old_parts) == len(new_parts) == 1:
        yield AmendmentOperation(Action.REPLACE_TEXT, address, old, new)
    elif len(old_parts) == len(new_parts):
        for old_part, new_part in zip(old_parts, new_parts, strict=True):
            if not equal_text(old_part, new_part):
                yield AmendmentOperation(Action.REPLACE_WORDS, address, old_part.strip(), new_part.strip())
    else:
        yield AmendmentOperation(Action.UNREAD, address, new=new, problem=_UNPLACED)


def _row_place(place: Address, row: Provision) -> Address | None:
    if row.step.kind != "行" or not place.steps or place.steps[-1].kind != "別表":
        return None
    name = _CELL_SEPARATOR.split(row.text)[0].strip()
    return replace(place, row=name) if name != row.text.strip() else None


def _delete(provision: Provision, place: Address) -> AmendmentOperation:
    if provision.step.kind != "行":
        return AmendmentOperation(Action.DELETE, Address((*place.steps, provision.step)), old=provision.own_content)
    row = _row_place(place, provision)
    if row is None:
        return AmendmentOperation(Action.UNREAD, place, old=provision.text, problem=_UNPLACED)
    return AmendmentOperation(Action.DELETE, row)


def _insert(provision: Provision, siblings: Sequence[Provision], place: Address) -> AmendmentOperation:
    position = next(n for n, sibling in enumerate(siblings) if sibling.key == provision.key)
    preceding = siblings[:position]
    if provision.step.kind == "行":
        row_above = _row_place(place, preceding[-1]) if preceding and _row_place(place, provision) else None
        if row_above is None:
            return AmendmentOperation(Action.UNREAD, place, new=provision.text, problem=_UNPLACED)
        row = replace(provision, text="\t".join(_CELL_SEPARATOR.split(provision.text.strip())))
        return AmendmentOperation(Action.INSERT, row_above, provisions=(row,), position=Position.AFTER)
    if _is_omitted(provision) and not provision.children[1:]:
        return AmendmentOperation(Action.UNREAD, place, new=provision.text, problem=_UNPLACED)
    anchors = [sibling for sibling in preceding if sibling.step.kind == provision.step.kind]
    if not anchors:
        return AmendmentOperation(Action.INSERT, place, provisions=(provision,))
    anchor = Address((*place.steps, anchors[-1].step))
    return AmendmentOperation(Action.INSERT, anchor, provisions=(provision,), position=Position.AFTER)


@dataclass(frozen=True, slots=True)
class _Pairing:
    """Provisions of both columns that belong together, and those in only one of the columns."""

    pairs: Sequence[tuple[Provision, Provision]]
    removed: Sequence[Provision]
    added: Sequence[Provision]


def _pair_children(old: Sequence[Provision], new: Sequence[Provision]) -> _Pairing:
    """Pair provisions by number if both have the same numbers, else by equal or similar text.

    So new numbers are recognised.
    """
    if [provision.step for provision in old] == [provision.step for provision in new]:
        return _Pairing(list(zip(old, new, strict=True)), [], [])
    old_keys, new_keys = ([_text_key(provision) for provision in side] for side in (old, new))
    if not has_few_equal_pairs(old_keys, new_keys):
        raise LimitExceededError(_TOO_LARGE)
    matcher = SequenceMatcher(None, old_keys, new_keys, autojunk=False)
    pairs = [
        (block.a + offset, block.b + offset) for block in matcher.get_matching_blocks() for offset in range(block.size)
    ]
    old_paired, new_paired = {n for n, _ in pairs}, {n for _, n in pairs}
    free_old = [n for n in range(len(old)) if n not in old_paired]
    free_new = [n for n in range(len(new)) if n not in new_paired]
    if sum(len(old_keys[n]) for n in free_old) * sum(len(new_keys[n]) for n in free_new) > _MAX_CHARACTER_PAIRS:
        raise LimitExceededError(_TOO_LARGE)
    for new_position in free_new:
        kind, step = new[new_position].step.kind, new[new_position].step
        candidates = [n for n in free_old if n not in old_paired and old[n].step.kind == kind]
        similarities = {n: _similarity(old_keys[n], new_keys[new_position]) for n in candidates}
        chosen = max(candidates, key=similarities.__getitem__, default=None)
        if chosen is not None and similarities[chosen] < _MIN_SIMILARITY:
            chosen = next((n for n in candidates if old[n].step == step), None)
        if chosen is not None and _keeps_order((chosen, new_position), pairs):
            pairs.append((chosen, new_position))
            old_paired.add(chosen)
            new_paired.add(new_position)
    return _Pairing(
        pairs=[(old[old_position], new[new_position]) for old_position, new_position in pairs],
        removed=[provision for n, provision in enumerate(old) if n not in old_paired],
        added=[provision for n, provision in enumerate(new) if n not in new_paired],
    )


def _similarity(first: str, second: str) -> float:
    matcher = SequenceMatcher(None, first, second, autojunk=False)
    upper = min(matcher.real_quick_ratio(), matcher.quick_ratio())
    return matcher.ratio() if upper >= _MIN_SIMILARITY else upper


def _text_key(provision: Provision) -> str:
    text = provision.text + provision.caption + "".join(child.content for child in provision.children)
    return normalise_without_spaces(text) or provision.step.number


def _keeps_order(pair: tuple[int, int], pairs: Sequence[tuple[int, int]]) -> bool:
    return all((pair[0] < old) == (pair[1] < new) for old, new in pairs)
