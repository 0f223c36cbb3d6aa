"""Converts a case to form fields and back."""

import json
from typing import Any

from bot.http.form_fields import Fields
from eval.dataset.case import Case, read_case
from eval.errors import SetFileError

# One group a line, its alternatives apart by this: no case has it in its words.
OR = " | "


def form_values(case: dict[str, Any]) -> dict[str, str]:
    """Return the values of the fields for a case as JSON, which may be incomplete."""
    return {
        "id": case.get("id", ""),
        "kind": case.get("kind", ""),
        "turns": "\n".join(map(_join_lines, case.get("turns", ()))),
        "must": "\n".join(OR.join(group) for group in case.get("must", ())),
        "must_not": "\n".join(case.get("must_not", ())),
        "cite": "\n".join(case.get("cite", ())),
        "behave": case.get("behave", "answer"),
        "as_of": str(case.get("as_of") or ""),
        "style": case.get("style", "standard"),
        "audience": case.get("audience", "citizen"),
        "tags": "、".join(case.get("tags", ())),
        "priority": str(case.get("priority", 2)),
        "provenance": case.get("provenance", "written"),
        "note": case.get("note", ""),
    }


def survives_form(case: Case) -> bool:
    """Whether the form can represent a case: a turn with a line break or a word with "|" is lost in it."""
    try:
        return case_from_form(Fields(form_values(case.model_dump(mode="json")).items())) == case
    except SetFileError:
        return False


def _join_lines(turn: str) -> str:
    return " ".join(line.strip() for line in turn.splitlines() if line.strip())


def case_from_form(form: Fields) -> Case:
    """Return the case that a form makes. Raises SetFileError, which names each field that is wrong."""
    values: dict[str, Any] = {name: form.one(name) for name in ("id", "kind", "behave", "style", "audience", "note")}
    values |= {name: form.lines(name) for name in ("turns", "must_not", "cite")}
    values["must"] = [[words.strip() for words in line.split("|") if words.strip()] for line in form.lines("must")]
    values["tags"] = [tag.strip() for tag in form.one("tags").replace(",", "、").split("、") if tag.strip()]
    values |= {"priority": form.number("priority", 2), "provenance": form.one("provenance") or "written"}
    values["as_of"] = form.one("as_of") or None
    return read_case(json.dumps(values, ensure_ascii=False), "この問い")
