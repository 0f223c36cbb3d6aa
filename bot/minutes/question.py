"""Parses what a question wants to know of a meeting: someone's words, a reply or a decision."""

import re
from collections.abc import Sequence
from dataclasses import replace

from bot.minutes.mentions import find_mentions
from bot.state.minutes_question import Mention, MentionKind, MinutesQuestion, Wanted, restrict
from ingest.japanese import nfkc, quantities
from ingest.japanese.lexicon import WHO, any_of, load_lexicon
from ingest.spoken_words import Person

_LEXICON = load_lexicon("minutes")
_REPLYING = re.compile(any_of(_LEXICON["replying"]))
_SPEAKING = any_of([word for act in ("asking", "replying", "stating") for word in _LEXICON[act]])
_OUTCOME = any_of(_LEXICON["outcome"])
# The unit of an ordinal number of a meeting: 第2回.
_MEETING_ORDINAL = "第回"
# Stands for a mentioned speaker in the masked text of a question.
_SPEAKER_MARK = "〇"
# With a topic (B委員は), a subject in the question (A委員が出した案に) is not what it asks about.
_SUBJECT_PARTICLES = (("は", "も"), ("が",))
_QUESTION_END = r"[?。]*$"

# Not 誰でも: with も it is no interrogative.
_WHICH_PERSON = (
    rf"(?:{WHO}(?!も|でも)|どの(?:議員|委員|人|方|課|部署|会派)|どこの(?:課|部署)|何(?:委員|議員|課)|何番(?:の議員)?)"
)

_HOW_DECIDED = r"(?:いつ|どこ|いくら|何[一-龥]{0,2}|どう|どの[一-龥]{1,6})(?:に|で|と|へ|から|まで)?決ま[っり]"
_VOTES = r"(?:賛成|反対)(?:は|した(?:の|人)は?|票は?|が|者は?)?何|何[人票][^。?]{0,6}(?:賛成|反対)|票数"
_DECISION = re.compile(
    rf"{_HOW_DECIDED}|{_VOTES}"
    r"|可決|否決|承認|了承|採択|継続審|議決|採決|表決|決議|賛否|全会一致|満場一致|賛成多数|認められ|認定され|同意され"
)
# Words that ask for a decision only at the end of a question: not in 日取りが決まった行事はどれ?.
_DECISION_AT_END = re.compile(
    r"(?:決ま(?:っ[たて]|り)|決め(?:た|まし|られ)|結論|通っ[たて]|通りま|どうな[りっ]|選ばれ|選出|決定|同意)"
    rf"[^。?]{{0,14}}{_QUESTION_END}"
    rf"|結果(?:は|を教えて(?:ください)?|はどう[^。?]{{0,8}})?{_QUESTION_END}"
    r"|(?:会長|委員長|議長|座長)(?:には?|は)(?:誰|だれ|どなた)"
)
_OTHER_INTERROGATIVE = re.compile(r"何(?!が|を|に|と|て|か|の)[一-龥]|いくら|いつ|どんな|どこ|どれ|なぜ|どうして")

_WHAT_WAS_SAID = re.compile(rf"{_SPEAKING}|何て|なんて|何と|なんと")
_WORDS_WANTED = re.compile(rf"{_WHAT_WAS_SAID.pattern}|どう(?:思|考|し)|話|内容|趣旨")
# The reply of the office: 何と答えた, …に対する回答, …についての答弁内容.
_REPLY_OF_OFFICE = re.compile(
    rf"(?:何|なん|どう|どの)[^。?]{{0,8}}(?:{_REPLYING.pattern})[^。?]{{0,3}}た"
    r"|(?:に(?:対する|ついての|関する)|への|の)[^。?]{0,12}(?:回答|答弁)"
    rf"|(?:回答|答弁)(?:内容|部署|課|要旨|の概要)?{_QUESTION_END}"
)
_PERSON_WORD = re.compile(r"議員|委員|さん|氏|[課部局]長|[市町村]長|\d番|事務局")

