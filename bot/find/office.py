"""Whether a piece tells who holds the office that a question asks for the holder of (市長は誰)."""

import re

from bot.find.evidence import Evidence, speaker_of
from ingest.normalise import nfkc
from ingest.tokenise import morphemes

_OFFICE = re.compile(
    r"([一-龥]+長|知事)(?:だった|である|を(?:務め|つとめ)\S{0,4}|の)?(?:人|方|のは)?(?:は|って)?(?:誰|だれ|どなた|(?:何|なん)(?:という|と言う|ていう|とおっしゃる)(?:方|人)|何さん)"
)
_SERVES = re.compile(r"[がを](?:務め|つとめ)|[がを](?:もって)?充て|に就任")
# Another office of which this one is the name's end.
_OTHER = "(?<![副前元両])"
_PERSON = {("人名", "姓"), ("人名", "一般")}


def office_asked(question: str) -> str:
    """Return the office whose holder normalised `question` asks for, or an empty string."""
    match = _OFFICE.search(question)
    return match[1] if match else ""


def tells_holder(evidence: Evidence, office: str) -> bool:
    """Whether the piece puts somebody into it: by name, by 会長: X and 会長はX, by Xを会長とする and Xが務める."""
    text = f"{nfkc(evidence.lead)} {evidence.normal}"
    if _SERVES.search(text):
        return True
    if not re.search(f"{_OTHER}{office}", text + speaker_of(evidence)):
        return False
    if re.search(rf"を{office}(?:と|に)|{_OTHER}{office}\s?(?:[:：は])", text):
        return True
    return names_person(evidence)


def names_person(evidence: Evidence) -> bool:
    """Whether a person is named in the piece or the line over it; a given name alone may be a town's (ひばり野市)."""
    return any(m.pos[2:4] in _PERSON for m in morphemes(f"{nfkc(evidence.lead)} {evidence.normal}"))
