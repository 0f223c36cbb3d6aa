"""Reads a comparison table (新旧対照表): provisions in two columns, before and after, become operations."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from ingest.amendments.addresses import Address, Step, format_step, read_addresses
from ingest.amendments.document_lines import DocumentLine, Quote, quotes_of, split_cell
from ingest.amendments.operations import Action, Operation, Position
from ingest.amendments.provisions import Provision, equal_text, parse_provisions
from ingest.japanese import nfkc, normalise_without_spaces
from ingest.japanese.notation import COUNT

_AFTER = re.compile(r"^(?:改正後|改正案|新|変更後|改定後|新条文|新\(改正後\))(?:\(?案?\)?)?(?:の?(?:欄|条文|規定))?$")
_BEFORE = re.compile(
    r"^(?:改正前|現行|旧|変更前|改定前|旧条文|旧\(改正前\))(?:\(?現行\)?)?(?:の?(?:欄|条文|規定|要綱|規則|条例))?$"
)
_OMITTED = re.compile(r"^[(\[〔]?\s*(?:略|同左|同右|省略)\s*[)\]〕]?$")
_OMITTED_RANGE = re.compile(r"^[\s\d第条項号の()・、~\-からまでア-ン及び]+[(\[〔]\s*(?:略|同左|省略)\s*[)\]〕]$")
_ABSENT = re.compile(r"^[(\[〔]?\s*(?:新設|削除|削る|なし|-|―)?\s*[)\]〕]?$")
_UNPLACED = "新旧対照表のどの規定か読み取れません"


def _columns(line: DocumentLine) -> tuple[int, int] | None:
    """Return the columns with the text before and after, None for a table of another kind.

    Readers leave out a column whose cell is empty; its position is then behind all cells.
    """
    after = next((n for n, name in enumerate(line.columns) if _is_named(name, _AFTER)), len(line.columns))
    before = next((n for n, name in enumerate(line.columns) if _is_named(name, _BEFORE)), len(line.columns))
    if before == after or (len(line.columns) in {before, after} and len(line.columns) > 1):
        return None
    return before, after


def _is_named(name: str, pattern: re.Pattern[str]) -> bool:
    """Whether a column has a name of this kind, also with a second one in brackets: 改正後(新)."""
    normal = normalise_without_spaces(name)
    outside = re.sub(r"\([^()]*\)", "", normal)
    return bool(pattern.match(normal) or pattern.match(outside))


def is_comparison(line: DocumentLine) -> bool:
    """Whether a line is a row of a comparison table."""
    return bool(line.cells) and _columns(line) is not None


def read_comparison(rows: Sequence[DocumentLine]) -> list[Operation]:
    """Return the operations that a comparison table describes, on the numbering before it.

    Text changes come first, then deletions, new numbers and insertions.
    """
    sides: tuple[list[DocumentLine], list[DocumentLine]] = ([], [])
    before: tuple[str, ...] = ("", "")
    referenced: list[Operation] = []
    for row in rows:
        columns = _columns(row)
        if columns is None or row.cells == row.columns:
            continue
        if labelled := _compare_labelled(row, columns):
            referenced.append(labelled)
            continue
        label = _named_place(row, columns)
        texts = tuple(row.cells[column] if column < len(row.cells) else "" for column in columns)
        for side, text, above in zip(sides, texts, before, strict=True):
            if text == above:  # an empty cell, in which readers repeat the one above
                continue
            side += [replace(row, text=part, cells=(), columns=()) for part in _lines(_with_label(text, label))]
        before = texts
    old, new = (parse_provisions(side) for side in sides)
    operations = [*referenced, *_compare(old, new, Address())]
    order = {Action.REPLACE_TEXT: 0, Action.REPLACE_WORDS: 0, Action.DELETE: 1, Action.RENUMBER: 2, Action.INSERT: 3}
    sentence = "\n".join(row.text for row in rows if row.cells != row.columns)
    quotes = quotes_of(rows)
    return [
        replace(one, sentence=_row_text(rows, one) or sentence, quotes=_quotes_for(rows, one) or quotes)
        for one in sorted(operations, key=lambda one: order.get(one.action, 4))
    ]


def _compare_labelled(row: DocumentLine, columns: tuple[int, int]) -> Operation | None:
    """Return the change of the provision that a reference in both cells names: 第3条第1号 町内に住所を有する者.

    None where a cell begins with the number of a provision, as printed in the document.
    """
    texts = [row.cells[column].strip() if column < len(row.cells) else "" for column in columns]
    (place, old), (new_place, new) = (_split_reference(text) for text in texts)
    if place is None and new_place is None:
        return None
    if place is None or place != new_place or _OMITTED.match(nfkc(old)) or _OMITTED.match(nfkc(new)):
        return Operation(Action.UNREAD, place or new_place or Address(), old, new, problem=_UNPLACED)
    return Operation(Action.REPLACE_TEXT, place, old, new)


def _split_reference(text: str) -> tuple[Address | None, str]:
    """Return the provision that a text begins with a reference to, and the rest; None for any other text."""
    head, *rest = re.split(r"[\s　]+", text, maxsplit=1)
    normal = nfkc(head)
    places, end = read_addresses(normal, Address())
    is_reference = len(places) == 1 and end == len(normal) and len(places[0].steps) > 1 and not places[0].row
    return (places[0], rest[0]) if is_reference and rest and places[0].steps[0].kind in {"条", "附則"} else (None, text)


def _named_place(row: DocumentLine, columns: tuple[int, int]) -> tuple[Step, ...]:
    """Return the provision that another column names: 第3条第2項; no steps where none does."""
    for n, cell in enumerate(row.cells):
        if n not in columns and cell.strip():
            places, end = read_addresses(nfkc(cell).replace(" ", ""), Address())
            if len(places) == 1 and end == len(nfkc(cell).replace(" ", "")):
                return places[0].steps
    return ()


def _with_label(text: str, steps: tuple[Step, ...]) -> str:
    """Return a text that another column names with its number, as it would be printed."""
    if (
        not text.strip()
        or not steps
        or steps[0].kind != "条"
        or re.match(rf"\s*(?:[(（].{{1,30}}[)）]\s*)?第{COUNT}条", text)
    ):
        return text
    lines = [format_step(steps[0])]
    for step in steps[1:]:
        printed = {"項": step.number, "号": f"({step.number})"}.get(step.kind, step.number)
        lines.append("" if step == Step("項", "1") else f"{printed}　")
    texts = [f"{line}(略)" for line in lines[1:-1] if line]
    last = lines[-1] if len(lines) > 1 else ""
    return "\n".join([*([lines[0]] if last else []), *texts, f"{last or lines[0] + '　'}{text}"])


def _quotes_for(rows: Sequence[DocumentLine], operation: Operation) -> tuple[Quote, ...]:
    """Return the quotes of the rows that have an operation's text."""
    return quotes_of([row for row in rows if _has_text(row, operation)])