# Words of a question about the meetings themselves, which are not its topic.
_NOT_TOPIC = re.compile(
    rf"{_SPEAKING}|{_OUTCOME}|{_WHICH_PERSON}"
    r"|会議録?|議事録|委員会|審議会|協議会|議会|定例会|一般質問|会合|議題|内容|趣旨|理由|結果|結論"
    r"|通[っり]|決[まめ][っりたる]?|可否|賛否|採決|表決|議決|議員|委員|(?:発言|質問|答弁)者"
    r"|意見|話|対し|人|方|何票|[市町村][のはが]|件"
    r"|全部|すべて|全て|一覧|まとめ|知り|教え|主な|項目|テーマ|主題|論点|取り?上げ|内訳|結局|最終的"
    r"|(?:令和|平成|昭和)\d+年度?|\d+年度?|\d+月(?:\d+日)?|第\d+回|部署"
)


def meeting_numbers(text: str) -> frozenset[float]:
    """Return the numbers of meetings in normalised `text`: 2 in 第2回の会議."""
    return frozenset(float(quantity.value) for quantity in quantities(text) if quantity.unit == _MEETING_ORDINAL)


def parse_minutes_question(text: str, persons: Sequence[Person], typed: str = "") -> MinutesQuestion | None:
    """Return the question of normalised `text` about a meeting in which these persons spoke; None for any other.

    `typed` is a follow-up as it was typed, before it was completed to `text`.
    """
    patterns = (_DECISION, _DECISION_AT_END, _WORDS_WANTED, _PERSON_WORD, _REPLY_OF_OFFICE)
    if not any(pattern.search(text) for pattern in patterns):
        return None
    mentions = _with_subjects(text, find_mentions(text, persons))
    any_mention = "|".join(re.escape(mention.text) for mention in mentions)
    masked = re.sub(any_mention, _SPEAKER_MARK, text) if mentions else text
    wanted = _find_wanted(masked, mentions)
    unknown = restrict(mentions, ())
    wanted_of_unknown = _find_wanted(masked if unknown else text, unknown)
    if not wanted and not wanted_of_unknown:
        return None
    in_typed = tuple(mention for mention in mentions if mention.text in nfkc(typed))
    return MinutesQuestion(
        wanted,
        wanted_of_unknown,
        # The member whom a follow-up names is asked about, not the one whom the question before named.
        in_typed if any(mention.has_member for mention in in_typed) else mentions,
        _topic_text(text, mentions),
        names_decision=bool(_DECISION.search(text)),
        meeting_numbers=meeting_numbers(text),
    )


def _with_subjects(text: str, mentions: Sequence[Mention]) -> tuple[Mention, ...]:
    for particles in _SUBJECT_PARTICLES:
        marked = tuple(replace(mention, is_subject=text.startswith(particles, mention.end)) for mention in mentions)
        if any(mention.is_subject for mention in marked):
            return marked
    return tuple(mentions)


def _find_wanted(masked: str, mentions: Sequence[Mention]) -> Wanted | None:
    """Return what a question wants to know; None if it is not about a meeting.

    `masked` is its text with a mark in place of each mention.
    """
    names_person = any(mention.kind is not MentionKind.OFFICE for mention in mentions)
    is_speaker_known = any(mention.persons for mention in mentions)
    names_reply = bool(_REPLYING.search(masked))
    is_decision = _DECISION.search(masked) or (
        _DECISION_AT_END.search(masked) and not _OTHER_INTERROGATIVE.search(masked)
    )
    # 浜名議員の質問に何と答えましたか wants the office's words; a member is the subject in 浜名議員は何と答えましたか.
    members = [mention for mention in mentions if mention.has_member or not mention.persons]
    names_asker = any(not mention.is_subject for mention in members)
    # The order matters: an earlier check is more specific, and its questions also satisfy later ones.
    if names_reply and names_asker:
        return Wanted.REPLY
    if names_person and (_WORDS_WANTED if is_speaker_known else _WHAT_WAS_SAID).search(masked):
        return Wanted.WORDS
    if is_decision and not (mentions and names_reply):
        return Wanted.DECISION
    if any(mention.has_member for mention in mentions) or (is_speaker_known and re.search(_SPEAKING, masked)):
        return Wanted.WORDS
    return Wanted.REPLY if _REPLY_OF_OFFICE.search(masked) else None


def _topic_text(text: str, mentions: Sequence[Mention]) -> str:
    for mention in sorted(mentions, key=lambda mention: -mention.start):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return _NOT_TOPIC.sub(" ", text)
