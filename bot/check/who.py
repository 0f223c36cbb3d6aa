"""Whether what is told of a person is told of the right one: who said it, and who holds an office."""

import re
from collections.abc import Iterator, Sequence

from bot.check.grounds import Grounds
from bot.check.names import bodies, squash
from bot.check.pieces import subject_words
from bot.check.statements import Statement
from ingest.structure.speeches import speech

_SAYS = r"(?:述べ|発言し|話し|語っ|尋ね|質問し|答え|説明し|報告し|求め|提案し|要望し|指摘し|言っ|言い|心配し)"
# 「…と述べたのは石井委員です」, and 石井委員は「…」と述べています.
_SAID_BY = re.compile(
    rf"{_SAYS}(?:た|ている|ていた|ました)の?(?:人|方|委員)?は、?(?P<who>[^、。「」]+?)(?:です|でした|である|。|$)"
)
_SPEAKER_SAYS = re.compile(rf"^(?P<who>[^、。「」は]{{2,16}})は、?.*と(?:、)?{_SAYS}")
# 手すりは、石井委員が要望しました。
_SAID_OF = re.compile(rf"(?P<who>[^、。「」はがも]{{1,12}}(?:委員|長|さん|氏|議員))が、?[^。]{{0,40}}?{_SAYS}")
# 部会長は野々村会長です: an office and who holds it.
_HOLDS = re.compile(
    r"(?P<office>[^、。「」は\s]{1,20}[長者員当])は、?(?P<who>[^、。「」]+?)(?:です|でした|である|が務め|が担|になり|に決ま)"
)
# Less than this share of what is said in the speech of whoever is named, and it is another's.
_SHARED = 0.5


def misattributed(statement: Statement, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield a reason where another than the one named said it, or holds the office."""
    yield from _speakers(statement.text, sources)
    yield from _holders(statement.text, sources)


def _speakers(text: str, sources: Sequence[Grounds]) -> Iterator[str]:
    named = _SAID_BY.search(text) or _SPEAKER_SAYS.search(text) or _SAID_OF.search(text)
    if not named:
        return
    who = squash(named["who"])
    said = subject_words(text.replace(named["who"], ""))
    speeches = [found for source in sources for found in _speeches(source)]
    if not said or not any(_same(who, speaker) for speaker, _ in speeches):
        return
    most = max(len(said & told) for _, told in speeches)
    own = max(len(said & told) for speaker, told in speeches if _same(who, speaker))
    if own < _SHARED * most:
        yield f"「{named['who']}」の発言ではありません"


def _speeches(source: Grounds) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield who speaks in each line of minutes, with the subject words of what is said."""
    for line in source.text.splitlines():
        if found := speech(line):
            yield squash(found["name"]), subject_words(line[found.end() :])


def _same(who: str, speaker: str) -> bool:
    return who in speaker or speaker in who


def _holders(text: str, sources: Sequence[Grounds]) -> Iterator[str]:
    """Yield where every source that says who holds the office names another."""
    for told in _HOLDS.finditer(text):
        people = bodies(told["who"])
        office = _last_noun(told["office"])
        holders = [holder for source in sources for holder in _holders_of(office, source)]
        if people and holders and not any(_names(holder, person) for person in people for holder in holders):
            yield f"「{office}」は出典では「{people[0]}」ではありません"


def _holders_of(office: str, source: Grounds) -> Iterator[str]:
    """Yield who holds the office: 部会長は岸副会長とする, 副市長を委員長とする."""
    name = re.escape(office)
    for told in re.finditer(rf"{name}(?:は|が|:)\s?([^、。\n]+)|([^、。\s]+)を{name}と", source.text):
        yield told[1] or told[2]


def _names(holder: str, person: str) -> bool:
    """Whether the person is named, and not only another's deputy: 副市長 is no 市長."""
    return bool(re.search(rf"(?<!副){re.escape(squash(person))}", squash(holder)))


def _last_noun(office: str) -> str:
    return re.split("の", office)[-1]