def _row_text(rows: Sequence[DocumentLine], operation: Operation) -> str:
    return "\n".join(row.text for row in rows if _has_text(row, operation))


def _has_text(row: DocumentLine, operation: Operation) -> bool:
    words = [text for text in (operation.old, operation.new) if text]
    words += [line for one in operation.provisions for line in one.content.splitlines()[:1]]
    text = normalise_without_spaces(row.text)
    return any(normalise_without_spaces(word) in text for word in words)


def _lines(text: str) -> Iterator[str]:
    for line in split_cell(text):
        normal = nfkc(line).strip()
        if not (_OMITTED_RANGE.match(normal) and re.search(r"[・~\-]|から|及び|、", normal)) and not _ABSENT.match(
            normal
        ):
            yield line


def _is_omitted(provision: Provision) -> bool:
    own = provision.text or "".join(child.text for child in provision.children)
    return bool(_OMITTED.match(nfkc(own).strip()))


def _compare(old: Provision, new: Provision, place: Address) -> Iterator[Operation]:
    """Yield the operations that turn the provisions in `old` into those in `new`."""
    pairs, removed, added = _pair_children(old.children, new.children)
    moves = []
    for before, after in pairs:
        address = Address((*place.steps, before.step))
        if before.step.kind == "行":
            yield from _compare_lines(before, after, place)
            continue
        yield from _compare_own(before, after, address)
        yield from _compare(before, after, address)
        if before.step != after.step:
            moves.append((address, after.step))
    for provision in removed:
        yield _of_whole(Action.DELETE, provision, place)
    if moves:
        yield Operation(Action.RENUMBER, moves[0][0], moves=tuple(moves))
    for provision in added:
        yield from _insert(provision, new, place)


