"""A language model's reply, cut as it comes into units that can be judged each for itself."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.claims import MARK
from bot.errors import ModelError
from ingest.sentences import sentences

ABSTENTION = "資料に記載がありません"
"""What the prompt asks the model to say when the passages do not tell."""

_THOUGHT = re.compile(r"<(think|thinking|reasoning)>.*?</\1>|^.*</(?:think|thinking|reasoning)>", re.DOTALL)
_OPEN_THOUGHT = re.compile(r"<(?:t|th|thi|thin|think|thinking|r|re|rea|reas\w*)?>?$|<(?:think|thinking|reasoning)>")
# Characters that show nothing: they would part a figure or a word from its own letters.
_HIDDEN = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_ANY_MARK = re.compile(r"[\[［【](?:資料|出典)?\s?\d{1,3}(?:\s?[,、，]\s?\d{1,3})*\s?[\]］】]")
_ORNAMENT = re.compile(r"^\s*#{1,6}\s+|\*\*|__|^```.*$")
_MARK_BEHIND_END = re.compile(r"([。！？!?])((?:\s*\[\d+\])+)")
_ITEM = re.compile(r"\s*(?:[-*+]\s|[・•●]|\(?\d{1,2}[.)]\s|[①-⑳])")
# So many characters of a line tell whether it is an item of a list, and so many behind a 。 whether it ends there.
_TELLS_ITEM, _TELLS_END = 5, 2
_MAY_BE_MARK = re.compile(r"\s*(?:$|[\[［【])")
_YES_OR_NO = re.compile(r"\s*(?:はい|いいえ|ええ)[。、,]?\s*")
_END = re.compile(r"[。！？!?]?\s*$")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its marks; `quotes` are the words said to carry it, `formula` what it reckons, where given."""

    text: str
    quotes: tuple[str, ...] = ()
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Unit:
    """Sentences, the last of which may lead a list of `items`; a line begins with a line feed.

    Joined, sentences and items are the text.
    """

    sentences: tuple[Sentence, ...]
    items: tuple[Sentence, ...] = ()


def unit_of(said: Sequence[Sentence]) -> Unit:
    """Return a sentence and the items that follow it as a unit, each item in a line of its own."""
    first, *items = (said[0], *(replace(one, text=f"\n{one.text}") for one in said[1:]))
    return Unit((first,), tuple(items))


def units(chunks: Iterable[str]) -> Iterator[Unit]:
    """Yield what a reply says, as soon as it is certain that nothing to come changes it.

    A mark at the end of a paragraph speaks for its earlier sentences, the mark of a list's lead for the items. Thoughts
    and ornaments are left out, marks stand before the full stop as [1][2]. Raises ModelError for a reply that ends in
    the middle of its thoughts, and what iterating `chunks` raises.
    """
    group = _Group()
    for token in _tokens(chunks):
        yield from group.take(token)
    yield from group.take(_End())


@dataclass(frozen=True, slots=True)
class _Whole:
    """A whole sentence; `last` in its line."""

    text: str
    last: bool


@dataclass(frozen=True, slots=True)
class _Line:
    """The beginning of a line: an item of a list or not, after an empty line or not."""

    item: bool
    apart: bool


@dataclass(frozen=True, slots=True)
class _End:
    """The end of the reply."""


_Token = _Whole | _Line | _End


