"""Parses what a question wants to know of a meeting: someone's words, a reply, a speaker, a decision or the meeting."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.minutes.mentions import Mention, find_mentions
from ingest.japanese.interrogatives import WHO
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.minutes import Person, Role

_WORDS = load_lexicon("minutes")
_ASKING, _REPLYING, _STATING = (any_of(_WORDS[key]) for key in ("asking", "replying", "stating"))
_SPEAKING = rf"(?:{_ASKING}|{_REPLYING}|{_STATING})"
_OUTCOME = any_of(_WORDS["outcome"])
_WHICH_PERSON = rf"(?:{WHO}|どの(?:議員|委員|人|方|課|部署|会派)|どこの(?:課|部署)|何(?:委員|議員|課)|何番(?:の議員)?)"
_WHO = re.compile(
    rf"{_WHICH_PERSON}[^。?]*?{_SPEAKING}|{_SPEAKING}[^。?]{{0,16}}(?:{_WHICH_PERSON}|(?:人|方|議員|委員)(?:は|の名|を|って)?(?:[?。]|$|い(?:る|ま|た)|教え|だれ|誰))"
    r"|(?:質問|発言|答弁|提案)者(?:は|を|の)"
)
_MEETING = re.compile(
    r"(?:どの|何の|なんの|どんな|いつの|第?何回(?:目)?の?|どこの|どちらの)(?:定例|臨時)?(?:会議|委員会|議会|協議会|審議会|定例会|会合|議事録|会議録|会)"
    r"|(?:話し合|議論|審議|協議|取り上げ|質問)(?:われ|さ|わ|し|いを?し|られ)*[^。?]{0,8}(?:のは|会議は)(?:いつ|何月|何日|どこ|どの|何回)|いつ[^。?]{0,12}(?:話し合|議論|審議|協議|質問|発言)"
)
_DECISION = re.compile(
    r"可決|否決|承認|了承|採択|継続審|議決|採決|表決|決議|決まっ|決まり|決めた|決めまし|決めて|決ま(?:る|ら)|結論|通っ[たて]|通りま|認められ|認定され|同意"
    r"|賛否|全会一致|満場一致|(?:賛成|反対)(?:は|した(?:の|人)は?|票は?|が|者は?)?何|何[人票][^。?]{0,6}(?:賛成|反対)|結果は|結果(?:を|に|が)|どうな[りっ]|選ばれ|選出|決定"
)
_REPLY = re.compile(rf"{_REPLYING}|返事|対応|どう(?:する|します|なる)")
_REPLY_TO = re.compile(
    rf"の?(?:[^。?]{{0,20}}?)(?:質問|質疑|要望|意見|指摘|提案|発言|問い|訴え|声|懸念|心配|不安|話)(?:し|さ)?[^。?]{{0,8}}?(?:に(?:対|は|、|つい|どう|何)|へ|には)[^。?]*(?:{_REPLYING}|返|対応|どう|何)"
)
_WORDS_WANTED = re.compile(rf"{_SPEAKING}|何て|なんて|何と|なんと|どう(?:思|考|し)|話|内容|趣旨")
_ENDS_WITH_PERSON = re.compile(r"〇(?:は|って|の(?:質問|発言|意見|答弁)は)?[?。]*$")
_UNKNOWN_WANTED = re.compile(rf"{_SPEAKING}|何て|なんて|何と|なんと")
STANCES = {
    "反対": ("反対",),
    "賛成": ("賛成",),
    "心配": ("心配", "不安", "懸念", "危"),
    "不安": ("心配", "不安", "懸念", "危"),
    "懸念": ("心配", "不安", "懸念", "危"),
    "要望": (),
    "提案": (),
}
"""The words that express a stance; none where it is expressed by asking for something."""
# What a question says of meetings themselves, which is no topic.
_NO_TOPIC = re.compile(
    rf"{_SPEAKING}|{_OUTCOME}|{_WHICH_PERSON}|会議録?|議事録|委員会|審議会|協議会|議会|定例会|一般質問|会合|議題|内容|趣旨|理由|結果|結論"
    rf"|通[っり]|決[まめ][っりたる]?|可否|賛否|採決|表決|議決|議員|委員|(?:発言|質問|答弁)者|意見|話|対し|人|方|何票|[市町村]の|件"
)


class Wanted(StrEnum):
    """What a question wants to know."""

    WORDS = "words"
    REPLY = "reply"
    WHO = "who"
    DECISION = "decision"
    MEETING = "meeting"


@dataclass(frozen=True, slots=True)
class MinutesQuestion:
    """A question about minutes.

    Attributes:
        wanted: what it wants to know.
        mentions: the speakers that it mentions.
        topic: its words without those speakers and the words of speaking.
        act: whether who asked, replied or stated is wanted, for WHO.
        stance: a stance that the words must express (反対), "" for any.
    """

    wanted: Wanted
    mentions: tuple[Mention, ...]
    topic: str
    act: str = ""
    stance: str = ""

    @property
    def people(self) -> tuple[Mention, ...]:
        """The mentions of single speakers, without the office as a whole."""
        return tuple(mention for mention in self.mentions if mention.by != "side")


def may_be_about_minutes(text: str) -> bool:
    """Whether normalised `text` has any word that questions about minutes have."""
    return bool(
        _WHO.search(text) or _DECISION.search(text) or _MEETING.search(text) or _WORDS_WANTED.search(text)
    ) or bool(re.search(r"議員|委員|さん|氏|[課部局]長|[市町村]長|\d番|事務局", text))


def parse_minutes_question(text: str, persons: Sequence[Person]) -> MinutesQuestion | None:
    """Return what normalised `text` asks of a meeting with these speakers; None for any other question."""
    mentions = find_mentions(text, persons)
    people = [mention for mention in mentions if mention.by != "side"]
    members = [one for one in people if not one.persons or any(p.role is Role.MEMBER for p in one.persons)]
    spoken = re.sub("|".join(re.escape(one.text) for one in mentions) or "(?!)", "〇", text)
    topic = _topic(text, mentions)
    stance = next((word for word in STANCES if word in spoken), "")
    if _MEETING.search(spoken):
        return MinutesQuestion(Wanted.MEETING, mentions, topic)
    if _WHO.search(spoken):
        return MinutesQuestion(Wanted.WHO, mentions, topic, _act(spoken), stance)
    last = mentions[-1] if mentions else None
    answers = bool(last and (last.by == "side" or all(p.role is Role.OFFICE for p in last.persons)))
    if members and (
        _REPLY_TO.search(text, members[0].end) or (answers and last is not members[0] and re.search(_REPLYING, spoken))
    ):
        return MinutesQuestion(Wanted.REPLY, mentions, topic)
    named = [one for one in people if one.by != "office"]
    known = any(one.persons for one in named)
    if (known and (_WORDS_WANTED.search(spoken) or _ENDS_WITH_PERSON.search(spoken))) or (
        named and _UNKNOWN_WANTED.search(spoken)
    ):
        return MinutesQuestion(Wanted.WORDS, mentions, topic, stance=stance)
    if _DECISION.search(spoken) and not (people and re.search(_REPLYING, spoken)):
        return MinutesQuestion(Wanted.DECISION, mentions, topic, stance=stance)
    if any(one.persons for one in people) and re.search(_SPEAKING, spoken):
        return MinutesQuestion(Wanted.WORDS, mentions, topic, stance=stance)
    if mentions and re.search(rf"(?:何|なん|どう|どの)[^。?]{{0,8}}(?:{_REPLYING}|{_STATING})|{_REPLYING}", spoken):
        return MinutesQuestion(Wanted.REPLY, mentions, topic)
    return None


def _act(text: str) -> str:
    if re.search(_REPLYING, text) and not re.search(_ASKING, text):
        return "reply"
    return "ask" if re.search(_ASKING, text) else "state"


def _topic(text: str, mentions: Sequence[Mention]) -> str:
    for mention in sorted(mentions, key=lambda one: -one.start):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return _NO_TOPIC.sub(" ", text)