def _changed_cells(before: str, after: str, place: Address) -> list[Operation] | None:
    """Return the changes of the cells of two versions of one table row; None where the lines are no such rows."""
    olds, news = (re.split(r"[\s　]+", text.strip()) for text in (before, after))
    if (
        not place.steps
        or len(olds) != len(news)
        or not olds[1:]
        or not equal_text(olds[0], news[0])
        or "。" in before + after
    ):
        return None
    row = replace(place, row=olds[0])
    pairs = zip(olds[1:], news[1:], strict=True)
    return [Operation(Action.REPLACE_WORDS, row, old, new) for old, new in pairs if not equal_text(old, new)]


def _compare_table(before: Provision, after: Provision, address: Address) -> list[Operation] | None:
    """Return the changes of a table in an article; None where not every line that differs is one of its rows."""
    olds, news = before.text.split("\n"), after.text.split("\n")
    if len(olds) != len(news) or len(olds) == 1:
        return None
    changed: list[Operation] = []
    for old, new in zip(olds, news, strict=True):
        cells = [] if equal_text(old, new) else _changed_cells(old, new, address)
        if cells is None:
            return None
        changed += cells
    return changed


def _compare_lines(before: Provision, after: Provision, place: Address) -> Iterator[Operation]:
    if (cells := _changed_cells(before.text, after.text, place)) is not None:
        yield from cells
    elif not equal_text(before.text, after.text) and not (_is_omitted(before) or _is_omitted(after)):
        problem = "" if place.steps else _UNPLACED
        yield Operation(Action.REPLACE_WORDS, place, before.text, after.text, problem=problem)


def _row_place(place: Address, row: Provision) -> Address | None:
    """Return the place of a row of an appendix by its first cell, None for other text."""
    name = re.split(r"[\t　]", row.text)[0].strip()
    is_in_table = place.steps[-1:] and place.steps[-1].kind == "別表" and name != row.text.strip()
    return replace(place, row=name) if is_in_table else None


def _of_whole(action: Action, provision: Provision, place: Address) -> Operation:
    if provision.step.kind == "行" and (row := _row_place(place, provision)):
        return Operation(action, row)
    if provision.step.kind == "行":
        return Operation(Action.UNREAD, place, old=provision.text, problem=_UNPLACED)
    return Operation(action, Address((*place.steps, provision.step)), old=provision.own_content)


def _row_before(provision: Provision, new: Provision, place: Address) -> Address | None:
    """Return the row of an appendix before a new one, None where there is none."""
    position = next(n for n, one in enumerate(new.children) if one.key == provision.key)
    above = new.children[position - 1] if position else None
    is_row = above is not None and above.step.kind == "行" and _row_place(place, provision) is not None
    return _row_place(place, above) if above is not None and is_row else None


def _insert(provision: Provision, new: Provision, place: Address) -> Iterator[Operation]:
    if provision.step.kind == "行" and (above := _row_before(provision, new, place)):
        row = replace(provision, text="\t".join(re.split(r"[\t　]", provision.text.strip())))
        yield Operation(Action.INSERT, above, provisions=(row,), position=Position.AFTER)
        return
    if provision.step.kind == "行" or (_is_omitted(provision) and not provision.children[1:]):
        yield Operation(Action.UNREAD, place, new=provision.text, problem=_UNPLACED)
        return
    siblings = new.children
    position = next(n for n, one in enumerate(siblings) if one.key == provision.key)
    before = next((one for one in reversed(siblings[:position]) if one.step.kind == provision.step.kind), None)
    if before is not None:
        anchor = Address((*place.steps, before.step))
        yield Operation(Action.INSERT, anchor, provisions=(provision,), position=Position.AFTER)
    else:
        yield Operation(Action.INSERT, place, provisions=(provision,), position=Position.END)


