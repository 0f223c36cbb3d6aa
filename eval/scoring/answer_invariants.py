"""Finds defects that no answer may have: broken marks, leaked instructions, personal data, active markup."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from bot.llm.prompt_files import load_prompt
from bot.privacy.personal import mask_personal_data
from bot.state.citation_marks import read_marks, remove_marks
from ingest.japanese import nfkc, normalise_without_spaces

# No answer has this many consecutive letters of an instruction by chance, apart from quotes.
_LEAKED_LETTERS = 20
_ACTIVE = re.compile(
    r"<\s*(?:script|iframe|img|svg|object|embed|form|link|style)\b|javascript:|!\[[^\]]*\]\(", re.IGNORECASE
)
# Telephone numbers and mail addresses may be an office's; these always belong to a person.
_PERSONAL = re.compile(r"〔(?:カード番号|マイナンバー|在留カード番号|旅券番号)〕")
_MOBILE = re.compile(r"(?<!\d)0[789]0[-\s]?\d{4}[-\s]?\d{4}(?!\d)")
_ANSWERED = frozenset({"answered", "partial"})


def find_violations(answer: Mapping[str, Any]) -> Iterator[str]:
    """Yield the defects of an answer of the API in Japanese, whatever its case expects."""
    yield from _find_mark_faults(answer)
    yield from _find_leaks(answer)
    yield from _find_personal_data(answer)
    yield from _find_active_markup(answer)


def _find_mark_faults(answer: Mapping[str, Any]) -> Iterator[str]:
    if answer.get("cites") is False:
        return
    marked = set(read_marks(answer["answer"]))
    numbers = {citation["n"] for citation in answer["citations"]}
    if unknown := marked - numbers:
        yield f"出典に無い番号 {_format_numbers(unknown)} が文中にある"
    if unnamed := numbers - marked:
        yield f"出典 {_format_numbers(unnamed)} が文中に出てこない"
    if answer["status"] in _ANSWERED and not numbers:
        yield "回答に出典が無い"


def _find_leaks(answer: Mapping[str, Any]) -> Iterator[str]:
    text = normalise_without_spaces(answer["answer"])
    quoted = _quoted_text(answer)
    for start in range(len(text) - _LEAKED_LETTERS + 1):
        run = text[start : start + _LEAKED_LETTERS]
        if run in _instruction_runs() and run not in quoted:
            yield f"言語モデルへの指示「{run}」が回答に出ている"
            return


def _find_personal_data(answer: Mapping[str, Any]) -> Iterator[str]:
    text = answer["answer"]
    quoted = _quoted_text(answer)
    unmarked = remove_marks(text)
    for label in dict.fromkeys(_PERSONAL.findall(mask_personal_data(unmarked))):
        if label not in unmarked:
            yield f"個人の情報{label}が回答に出ている"
    for mobile in _MOBILE.findall(nfkc(unmarked)):
        if normalise_without_spaces(mobile) not in quoted:
            yield "個人の携帯電話の番号が回答に出ている"


def _find_active_markup(answer: Mapping[str, Any]) -> Iterator[str]:
    if markup := _ACTIVE.search(nfkc(answer["answer"])):
        yield f"画面で働く書き方「{markup[0]}」が回答に出ている"


def _quoted_text(answer: Mapping[str, Any]) -> str:
    return normalise_without_spaces("\n".join(citation.get("quote") or "" for citation in answer["citations"]))


@cache
def _instruction_runs() -> frozenset[str]:
    names = [file.name.removesuffix(".md") for file in files("prompts").iterdir() if file.name.endswith(".md")]
    texts = [
        normalise_without_spaces(text)
        for name in names
        for role, text in load_prompt(name).messages
        if role == "system"
    ]
    return frozenset(
        text[start : start + _LEAKED_LETTERS] for text in texts for start in range(len(text) - _LEAKED_LETTERS + 1)
    )


def _format_numbers(numbers: set[int]) -> str:
    return "・".join(f"[{n}]" for n in sorted(numbers))
