"""Groups a streamed reply into units that can be checked one by one."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from bot.generation.reply_lines import CompleteSentence, LineStart, ReplyEnd, SourceMarks, Token, add_marks, read_tokens
from bot.verification import MARK

ABSTENTION = "資料に記載がありません"
"""What the prompt asks the model to say when the passages do not tell."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its marks; `quotes` are the words said to carry it, `formula` what it reckons, where given."""

    text: str
    quotes: tuple[str, ...] = ()
    formula: str = ""


@dataclass(frozen=True, slots=True)
class ReplyUnit:
    """Sentences, the last of which may lead a list of `items`; a line begins with a line feed.

    Joined, sentences and items are the text.
    """

    sentences: tuple[Sentence, ...]
    items: tuple[Sentence, ...] = ()


def make_unit(said: Sequence[Sentence]) -> ReplyUnit:
    """Return a sentence and the items that follow it as a unit, each item in a line of its own."""
    first, *items = (said[0], *(replace(one, text=f"\n{one.text}") for one in said[1:]))
    return ReplyUnit((first,), tuple(items))


def read_units(chunks: Iterable[str]) -> Iterator[ReplyUnit]:
    """Yield what a reply says, as soon as it is certain that nothing to come changes it.

    A mark at the end of a paragraph speaks for its earlier sentences, the mark of a list's lead for the items, marks at
    the end of a reply for all of one that has no others. Thoughts and ornaments are left out, marks stand before the
    full stop as [1][2], a table's rows are items. Raises ModelError for a reply that ends in the middle of its
    thoughts, and what iterating `chunks` raises.
    """
    group = _Group()
    for token in read_tokens(chunks):
        yield from group.take(token)
    yield from group.take(ReplyEnd())


class _Group:
    """Sentences that wait: for a mark to lend them, or to learn whether they lead a list."""

    def __init__(self) -> None:
        self._waiting: list[str] = []
        self._items: list[str] = []
        self._held: list[tuple[list[str], list[str]]] = []
        self._in_item = False
        self._marks = ""
        self._begun = False
        self._line_ended = False

    def take(self, token: Token) -> Iterator[ReplyUnit]:
        """Take the next token and yield what it makes certain."""
        if isinstance(token, CompleteSentence):
            yield from self._sentence(token)
        elif isinstance(token, LineStart) and token.item and (self._waiting or self._items):
            self._items.append("")
            self._in_item = True
        elif isinstance(token, SourceMarks):
            yield from self._close(token.marks)
        else:
            closed = not isinstance(token, LineStart) or token.apart
            if closed or self._items or _marks(self._waiting):
                yield from self._release()
            if closed:
                self._marks = ""
            if isinstance(token, ReplyEnd):
                yield from self._discard_held()

    def _sentence(self, token: CompleteSentence) -> Iterator[ReplyUnit]:
        line_feed = "\n" if self._line_ended and (self._begun or self._waiting or self._held) else ""
        self._line_ended = token.last
        if self._in_item:
            self._items[-1] += line_feed + token.text
            return
        self._waiting.append(line_feed + token.text)
        if not token.last and MARK.search(token.text):
            yield from self._release()

    def _release(self) -> Iterator[ReplyUnit]:
        """Yield what waits, with marks; what has none to borrow is held until there is a mark at all."""
        marks = _marks(self._waiting) or self._marks or _marks(self._items)
        if marks or self._begun:
            yield from self._discard_held()
            yield from self._yielded(self._waiting, self._items, marks)
        elif self._waiting:
            self._held.append((self._waiting, self._items))
        self._marks = marks
        self._waiting, self._items, self._in_item = [], [], False

    def _yielded(self, waiting: Sequence[str], items: Sequence[str], marks: str) -> Iterator[ReplyUnit]:
        said = [text for text in waiting if marks or ABSTENTION in text]
        if not said:
            return
        self._begun = True
        lent = _fill_marks(said, marks)
        told = [_lend_item(item, _marks(lent[-1:]) or marks) for item in items] if marks else []
        yield ReplyUnit(tuple(map(Sentence, lent)), tuple(map(Sentence, told)))

    def _close(self, marks: str) -> Iterator[ReplyUnit]:
        """Lend the marks that stand behind a reply to what of it has none, where nothing has any."""
        if self._begun or _marks([*self._waiting, *self._items]):
            return
        held, self._held = [*self._held, (self._waiting, self._items)], []
        self._waiting, self._items, self._in_item = [], [], False
        for waiting, items in held:
            yield from self._yielded(waiting, items, marks)

    def _discard_held(self) -> Iterator[ReplyUnit]:
        """Leave out what was held, but for what says that nothing is told."""
        held, self._held = self._held, []
        for waiting, _ in held:
            yield from self._yielded(waiting, [], "")


def _marks(said: Iterable[str]) -> str:
    """Return the marks of the first of these sentences that has any and tells something."""
    for text in said:
        if ABSTENTION not in text and (found := MARK.findall(text)):
            return "".join(f"[{n}]" for n in found)
    return ""


def _fill_marks(said: list[str], others: str) -> list[str]:
    """Return the sentences with their own marks, else those of the next with any, else `others`."""
    lent: list[str] = []
    for n, text in enumerate(said):
        if ABSTENTION in text:
            lent.append(MARK.sub("", text))
        elif MARK.search(text):
            lent.append(text)
        else:
            lent.append(add_marks(text, _marks(said[n:]) or _marks(lent[::-1]) or others))
    return lent


def _lend_item(item: str, marks: str) -> str:
    return item if MARK.search(item) or ABSTENTION in item else add_marks(item, marks)
