"""A language model's reply, turned into a draft whose every sentence names its source — or refused."""

import re
from collections.abc import Sequence

from bot.answer import Status
from bot.check.names import addresses, squash
from bot.check.quote import quote
from bot.check.statements import MARK, sentences, statements
from bot.errors import ModelError
from bot.turn import Draft, Hit, Source
from ingest.normalise import nfkc

ABSTENTION = "資料に記載がありません"
"""What the prompt asks the model to say when the passages do not tell."""

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>|^.*</(?:think|thinking|reasoning)>", re.DOTALL)
_OPEN_THOUGHT = re.compile(r"<(?:think|thinking|reasoning)>")
_ANY_MARK = re.compile(r"[\[［【](?:資料|出典)?\s?\d{1,3}(?:\s?[,、，]\s?\d{1,3})*\s?[\]］】]")
_MARK_BEHIND_END = re.compile(r"([。！？!?])((?:\s*\[\d+\])+)")
_ORNAMENT = re.compile(r"^\s*#{1,6}\s+|\*\*|__|^```.*$", re.MULTILINE)
_LIST_ITEM = re.compile(r"\s*(?:[-*+]\s|[・•●]|\(?\d{1,2}[.)]\s|[①-⑳])")
_END = re.compile(r"[。！？!?]?\s*$")


def read_reply(reply: str, hits: Sequence[Hit], model: str, rules: str = "") -> Draft:
    """Return the draft that `reply` makes of the passages that it was given as 1, 2, … in the order of `hits`.

    A draft with status NO_ANSWER says that the passages do not tell. Raises ModelError where the reply names a passage
    that was not given, no passage at all, or an address that stands in none, and where it recites the prompt's `rules`.
    """
    text = _plain(reply)
    if abstains(text):
        return abstention(model)
    _refuse_recital(text, rules)
    _refuse_addresses(text, hits)
    marked = _with_marks(text)
    order = list(dict.fromkeys(int(n) for n in MARK.findall(marked)))
    if not order or not set(order) <= set(range(1, len(hits) + 1)):
        raise ModelError("言語モデルの答えの出典が、渡した資料と合いません。")
    renumbered = MARK.sub(lambda mark: f"[{order.index(int(mark[1])) + 1}]", marked)
    said = statements(renumbered)
    sources = [
        Source(passage, quote(passage, [s.text for s in said if n in s.cited]))
        for n, passage in enumerate((hits[number - 1].passage for number in order), 1)
    ]
    status = Status.PARTIAL if ABSTENTION in renumbered else Status.ANSWERED
    return Draft(renumbered, tuple(sources), status, generator=model)


def abstains(text: str) -> bool:
    """Whether `text` says that the passages do not tell, and nothing with a source besides."""
    said = squash(text)
    return ABSTENTION in said and (not MARK.search(text) or MARK.sub("", said).strip("。") == ABSTENTION)


def abstention(model: str) -> Draft:
    """Return the draft that says that the passages do not tell."""
    return Draft(f"{ABSTENTION}。", status=Status.NO_ANSWER, generator=model)


def _plain(reply: str) -> str:
    """Return the reply without thoughts and ornaments, its marks written [1][2] and set before the full stop."""
    text = _THOUGHT.sub("", reply)
    if _OPEN_THOUGHT.search(text):
        raise ModelError("言語モデルの答えが考えの途中で切れています。")
    text = _ORNAMENT.sub("", text)
    text = _ANY_MARK.sub(lambda mark: "".join(f"[{int(n)}]" for n in re.findall(r"\d+", mark[0])), text)
    return _MARK_BEHIND_END.sub(r"\2\1", text).strip()


def _refuse_recital(text: str, rules: str) -> None:
    """Refuse a reply that holds a sentence of the prompt's rules."""
    said = squash(nfkc(text))
    for line in rules.splitlines():
        for sentence in map(squash, sentences(nfkc(line).strip("- "))):
            if len(sentence) > len(ABSTENTION) + 1 and sentence in said:
                raise ModelError("言語モデルが指示文を答えに書きました。")


def _refuse_addresses(text: str, hits: Sequence[Hit]) -> None:
    given = squash(nfkc("\n".join(hit.passage.text for hit in hits)))
    if any(squash(address) not in given for address in addresses(nfkc(text))):
        raise ModelError("言語モデルの答えに、資料にないリンク先か宛先があります。")


def _with_marks(text: str) -> str:
    """Return `text` with a mark in every sentence; paragraphs without any mark are left out.

    A mark at the end of a paragraph speaks for its earlier sentences, the mark of a list's lead for the items.
    """
    kept = [marked for block in _blocks(text) if (marked := _mark_block(block))]
    return "\n".join(kept)


def _blocks(text: str) -> list[list[str]]:
    """Return the paragraphs as lines; a list belongs to the paragraph before it."""
    blocks: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            blocks[-1].append(line.strip())
        elif blocks[-1]:
            blocks.append([])
    joined: list[list[str]] = []
    for block in filter(None, blocks):
        if joined and _LIST_ITEM.match(block[0]):
            joined[-1] += block
        else:
            joined.append(block)
    return joined


def _mark_block(lines: Sequence[str]) -> str:
    cut = [sentences(line) for line in lines]
    flat = [sentence for line in cut for sentence in line]
    marks = ["".join(f"[{n}]" for n in MARK.findall(sentence)) for sentence in flat]
    said_absent = [ABSTENTION in sentence for sentence in flat]
    if not any(mark and not absent for mark, absent in zip(marks, said_absent, strict=True)):
        return "\n".join(MARK.sub("", s) for s, absent in zip(flat, said_absent, strict=True) if absent)
    marked = iter([_mark_sentence(i, flat, marks) for i in range(len(flat))])
    return "\n".join("".join(next(marked) for _ in line) for line in cut)


def _mark_sentence(i: int, flat: Sequence[str], marks: Sequence[str]) -> str:
    """Return sentence `i` with its own marks, else those of the next marked sentence, else of the one before."""
    sentence = flat[i]
    if ABSTENTION in sentence:
        return MARK.sub("", sentence)
    if marks[i]:
        return sentence
    others = [*range(i + 1, len(flat)), *range(i - 1, -1, -1)]
    lent = next(marks[k] for k in others if marks[k] and ABSTENTION not in flat[k])
    return _END.sub(lambda end: lent + end[0], sentence, count=1)