def _compare_own(before: Provision, after: Provision, address: Address) -> Iterator[Operation]:
    """Yield the change of a provision's caption and own text; text left out as 略 is compared around it."""
    if before.caption and after.caption and not equal_text(before.caption, after.caption):
        yield Operation(Action.REPLACE_TEXT, replace(address, part="見出し"), before.caption, after.caption)
    if equal_text(before.text, after.text) or _OMITTED.match(nfkc(after.text).strip()):
        return
    if _OMITTED.match(nfkc(before.text).strip()):
        yield Operation(Action.UNREAD, address, new=after.text, problem=_UNPLACED)
        return
    if (changed := _compare_table(before, after, address)) is not None:
        yield from changed
        return
    split = re.compile(r"[(（\[［〔]略[)）\]］〕]|…+")
    olds, news = split.split(before.text), split.split(after.text)
    if len(olds) == 1 == len(news):
        yield Operation(Action.REPLACE_TEXT, address, before.text, after.text)
    elif len(olds) == len(news):
        for one, other in zip(olds, news, strict=True):
            if not equal_text(one, other):
                yield Operation(Action.REPLACE_WORDS, address, one.strip(), other.strip())
    else:
        yield Operation(Action.UNREAD, address, new=after.text, problem=_UNPLACED)


_Pairs = list[tuple[Provision, Provision]]


def _pair_children(
    old: Sequence[Provision], new: Sequence[Provision]
) -> tuple[_Pairs, list[Provision], list[Provision]]:
    """Return the pairs of provisions that belong together, those only before and those only after.

    Where both have the same numbers these decide; else equal or similar text does, so that new numbers are recognised.
    """
    if [one.step for one in old] == [one.step for one in new]:
        return list(zip(old, new, strict=True)), [], []
    pairs: _Pairs = []
    matcher = SequenceMatcher(None, [_text_key(one) for one in old], [_text_key(one) for one in new], autojunk=False)
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            pairs += zip(old[a:b], new[c:d], strict=True)
    paired_old, paired_new = {one.key for one, _ in pairs}, {one.key for _, one in pairs}
    for after in new:
        if after.key in paired_new:
            continue
        free = [one for one in old if one.key not in paired_old and one.step.kind == after.step.kind]
        same = [one for one in free if one.step == after.step]
        best = max(free, key=lambda one: _similarity(one, after), default=None)
        chosen = best if best is not None and _similarity(best, after) >= _ALIKE else next(iter(same), None)
        if chosen is not None and _keeps_order(chosen, after, pairs, old, new):
            pairs.append((chosen, after))
            paired_old.add(chosen.key)
            paired_new.add(after.key)
    return (
        pairs,
        [one for one in old if one.key not in paired_old],
        [one for one in new if one.key not in paired_new],
    )


# Share of equal characters from which on two provisions with different numbers are the same one.
_ALIKE = 0.75


def _similarity(one: Provision, other: Provision) -> float:
    return SequenceMatcher(None, _text_key(one), _text_key(other), autojunk=False).ratio()


def _text_key(provision: Provision) -> str:
    text = provision.text + provision.caption + "".join(child.content for child in provision.children)
    return normalise_without_spaces(text) or provision.step.number


def _keeps_order(
    before: Provision, after: Provision, pairs: _Pairs, old: Sequence[Provision], new: Sequence[Provision]
) -> bool:
    """Whether the pair crosses none of the others."""
    old_at = {one.key: n for n, one in enumerate(old)}
    new_at = {one.key: n for n, one in enumerate(new)}
    return all(
        (old_at[before.key] < old_at[one.key]) == (new_at[after.key] < new_at[other.key]) for one, other in pairs
    )