class _Group:
    """Sentences that wait: for a mark to lend them, or to learn whether they lead a list."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._items: list[str] = []
        self._in_item = False
        self._marks = ""
        self._begun = False
        self._line_ended = False

    def take(self, token: _Token) -> Iterator[Unit]:
        """Take the next token and yield what it makes certain."""
        if isinstance(token, _Whole):
            yield from self._sentence(token)
        elif isinstance(token, _Line) and token.item and (self._waiting or self._items):
            self._items.append("")
            self._in_item = True
        else:
            closed = not isinstance(token, _Line) or token.apart
            if closed or self._items or _marks(self._waiting):
                yield from self._release()
            if closed:
                self._marks = ""

    def _sentence(self, token: _Whole) -> Iterator[Unit]:
        line_feed = "\n" if self._line_ended and (self._begun or self._waiting) else ""
        self._line_ended = token.last
        if self._in_item:
            self._items[-1] += line_feed + token.text
            return
        self._waiting.append(line_feed + token.text)
        if not token.last and MARK.search(token.text):
            yield from self._release()

    def _release(self) -> Iterator[Unit]:
        """Yield what waits, with marks; what has none to borrow is left out."""
        marks = _marks(self._waiting) or self._marks or _marks(self._items)
        said = [text for text in self._waiting if marks or ABSTENTION in text]
        if said:
            self._begun = True
            lent = _lend(said, marks)
            items = [_lend_item(item, _marks(lent[-1:]) or marks) for item in self._items]
            yield Unit(tuple(map(Sentence, lent)), tuple(map(Sentence, items)))
        self._marks = marks
        self._waiting, self._items, self._in_item = [], [], False


def _marks(said: Iterable[str]) -> str:
    """Return the marks of the first of these sentences that has any and tells something."""
    for text in said:
        if ABSTENTION not in text and (found := MARK.findall(text)):
            return "".join(f"[{n}]" for n in found)
    return ""


def _lend(said: list[str], others: str) -> list[str]:
    """Return the sentences with their own marks, else those of the next with any, else `others`."""
    lent: list[str] = []
    for n, text in enumerate(said):
        if ABSTENTION in text:
            lent.append(MARK.sub("", text))
        elif MARK.search(text):
            lent.append(text)
        else:
            lent.append(marked(text, _marks(said[n:]) or _marks(lent[::-1]) or others))
    return lent


def _lend_item(item: str, marks: str) -> str:
    return item if MARK.search(item) or ABSTENTION in item else marked(item, marks)


def marked(text: str, marks: str) -> str:
    """Return a sentence with `marks` before its full stop."""
    return _END.sub(lambda end: marks + end[0], text, count=1)


def _tokens(chunks: Iterable[str]) -> Iterator[_Token]:
    """Yield the sentences of a reply as they become whole, and where lines begin."""
    lines = _LineReader()
    for text in without_thoughts(chunks):
        yield from lines.read(text)
    yield from lines.end()


class _LineReader:
    """Cuts text that comes in pieces."""

    def __init__(self) -> None:
        self._line = ""
        self._told = False
        self._apart = False
        self._any = False

    def read(self, text: str) -> Iterator[_Token]:
        """Yield what `text` makes whole."""
        *ended, begun = (self._line + text).split("\n")
        for line in ended:
            yield from self._whole_line(line)
        self._line = begun
        yield from self._begun_line()

    def end(self) -> Iterator[_Token]:
        """Yield the rest."""
        yield from self._whole_line(self._line)

    def _begun_line(self) -> Iterator[_Token]:
        if len(self._line.strip()) < _TELLS_ITEM:
            return
        yield from self._tell()
        *whole, rest = sentences(as_marked(self._line)) or [""]
        while whole and (len(rest.strip()) < _TELLS_END or _MAY_BE_MARK.match(rest) or _YES_OR_NO.fullmatch(whole[-1])):
            rest = whole.pop() + rest
        for sentence in _joined(whole):
            yield _Whole(sentence, last=False)
        if whole:
            self._line = rest

    def _whole_line(self, line: str) -> Iterator[_Token]:
        self._line = line
        if as_marked(line).strip():
            yield from self._tell()
            *whole, last = _joined(sentences(as_marked(line)))
            yield from (_Whole(sentence, last=False) for sentence in whole)
            yield _Whole(last.rstrip(), last=True)
        elif not line.strip():
            self._apart = True
        self._line, self._told = "", False

    def _tell(self) -> Iterator[_Token]:
        """Yield the beginning of a line, once."""
        if not self._told:
            self._told = True
            if self._any:
                yield _Line(bool(_ITEM.match(self._line)), self._apart)
            self._any, self._apart = True, False


def as_marked(line: str) -> str:
    """Return a line without ornaments and hidden characters, its marks written [1][2] before the full stop."""
    text = _ORNAMENT.sub("", _HIDDEN.sub("", line))
    text = _ANY_MARK.sub(lambda mark: "".join(f"[{int(n)}]" for n in re.findall(r"\d+", mark[0])), text)
    return _MARK_BEHIND_END.sub(r"\2\1", text).lstrip()


def clean(text: str) -> str:
    """Return a sentence without ornaments, hidden characters and marks of its own."""
    return "\n".join(MARK.sub("", as_marked(line)).rstrip() for line in text.split("\n"))


def is_item(text: str) -> bool:
    """Whether a line is an item of a list."""
    return bool(_ITEM.match(text))


def _joined(cut: list[str]) -> list[str]:
    """Return the sentences, a bare yes or no together with the one behind it."""
    joined: list[str] = []
    for sentence in cut:
        if joined and _YES_OR_NO.fullmatch(joined[-1]):
            joined[-1] += sentence
        else:
            joined.append(sentence)
    return joined


def without_thoughts(chunks: Iterable[str]) -> Iterator[str]:
    """Yield what is said; raises ModelError for a reply that ends in the middle of its thoughts."""
    held = ""
    for chunk in chunks:
        held = _THOUGHT.sub("", held + chunk)
        if not _OPEN_THOUGHT.search(held):
            yield held
            held = ""
    if _OPEN_THOUGHT.search(held):
        raise ModelError("言語モデルの答えが考えの途中で切れています。")
    yield held
