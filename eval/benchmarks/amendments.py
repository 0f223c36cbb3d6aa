"""Compares consolidated provisions with those that a person wrote, for sets of base and amending documents."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from eval.errors import CaseFileError
from ingest.amendments.addresses import Address, Step, parse_address
from ingest.amendments.consolidation import Consolidation, Consolidations
from ingest.amendments.document_lines import document_lines
from ingest.amendments.provisions import Provision, find_provisions
from ingest.chunking.document_reading import read_document
from ingest.documents import Document
from ingest.japanese import normalise_without_spaces

_RULE = re.compile(r"^[\s|:+-]+$", re.MULTILINE)
_MARKS = re.compile(r"[#*|`・]|<br>|\\")


def score_amendments(folder: Path) -> Iterator[dict[str, Any]]:
    """Yield a row for each case of `folder`, whose verdict is `right`, `wrong` or `declined`.

    A case has base.md, amend1.md …, and expected.json with `as_of`, `applicable`, `provisions` and `unchanged`: the
    text of provisions by their names, null for one that does not exist. Raises CaseFileError for a broken case.
    """
    cases = sorted(path.parent for path in folder.glob("*/expected.json"))
    if not cases:
        raise CaseFileError(f"{folder} に NN/expected.json がありません。フォルダーを確かめてください。")
    for case in cases:
        yield score_case(case)


def score_case(folder: Path) -> dict[str, Any]:
    """Return the row of one case: its verdict, the provisions that differ, and what was declined and why."""
    try:
        expected = json.loads((folder / "expected.json").read_text("utf-8"))
        as_of = date.fromisoformat(expected["as_of"])
    except (OSError, ValueError, KeyError) as error:
        raise CaseFileError(f"{folder / 'expected.json'}: 読めません（{error}）。") from error
    consolidation = _consolidate(folder, expected)
    wanted = {**(expected.get("unchanged") or {}), **(expected.get("provisions") or {})}
    differing = {
        name: {"expected": text, "actual": _text(consolidation, name, as_of)}
        for name, text in wanted.items()
        if not _is_equal(consolidation, name, text, as_of)
    }
    declined = [
        {"text": one.operation.sentence, "reason": one.reason}
        for one in (consolidation.results if consolidation else ())
        if one.reason
    ]
    verdict = _verdict(
        consolidation, list(differing), as_of, is_applicable=expected["applicable"], is_declined=bool(declined)
    )
    return {
        "id": folder.name,
        "applicable": expected["applicable"],
        "verdict": verdict,
        "differing": differing,
        "declined": declined,
        "declined_because": expected.get("declined_because") or "",
    }


def _verdict(
    consolidation: Consolidation | None,
    differing: list[str],
    as_of: date,
    *,
    is_applicable: bool,
    is_declined: bool,
) -> str:
    """Return `right`, `declined`, or `wrong` where a differing text would be shown as the one in force."""
    if consolidation is None:
        return "declined"
    if any(_is_stated(consolidation, name, as_of) for name in differing):
        return "wrong"
    if not is_applicable:
        return "declined" if is_declined or not differing else "wrong"
    return "declined" if differing else "right"


def _is_stated(consolidation: Consolidation, name: str, as_of: date) -> bool:
    """Whether a provision's text is taken as complete: changed, and no operation on it was declined."""
    address = _address(name)
    roots = [consolidation.on(as_of), *(root for _, root in consolidation.states)]
    top = [one for root in roots for one in root.children if one.step == address.steps[0]] if address.steps else []
    keys = {one.key for one in top}
    if any(consolidation.missing(key) for key in keys):
        return False
    before, after = (find_provisions(root, address) for root in (consolidation.base, consolidation.on(as_of)))
    is_unchanged = [one.content for one in before] == [one.content for one in after]
    return not (is_unchanged and any(one.reason for one in consolidation.results))


def _consolidate(folder: Path, expected: Mapping[str, Any]) -> Consolidation | None:
    names = [
        _file_names(folder, [expected.get("base")]) or ["base.md"],
        _file_names(folder, expected.get("amendments")),
    ]
    names[1] = names[1] or sorted(path.name for path in folder.glob("amend*.md"))
    documents, lines_of = [], {}
    for name in (*names[0], *names[1]):
        file = folder / name
        lines = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
        document = Document(file.stem, lines[0].lstrip("# ").strip() if lines else file.stem, file.name)
        documents.append(document)
        parsed = read_document(file, document)
        lines_of[document.id] = document_lines(parsed.passages, parsed.dropped)
    return Consolidations(documents, lines_of.__getitem__).find(documents[0].id)


def _file_names(folder: Path, named: Any) -> list[str]:
    """Return the files that a case names, none where these are no files of its folder."""
    names = [name for name in named or () if isinstance(name, str)]
    return names if all((folder / name).is_file() for name in names) else []


def _address(name: str) -> Address:
    """Return the place that a case names; one that is in no document where the name cannot be read."""
    try:
        return parse_address(name)
    except ValueError:
        return Address((Step("章", name),))


def _provision(consolidation: Consolidation, name: str, as_of: date) -> Provision | None:
    return consolidation.find(_address(name), as_of)


def _text(consolidation: Consolidation | None, name: str, as_of: date) -> str | None:
    if consolidation is None:
        return None
    if name == "題名":
        return _title(consolidation, as_of) or None
    found = _provision(consolidation, name, as_of)
    return found.content if found else None


def _title(consolidation: Consolidation, as_of: date) -> str:
    """Return the title on a day, "" of a document that is repealed."""
    return "" if consolidation.find_repeal(as_of) else consolidation.on(as_of).caption


def _is_equal(consolidation: Consolidation | None, name: str, text: str | None, as_of: date) -> bool:
    if consolidation is None:
        return False
    if name == "題名":
        return _normalise(_title(consolidation, as_of)) == _normalise(text or "")
    found = _provision(consolidation, name, as_of)
    if text is None or found is None:
        return text is None and found is None
    if _address(name).part == "見出し":
        return _normalise(found.caption) == _normalise(text).strip("()")
    return _normalise(text) in _spellings(found)


def _spellings(provision: Provision) -> set[str]:
    """Return the text of a provision with and without its number and caption, in either order."""
    label, caption = provision.label, provision.caption
    own = provision.own_content if provision.step.kind == "条" else _without_label(provision)
    heads = ("", label, caption, f"({caption})", f"{label}{caption}", f"{label}({caption})", f"({caption}){label}")
    return {_normalise(provision.content), *(_normalise(f"{head}\n{own}") for head in heads)}


def _without_label(provision: Provision) -> str:
    return "\n".join([provision.text, *(child.content for child in provision.children)])


def _normalise(text: str) -> str:
    """Return a text in normal form without white space and Markdown marks."""
    return normalise_without_spaces(_MARKS.sub("", _RULE.sub("", text)))
