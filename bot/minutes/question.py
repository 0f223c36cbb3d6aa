"""Parses what a question wants to know of a meeting: someone's words, a reply, a speaker, a decision or the meeting."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot.minutes.mentions import Mention, find_mentions
from ingest.japanese import quantities
from ingest.japanese.interrogatives import WHO
from ingest.japanese.lexicon import any_of, load_lexicon
from ingest.minutes import Person, Role

_WORDS = load_lexicon("minutes")
_ASKING, _REPLYING, _STATING = (any_of(_WORDS[key]) for key in ("asking", "replying", "stating"))
_SPEAKING = rf"(?:{_ASKING}|{_REPLYING}|{_STATING})"
_OUTCOME = any_of(_WORDS["outcome"])
# Not 誰でも: with も it is no interrogative.
_WHICH_PERSON = (
    rf"(?:{WHO}(?!も|でも)|どの(?:議員|委員|人|方|課|部署|会派)|どこの(?:課|部署)|何(?:委員|議員|課)|何番(?:の議員)?)"
)
_WHO = re.compile(
    rf"{_WHICH_PERSON}[^。?]*?{_SPEAKING}"
    rf"|{_SPEAKING}[^。?]{{0,16}}(?:{_WHICH_PERSON}|(?:人|方|議員|委員)(?:は|の名|を|って)?(?:[?。]|$|い(?:る|ま|た)|教え))"
    rf"|{_SPEAKING}(?:し)?た(?:の|人|方)は[?。]*$|(?:質問|発言|答弁|提案|回答|質疑|討論|要望|説明)者(?:名|は|を|の|[?。]|$)"
)
_MEETING = re.compile(
    r"(?:どの|何の|なんの|どんな|いつの|第?何回(?:目)?の?|どこの|どちらの)(?:定例|臨時)?(?:会議|委員会|議会|協議会|審議会|定例会|会合|議事録|会議録|会(?![社場員館計]))"
    r"|(?:話し合|議論|審議|協議|取り上げ|質問)(?:われ|さ|わ|し|いを?し|られ)*[^。?]{0,8}(?:のは|会議は)(?:いつ|何月|何日|どこ|どの|何回)|いつ[^。?]{0,12}(?:話し合|議論|審議|協議|質問|発言)"
)
_DECISION = re.compile(
    r"(?:いつ|どこ|いくら|何[一-龥]{0,2}|どう|どの[一-龥]{1,6})(?:に|で|と|へ|から|まで)?決ま[っり]|可決|否決|承認|了承|採択|継続審|議決|採決|表決|決議|賛否|全会一致|満場一致|賛成多数|認められ|認定され|同意され"
    r"|(?:賛成|反対)(?:は|した(?:の|人)は?|票は?|が|者は?)?何|何[人票][^。?]{0,6}(?:賛成|反対)|票数"
)
# Words that ask for a decision only at the end of a question: not in 日取りが決まった行事はどれ?.
_DECISION_AT_END = re.compile(
    r"(?:決ま(?:っ[たて]|り)|決め(?:た|まし|られ)|結論|通っ[たて]|通りま|どうな[りっ]|選ばれ|選出|決定|同意)[^。?]{0,14}[?。]*$"
    r"|結果(?:は|を教えて(?:ください)?|はどう[^。?]{0,8})?[?。]*$|(?:会長|委員長|議長|座長)(?:には?|は)(?:誰|だれ|どなた)"
)
_OTHER_QUESTION = re.compile(r"何(?!が|を|に|と|て|か|の)[一-龥]|いくら|いつ|どんな|どこ|どれ|なぜ|どうして")
_REPLY_TO = re.compile(
    rf"の?(?:[^。?]{{0,20}}?)(?:質問|質疑|要望|意見|指摘|提案|発言|問い|訴え|声|懸念|心配|不安|話)(?:し|さ)?[^。?]{{0,8}}?(?:に(?:対|は|、|つい|どう|何)|へ|には)[^。?]*(?:{_REPLYING}|返|対応|どう|何)"
)
_WORDS_WANTED = re.compile(rf"{_SPEAKING}|何て|なんて|何と|なんと|どう(?:思|考|し)|話|内容|趣旨")
_OF_OFFICE = re.compile(rf"(?:何|なん|どう|どの)[^。?]{{0,8}}(?:{_REPLYING}|{_STATING})|{_REPLYING}")
# The reply to a matter, in a question without a verb: …に対する回答, …についての答弁内容.
_REPLY_TO_MATTER = re.compile(
    r"(?:に(?:対する|ついての|関する)|への|の)[^。?]{0,12}(?:回答|答弁)|(?:回答|答弁)(?:内容|部署|課|要旨|の概要)?[?。]*$"
)
# What is asked of a person who is no words of theirs.
_MEETING_COUNTER = "第回"
_OF_PERSON = re.compile(r"出席|欠席|所属|肩書|役職|任期|連絡先|電話|名前|何者|会派|経歴|年齢|選ば")
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
    r"|全部|すべて|全て|一覧|まとめ|知り|教え|主な|項目|テーマ|主題|論点|取り?上げ|内訳|結局|最終的"
    r"|(?:令和|平成|昭和)\d+年度?|\d+年度?|\d+月(?:\d+日)?|第\d+回|部署"
)


_PERSON = re.compile(r"議員|委員|さん|氏|[課部局]長|[市町村]長|\d番|事務局")


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
    patterns = (_WHO, _DECISION, _DECISION_AT_END, _MEETING, _WORDS_WANTED, _PERSON, _REPLY_TO_MATTER)
    return any(pattern.search(text) for pattern in patterns)


def names_decision(text: str) -> bool:
    """Whether normalised `text` names a decision of a meeting: 可決, 承認, どう決まった; not もう決まった?."""
    return bool(_DECISION.search(text))


def meeting_numbers(text: str) -> frozenset[float]:
    """Return the numbers of meetings in normalised `text`: 2 in 第2回の会議."""
    return frozenset(float(one.value) for one in quantities(text) if one.unit == _MEETING_COUNTER)


def parse_minutes_question(text: str, persons: Sequence[Person]) -> MinutesQuestion | None:
    """Return what normalised `text` asks of a meeting with these speakers; None for any other question."""
    mentions = find_mentions(text, persons)
    spoken = re.sub("|".join(re.escape(one.text) for one in mentions) or "(?!)", "〇", text)
    wanted = _wanted(text, spoken, mentions)
    if wanted is None:
        return None
    stance = next((word for word in STANCES if word in spoken), "")
    return MinutesQuestion(wanted, mentions, _topic(text, mentions), _act(spoken), stance)


def _wanted(text: str, spoken: str, mentions: Sequence[Mention]) -> Wanted | None:
    """Return what a text wants to know; in `spoken` each mention is 〇."""
    people = [mention for mention in mentions if mention.by != "side"]
    named = [mention for mention in people if mention.by != "office"]
    is_known = any(mention.persons for mention in named)
    is_decision = _DECISION.search(spoken) or (_DECISION_AT_END.search(spoken) and not _OTHER_QUESTION.search(spoken))
    checks: tuple[tuple[Wanted, object], ...] = (
        (Wanted.MEETING, _MEETING.search(spoken)),
        (Wanted.WHO, _WHO.search(spoken)),
        (Wanted.REPLY, _asks_for_reply(text, spoken, mentions)),
        (Wanted.WORDS, is_known and (_WORDS_WANTED.search(spoken) or _ENDS_WITH_PERSON.search(spoken))),
        (Wanted.WORDS, named and _UNKNOWN_WANTED.search(spoken)),
        (Wanted.DECISION, is_decision and not (people and re.search(_REPLYING, spoken))),
        (Wanted.WORDS, any(mention.persons for mention in people) and re.search(_SPEAKING, spoken)),
        (Wanted.REPLY, mentions and _OF_OFFICE.search(spoken)),
        (Wanted.REPLY, not people and _REPLY_TO_MATTER.search(spoken)),
        (Wanted.WORDS, _may_be_of_member(named) and not _OF_PERSON.search(spoken)),
    )
    return next((wanted for wanted, is_asked in checks if is_asked), None)


def _asks_for_reply(text: str, spoken: str, mentions: Sequence[Mention]) -> bool:
    """Whether a member is mentioned first and the reply to them is asked for."""
    members = [one for one in mentions if one.by != "side" and _may_be_member(one)]
    if not members:
        return False
    last = mentions[-1]
    answers = last.by == "side" or all(person.role is Role.OFFICE for person in last.persons)
    of_last = answers and last is not members[0] and re.search(_REPLYING, spoken)
    return bool(_REPLY_TO.search(text, members[0].end) or of_last)


def _may_be_member(mention: Mention) -> bool:
    return not mention.persons or any(person.role is Role.MEMBER for person in mention.persons)


def _may_be_of_member(mentions: Sequence[Mention]) -> bool:
    """Whether any mention means a member who is known, so that nobody else's words answer."""
    return any(person.role is Role.MEMBER for mention in mentions for person in mention.persons)


def _act(text: str) -> str:
    if re.search(_REPLYING, text) and not re.search(_ASKING, text):
        return "reply"
    return "ask" if re.search(_ASKING, text) else "state"


def _topic(text: str, mentions: Sequence[Mention]) -> str:
    for mention in sorted(mentions, key=lambda one: -one.start):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return _NO_TOPIC.sub(" ", text)
