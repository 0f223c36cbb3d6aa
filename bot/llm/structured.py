"""Structured output: detects what a server supports and parses JSON replies."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bot.llm.capabilities import PARAMETER, Capabilities
from bot.llm.configured_model import Structure
from bot.llm.failure import MEND, CallError
from bot.llm.prompts import load_prompt
from bot.llm.request import Request
from bot.llm.stream import Stream

# What nobody answers in this form who is not held to it.
_TRIAL = {
    "type": "object",
    "properties": {"answer": {"type": "string"}},
    "required": ["answer"],
    "additionalProperties": False,
}
THOUGHTS = re.compile(r"^.*</(?:think|thinking|reasoning)>", re.DOTALL)
"""What a reasoning model may put before its answer."""

Ask = Callable[[Request], Stream]
"""Sends a request to one model."""


def detect_structure(known: Capabilities, ask: Ask) -> Structure:
    """Return what the server that `ask` sends to can be held to a form by, and remember it in `known`.

    Found out with up to two short questions: a schema, else a tool's arguments, else marks. Raises CallError where
    the server does not answer at all; nothing is remembered then.
    """
    if known.structure:
        return known.structure
    found: Structure = next((structure for structure in PARAMETER if _supports_structure(structure, ask)), "marks")
    known.structure = found
    return found


def parse_object(text: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the first object in an answer that the schema allows: bare, in a fence, or between other words.

    Raises CallError where there is none.
    """
    from jsonschema.validators import validator_for  # noqa: PLC0415 - 0.1 s

    validator = validator_for(schema)(schema)
    found = next((found for found in _objects(THOUGHTS.sub("", text)) if validator.is_valid(found)), None)
    if found is None:
        raise CallError(f"言語モデルの答えが求めた形（JSON）ではありません。{MEND}", again=True)
    return found


def _supports_structure(structure: Structure, ask: Ask) -> bool:
    prompt = load_prompt("capability")
    messages = prompt.template().format_messages()
    trial = Request(prompt, lambda _room: messages, _TRIAL, structure)
    try:
        text = ask(trial).text()
    except CallError:
        # What breaks a server may be what it was asked for: one that is well answers without it.
        ask(Request(prompt, lambda _room: messages)).text()
        return False
    try:
        parse_object(text, _TRIAL)
    except CallError:
        return False
    return True


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects that stand in the text, in order; of those within each other the outer."""
    decoder, end = json.JSONDecoder(), 0
    while (start := text.find("{", end)) >= 0:
        try:
            found, end = decoder.raw_decode(text, start)
        except (ValueError, RecursionError):
            end = start + 1
        else:
            # Half a letter that was escaped (\\ud83d) could be neither kept nor sent on.
            yield json.loads(json.dumps(found, ensure_ascii=False).encode(errors="replace"))
