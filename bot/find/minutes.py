"""How well a piece of minutes suits the question: who speaks, whether a wish is a fact, which meeting is told of."""

import re

from bot.find.evidence import Evidence, speaker_of
from bot.find.office import names_person, office_asked, tells_holder
from bot.find.outcome import tells_next_meeting, tells_outcome
from bot.find.part import Part, always, where
from bot.find.sought import Sought
from ingest.documents import Document
from ingest.structure.speeches import is_officer

_OPINION = re.compile(
    r"ほしい|欲しい|べき|思う|思います|たい。?$|たいです|いかが|でしょうか|願い|必要(?:だ|です|である)。?$"
)
_WISHED = re.compile(r"求め|要望|希望|お願い|ほしい|欲しい|頼[んみ]")
# 町はどう答えましたか, 市の説明では: who serves it said so.
_MUNICIPALITY = re.compile(
    r"(?:[市町村区県]|役場|役所|行政|当局)(?:側)?(?:は|が|から|の(?:説明|回答|答え|返答|見解|考え))"
)
_SAID_THERE = re.compile(
    r"(?:会議|審議会|協議会|委員会|部会|懇談会|会合)(?:の中|の場)?(?:では?|での)[^。]{0,24}?"
    r"(?:説明|報告|発言|言[いわっ]|話|やり[とど]り|議論|意見|質問|答え|指摘|述べ)"
)
_ROLES = re.compile(r"副?会長|委員長|議長|座長|委員|部長|課長|係長|館長|所長|局長|主査|主幹|参事|事務局|市長")


@always
def _speech(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Put back a wish or an opinion, which is no fact, unless it is asked who said what; prefer the speaker named."""
    speaker = speaker_of(evidence)
    if not speaker:
        return 0.0
    if not sought.asks_speaker:
        return -0.25 if _OPINION.search(evidence.normal) else 0.0
    wish = 0.2 if _WISHED.search(sought.asked.text) and _OPINION.search(evidence.normal) else 0.0
    if _MUNICIPALITY.search(sought.asked.text):
        return wish + (0.2 if is_officer(speaker) else -0.2)
    roles = set(_ROLES.findall(sought.asked.text))
    return wish + (0.0 if not roles else 0.2 if any(role in speaker for role in roles) else -0.2)


@where(lambda sought: bool(_SAID_THERE.search(sought.asked.text)))
def _in_meeting(_: Evidence, __: Sought, document: Document) -> float:
    """Prefer minutes where it is asked what was said in a meeting (会議で何と説明されましたか)."""
    return 0.15 if document.kind == "meeting" else -0.15


@where(lambda sought: not re.search(r"次|今度|これから|今後", sought.asked.text))
def _next_time(evidence: Evidence, _: Sought, __: Document) -> float:
    """Put back what is told of the next meeting, where the question is not about what comes next."""
    return -0.5 if "次回" in evidence.passage.section or evidence.text.startswith("次回") else 0.0


@always
def _outcome(evidence: Evidence, sought: Sought, document: Document) -> float:
    """Prefer what came of the matter, where that is asked, and the next meeting where its date is."""
    if tells_outcome(evidence, sought, document):
        return 0.3
    return 0.5 if tells_next_meeting(evidence, sought, document) else 0.0


@where(lambda sought: bool(office_asked(sought.asked.text)))
def _holder(evidence: Evidence, sought: Sought, _: Document) -> float:
    """Prefer the piece that names who holds the office to one that tells what kind of person does."""
    office = office_asked(sought.asked.text)
    return 0.6 if tells_holder(evidence, office) and names_person(evidence) else 0.0


MINUTES: tuple[Part, ...] = (
    _speech,
    _in_meeting,
    _next_time,
    _outcome,
    _holder,
)
"""What a piece gains or loses; parts of `bot.find.form.gains`."""
