"""A sentence of a document as an answer: with its subject where it lacks one, quoted where it is no sentence."""

import re

from bot.compose.statement import MARK, Statement, closed, each_marked
from bot.find.evidence import Evidence, announces, is_heading, speaker_of, title_of
from bot.find.topic import has_topic
from bot.turn import Source
from ingest.tokenise import Morpheme, morphemes

_MARK = re.compile(r"^[○◎●■□◆◇▼▶・]\s*")

_KEY_VALUE = re.compile(r"^([^:：。、]{1,20})[:：]\s*(\S.*)$|^([^\s。、]{2,10})[\s 　]+(\S.*)$")
_QUOTED = re.compile(r"「[^「」]*」|『[^『』]*』")
_EXCEPTION = re.compile(r"^(?:ただし|但し)")
# What a line counts that only announces: 【視点1】の施策は次の4つです.
_COUNTS = re.compile(r"([^は、]+)は、?(?:次|以下|下記)の(?:\d+\S{1,2}|とおり|通り)(?:です|とします|である)?$")
# A longer lead is no name for what it leads.
_LONGEST_LEAD = 40


def say(evidence: Evidence) -> Statement:
    """Return a whole Japanese sentence that states the piece, with the piece as its quote."""
    text = _MARK.sub("", evidence.text).strip()
    source = Source(evidence.passage, evidence.text)
    if speaker := speaker_of(evidence):
        return Statement(f"{speaker}は、「{text.rstrip('。')}」と述べています。", (source,))
    if evidence.kind == "item":
        return Statement(_item(text, evidence), (source,))
    if not is_sentence(text):
        said = text if _QUOTED.fullmatch(text) else f"「{text}」"
        return Statement(f"{_about(evidence)}{said}と記載されています。", (source,))
    both = evidence.text + evidence.following
    if _EXCEPTION.match(evidence.following) and both in evidence.passage.text:  # what limits a rule belongs to it
        said = f"{closed(_with_subject(text, evidence))[:-1]}{MARK}。{evidence.following}"
        return Statement(said, (Source(evidence.passage, both),))
    return Statement(each_marked(closed(_with_subject(text, evidence))), (source,))


def is_sentence(text: str) -> bool:
    """Whether the text ends as a sentence does, in a verb, an adjective or an auxiliary."""
    ms = _words(text)
    return bool(ms) and ms[-1].pos[0] in {"動詞", "助動詞", "形容詞"}


def _words(text: str) -> list[Morpheme]:
    return [m for m in morphemes(text) if m.pos[0] not in {"補助記号", "空白"}]


def _with_subject(text: str, evidence: Evidence) -> str:
    """Put the heading before a sentence without a topic: …4か年とします -> プランの期間については、…4か年とします."""
    title = title_of(evidence.passage.section)
    if not title or has_topic(text) or title in text or is_sentence(title):
        return text
    return f"{title}については、{text}"


def _about(evidence: Evidence) -> str:
    lead = _MARK.sub("", evidence.lead).strip("。 ")
    title = lead if lead and not is_sentence(lead) else title_of(evidence.passage.section)
    return f"{title}については、" if title and title not in evidence.text else "資料には、"


def _item(text: str, evidence: Evidence) -> str:
    """Say a member of a list: `key value` as a sentence of its own, else as something that the list names."""
    if match := _KEY_VALUE.match(text):
        key, value = (g for g in match.groups() if g)
        return closed(f"{key}は、{value}" if is_sentence(value) else f"{key}は{value}です")
    if is_sentence(text):
        return closed(text)
    title = title_of(evidence.passage.section)
    lead = _MARK.sub("", evidence.lead).strip("。 ")
    if is_heading(evidence.lead):
        return closed(f"{lead}は、{text}です")
    if announced := _COUNTS.search(lead):
        what = announced[1].rpartition("の")[2]
        return f"{title if what in title else f'{title}の{what}'}の一つに「{text}」があります。"
    lead = "" if announces(lead) else lead  # 次の取組を進めます is no name
    context = f"{title}の「{lead}」" if lead and len(lead) <= _LONGEST_LEAD and lead not in title else title
    return f"{context}では、「{text}」が挙げられています。"
