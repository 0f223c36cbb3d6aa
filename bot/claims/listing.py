"""Lists: what a statement strings together or counts, and what a premise lists."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.claims.alignment import things
from bot.claims.figures import ANY_THING, COUNTS_NOTHING, Figure, normal
from bot.claims.premise import Premise, content_words, kind_of_line
from ingest.tokenise import morphemes

_LONGEST_MEMBER = 40
# What comes before the first member and behind the last.
_HEAD = re.compile(r"^.*(?:は|には|では|として)(?=[^はを]+$)")
_TAIL = re.compile(r"(?:」?の\d|など|のほか|」?(?:が|を|で|に|から|によ|です|となって|の各)).*$")
_JOINED = re.compile(r"[、,](?!\d)(?:そして|及び|および|または|又は|と)?")
_SOME = re.compile("うち|など|ほか|主な|一部")
_COUNTS = re.compile(r"\d(?:つ|個|点|種類|項目)")
_AND = re.compile(r"(?:と|及び|および|や|並びに)(?=[^、]{2,})")
_ORDINAL = re.compile(r"(\d)(?:つ目|点目|番目)")
_SHORT_LINE, _HALF = 60, 0.5
_ENDS = re.compile(r"[。:：]\s*$")


@dataclass(frozen=True, slots=True)
class Group:
    """The members of a list of a premise, and what stands over it."""

    members: tuple[str, ...]
    head: str


def strung(text: str) -> list[str]:
    """Return the members of 「…は、A、B、Cの3つです」: at least two nouns in a row, the last with what follows it."""
    parts = _JOINED.split(re.sub(r"\([^()]*\)", "", text))
    runs: list[list[str]] = [[]]
    for part in parts:
        member = _HEAD.sub("", part)
        bare = _TAIL.sub("", member).strip("「」。 ")
        if bare and _is_noun(bare) and len(bare) <= _LONGEST_MEMBER:
            runs[-1].append(bare)
            if _TAIL.search(member):
                runs.append([])
        else:
            runs.append([])
    split = [[*before, *_AND.split(last)] for *before, last in filter(None, runs)]
    best = max(split, key=len, default=[])
    return best if len(best) > 1 else []


def _is_noun(part: str) -> bool:
    said = morphemes(part)
    return bool(said) and said[-1].is_noun and not _COUNTS.search(part)


def groups(premise: Premise) -> Iterator[Group]:
    """Yield the lists of a premise: items, numbered parts, headings of one rank, plain lines; of a row none."""
    if premise.cells:
        return
    lines = [line.strip() for line in premise.body.splitlines()]
    head = normal(" ".join(premise.path))
    yield from _runs(lines, head)
    ranks: dict[str, list[str]] = {}
    for line in lines:
        kind = kind_of_line(line)
        if kind and len(kind) == 1:
            ranks.setdefault(kind, []).append(line)
    yield from (Group(tuple(members), head) for members in ranks.values() if len(members) > 1)
    if ordinals := _ORDINAL.findall(premise.body):
        parts = _ORDINAL.split(premise.body)[2::2]
        if len(ordinals) > 1:
            yield Group(tuple(parts[: max(map(int, ordinals))]), head)


def _runs(lines: Sequence[str], heading: str) -> Iterator[Group]:
    """Yield the lines of one kind that follow each other, with the line before them."""
    run: list[str] = []
    kind, before, over = "", "", heading
    for line in [*lines, ""]:
        now = kind_of_line(line) or ("line" if 0 < len(line) <= _SHORT_LINE and not _ENDS.search(line) else "")
        if now == kind and now:
            run.append(line)
        else:
            if len(run) > 1:
                yield Group(tuple(run), f"{heading} {over}")
            run, kind, over = [line], now, before
        before = line or before


def counted(
    figure: Figure, reply: Sequence[str], items: int, question: str, premises: Sequence[Premise]
) -> bool | None:
    """Whether the figure counts what is listed: `items` that follow it, members that it strings, rows, or a list.

    None where nothing is listed that it could count wrongly.

    `reply` are the reply's statements, that of the figure first, then what follows it. A list of which the reply tells
    at least two members says how many there are, or how many of its members have a date or figure that is spoken of.
    """
    if figure.unit in COUNTS_NOTHING:
        return None
    told, wanted = content_words("\n".join(reply)), f"{question} {reply[0]}"
    named = [content_words(member) for text in reply[:2] for member in strung(text)]
    spoken_of = things(wanted) - content_words(wanted)
    best, sizes = (0, 0), set[int]()
    for group in (group for premise in premises for group in groups(premise)):
        members = [things(member) for member in group.members]
        mentioned = sum(_mentioned(content_words(member), told, named) for member in group.members)
        about = content_words(f"{group.head} {' '.join(group.members)}") & content_words(wanted)
        score = (mentioned if mentioned > 1 else 0, len(about))
        if score > best:
            best, sizes = score, set()
        if score == best:
            sizes |= {len(members), *(n for thing in spoken_of if (n := sum(thing in m for m in members)))}
    if items > 1 and figure.unit in ANY_THING and (figure.value == items or not _SOME.search(reply[0])):
        return figure.value == items
    rows = Counter((premise.title, premise.path) for premise in premises if premise.cells).values()
    own = {items, *(len(strung(text)) for text in reply[:2]), *rows} - {0}
    if best[0] > 1 and not (figure.value in own and best[0] < figure.value):
        return figure.value in sizes
    return True if figure.value in own or (figure.unit in ANY_THING and figure.value in sizes) else None


def _mentioned(member: frozenset[str], told: frozenset[str], named: Sequence[frozenset[str]]) -> bool:
    return bool(member) and (len(member & told) >= _HALF * len(member) or any(one and one <= member for one in named))
