"""Holds consolidated provisions against those that a person wrote, for base and amending documents."""

import json
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

from ingest.documents import Document
from ingest.japanese import nfkc, normalise_without_spaces
from ingest.passages.document_reading import read_document
from ingest.provisions.addresses import Address, Step, read_addresses
from ingest.provisions.compilation import consolidate_documents, run_here
from ingest.provisions.consolidation import Consolidation
from ingest.provisions.document_lines import document_lines
from ingest.provisions.provisions import Provision, find_provisions

_TABLE_RULE = re.compile(r"^[\s|:+-]+$", re.MULTILINE)
_MARKS = re.compile(r"[#*|`・]|<br>|\\")


def score_case(folder: Path) -> dict[str, Any]:
    """Return the row of one case: its verdict, the provisions that differ, and what was declined and why."""
    expected = json.loads((folder / "expected.json").read_text("utf-8"))
    as_of = date.fromisoformat(expected["as_of"])
    consolidation = _consolidate(folder)
    differing = {}
    for name, text in {**(expected.get("unchanged") or {}), **(expected.get("provisions") or {})}.items():
        is_equal, actual = _compare(consolidation, name, text, as_of) if consolidation else (False, None)
        if not is_equal:
            differing[name] = {"expected": text, "actual": actual}
    results = consolidation.results if consolidation else ()
    declined = [{"text": result.sentence, "reason": result.reason} for result in results if result.reason]
    return {
        "id": folder.name,
        "applicable": expected["applicable"],
        "verdict": _verdict(consolidation, differing, as_of, is_applicable=expected["applicable"]),
        "differing": differing,
        "declined": declined,
        "declined_because": expected.get("declined_because") or "",
    }


def _verdict(consolidation: Consolidation | None, differing: Iterable[str], as_of: date, *, is_applicable: bool) -> str:
    if consolidation is None:
        return "declined"
    if any(_is_stated(consolidation, name, as_of) for name in differing):
        return "wrong"
    if is_applicable:
        return "declined" if differing else "right"
    is_declined = any(result.reason for result in consolidation.results)
    return "declined" if is_declined or not differing else "wrong"


def _is_stated(consolidation: Consolidation, name: str, as_of: date) -> bool:
    address = _address(name)
    present = consolidation.on(as_of)
    base = consolidation.on(date.min)
    top_steps = address.steps[:1]
    roots = [present, *(consolidation.on(state.first or date.min) for state in consolidation.states)]
    keys = {child.key for root in roots for child in root.children if (child.step,) == top_steps}
    if any(consolidation.missing(key) for key in keys):
        return False
    contents = [[provision.content for provision in find_provisions(root, address)] for root in (base, present)]
    is_unchanged = contents[0] == contents[1]
    return not (is_unchanged and any(result.reason for result in consolidation.results))


def _consolidate(folder: Path) -> Consolidation | None:
    documents = []
    lines_of = {}
    for file in (folder / "base.md", *sorted(folder.glob("amend*.md"))):
        lines = [line for line in file.read_text("utf-8").splitlines() if line.strip()]
        document = Document(file.stem, lines[0].lstrip("# ").strip() if lines else file.stem, file.name)
        documents.append(document)
        parsed = read_document(file, document)
        lines_of[document.id] = document_lines(parsed.passages, parsed.dropped)
    consolidations = consolidate_documents(documents, lines_of.__getitem__, run_here)
    return next((found for found in consolidations if found.doc_id == documents[0].id), None)


def _address(name: str) -> Address:
    normal = nfkc(name).replace(" ", "")
    if normal.isdigit():
        return Address((Step("項", normal),))
    places, end = read_addresses(normal, Address())
    return places[0] if len(places) == 1 and end == len(normal) else Address((Step("章", name),))


def _title(consolidation: Consolidation, as_of: date) -> str:
    return "" if consolidation.find_repeal(as_of) else consolidation.on(as_of).caption


def _compare(consolidation: Consolidation, name: str, text: str | None, as_of: date) -> tuple[bool, str | None]:
    if name == "題名":
        title = _title(consolidation, as_of)
        return _normalise(title) == _normalise(text or ""), title or None
    address = _address(name)
    provisions = find_provisions(consolidation.on(as_of), address)
    provision = provisions[0] if len(provisions) == 1 else None
    if text is None or provision is None:
        return text is None and provision is None, provision.content if provision else None
    if address.part == "見出し":
        return _normalise(provision.caption) == _normalise(text).strip("()"), provision.content
    return _normalise(text) in _spellings(provision), provision.content


def _spellings(provision: Provision) -> set[str]:
    label = provision.label
    caption = provision.caption
    without_label = "\n".join([provision.text, *(child.content for child in provision.children)])
    content = provision.own_content if provision.step.kind == "条" else without_label
    heads = ("", label, caption, f"({caption})", f"{label}{caption}", f"{label}({caption})", f"({caption}){label}")
    return {_normalise(provision.content), *(_normalise(f"{head}\n{content}") for head in heads)}


def _normalise(text: str) -> str:
    return normalise_without_spaces(_MARKS.sub("", _TABLE_RULE.sub("", text)))
