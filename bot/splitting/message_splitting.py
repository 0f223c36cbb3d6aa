"""Splits a message into the questions that it asks, in the person's own words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.question.subject_words import importance
from bot.splitting.attribute_lists import split_attributes
from bot.splitting.courtesy import strip_courtesy
from bot.splitting.message_sentences import MessageQuestion, MessageSentence, is_alternative, read_sentences
from bot.splitting.noun_phrases import NOUN_ENDINGS, ask_for, is_noun_phrase, names_something
from bot.splitting.question_clauses import split_clauses, strip_further
from ingest.japanese.markers import BULLETS
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.tokenise import words as terms_of

# The mark or number of an item in a list of questions: 1. · (2) · ・ · Q3: · 質問4、 · 5つ目は.
_ITEM = re.compile(
    rf"\s*(?:[-*+](?=\s)|[{BULLETS}]|\(\d{{1,2}}\)|\d{{1,2}}[.)](?!\d)|[Qq](?:\d{{0,2}}[.:)、]|\d{{1,2}}\s+)|(?:質問|問)\s?\d{{1,2}}[.:)、\s]?"
    rf"|(?:\d|[{KANJI_ONE_TO_TEN}])つ目(?:は|に|の質問は)?[、:]?)\s*"
)
# The number of an item, perhaps without a mark after it: 1 料金.
_NUMBER = re.compile(r"\s*(?P<number>\d{1,2})(?:[.、:)]\s*|\s+)?(?=(?P<first>[^\d\s.,~/%-]))")
_INLINE_NUMBER = re.compile(r"(?<=\S)\s*(?=\((?:[2-9]|1\d)\))")
# Says that questions follow, and what they are about: 粗大ごみについて、次の3点を教えてください.
_ANNOUNCEMENT = re.compile(
    rf"(?:次|以下|下記|いくつか|(?:\d|[{KANJI_ONE_TO_TEN}])(?:点|つ|件|項目))[^。?]{{0,20}}?"
    r"(?:教え|質問|尋ね|伺|聞き|知り|確認|回答|願い|問い合わせ|照会)"
    r"|(?:質問|問い?合わ?せ|照会|相談)(?:が|を|は)[^。?]{0,12}(?:あり|来|受け|届|いただ|頂|きて)"
    r"|(?:質問|お尋ね|問い?合わ?せ|照会|相談)(?:です|いたします|します|させて)"
)
_ABOUT = re.compile(r"(?P<topic>[^、。?\n]{1,30}?)(?:について|に関して|のこと(?:で|を)|に関する)")
# Words with which a writer introduces themself: 市民課の山田と申します.
_INTRODUCTION = re.compile(
    r"(?:課|係|室|部|担当|窓口)(?:の[^。]{1,12})?(?:です|と申します)|と申します|世話になって|お疲れ(?:様|さま)"
)
_CLOSING = re.compile(r"以上(?:、|です|の?\d|$)|よろしく(?:お願い|$)")
_MORE = re.compile(r"(?:あと|それと|それから|また|ついでに|さらに)[、は]*(?P<noun>[^。?]{1,25}?)(?:も|は)?[。!]*")
# A noun, what is said of it, and a demonstrative that asks the same of it as was asked before.
_REFERENCE = re.compile(
    r"(?P<noun>[^、。?]{1,20}?)[もをはが][^、。?]{2,40}(?:けど|けれど|が|ので|から|て|なら|場合)、?"
    r"(?:そっち|そちら|それ|こっち|こちら)(?:の(?:方|ほう|場合))?(?:は|って|だと)?(?:どう(?:です|なります|でしょう)?か?)?[?。]*"
)
_SEVERAL = 2
# Terms of less importance together name no subject (decision 028).
_NO_SUBJECT = 1.6


@dataclass(frozen=True, slots=True)
class _Item:
    """A line of a message without its mark, and whether it had one."""

    text: str
    is_marked: bool


def split_message(text: str) -> tuple[MessageQuestion, ...]:
    """Return the questions of a normalised message in order; the whole message where it asks at most one.

    Greetings and announcements around the questions are left out. A statement belongs to the question after it, or to
    the last question. Items of a list are questions where the list is announced or where several are.
    """
    items = _read_items(text)
    if sum(item.is_marked for item in items) >= _SEVERAL:
        parts = _split_list(items)
    else:
        parts = _split_sentences(read_sentences(text)) or list(split_attributes(text))
    distinct = {re.sub(r"[\W_]+", "", part.text): part for part in reversed(parts)}
    parts = [part for part in parts if distinct[re.sub(r"[\W_]+", "", part.text)] is part]
    return tuple(parts) if len(parts) >= _SEVERAL else (MessageQuestion(text, text),)


def _read_items(text: str) -> list[_Item]:
    """Return the lines of a message; a line without a mark right after an item continues it."""
    if "(1)" in text:
        text = _INLINE_NUMBER.sub("\n", re.sub(r"(?<=[^\s\n])\s*(?=\(1\))", "\n", text, count=1))
    items, goes_on = list[_Item](), False
    lines = text.splitlines()
    numbers = _find_numbers(lines)
    for n, line in enumerate(lines):
        mark = numbers.get(n) or _ITEM.match(line)
        if mark and mark.end() < len(line):
            items.append(_Item(line[mark.end() :].strip(), is_marked=True))
        elif (
            goes_on and line.strip() and not re.search(r"[。?!]$", items[-1].text) and line.startswith((" ", "\u3000"))
        ):
            items[-1] = replace(items[-1], text=items[-1].text + line.strip())
        else:
            items.append(_Item(line.strip(), is_marked=False))
        goes_on = items[-1].is_marked
    return items


def _find_numbers(lines: Sequence[str]) -> dict[int, re.Match[str]]:
    """Return the numbers of lines that count up from 1, by line; counted things (1歳, 2歳) are none."""
    found = dict[int, re.Match[str]]()
    for n, line in enumerate(lines):
        mark = _NUMBER.match(line)
        if mark and int(mark["number"]) == len(found) + 1:
            found[n] = mark
    return found if len({mark["first"] for mark in found.values()}) >= _SEVERAL else {}


def _split_list(items: Sequence[_Item]) -> list[MessageQuestion]:
    """Return a question for each marked item, and those in the lines around them."""
    first = next(n for n, item in enumerate(items) if item.is_marked)
    before = read_sentences("\n".join(item.text for item in items[:first]))
    announced = next((one for one in before if _ANNOUNCEMENT.search(one.text)), None)
    if announced is None and any(one.is_question for one in before) and not _has_question(items):
        return []  # an enumeration within one question
    topic = _find_topic(before)
    parts = _split_sentences([one for one in before if one is not announced], keeps_context=False)
    for item in items[first:]:
        sentences = read_sentences(item.text)
        if any(one.is_question for one in sentences):
            found = _split_sentences(sentences)
        elif not item.is_marked:
            continue
        else:
            noun = item.text.strip("。、 ")
            asks = noun + ("教えてください" if noun.endswith("か") else "")
            found = [MessageQuestion(item.text, ask_for(noun) if names_something(noun) else asks)]
        parts += [replace(part, text=_with_topic(part.text, topic)) for part in found]
    return parts


def _has_question(items: Sequence[_Item]) -> bool:
    return any(one.is_question for item in items if item.is_marked for one in read_sentences(item.text))


def _find_topic(sentences: Sequence[MessageSentence]) -> str:
    """Return what the announced questions are about, "" where it is not said."""
    for sentence in reversed(sentences):
        if about := _ABOUT.search(sentence.text):
            return re.sub(r"^(?:次|以下|下記)の?.*", "", about["topic"].strip())
    return ""


def _with_topic(text: str, topic: str) -> str:
    """Return a question of a list with the topic of the list, where it names no subject of its own."""
    if not topic or importance({*terms_of(text)} - {*terms_of(topic)}) >= _NO_SUBJECT * 2 or topic in text:
        return text
    return f"{topic}の{text}" if text.endswith(NOUN_ENDINGS) else f"{topic}について、{text}"


def _split_sentences(sentences: Sequence[MessageSentence], *, keeps_context: bool = True) -> list[MessageQuestion]:
    """Return the questions of sentences; a statement is searched with the question after it."""
    parts, context, topic = list[MessageQuestion](), "", ""
    for sentence in sentences:
        text = sentence.text.strip()
        plain = text[mark.end() :] if (mark := _ITEM.match(text)) else text
        more = _MORE.fullmatch(plain)
        if parts and is_alternative(plain):
            parts[-1] = MessageQuestion(parts[-1].words + plain, parts[-1].text + plain)
        elif sentence.is_question and _ANNOUNCEMENT.search(plain) and not re.search(r"[?]|か[。]?$", plain):
            topic = _find_topic([sentence])
        elif sentence.is_question:
            plain = strip_further(strip_courtesy(plain))
            if parts and (named := _name_referent(plain)):
                parts.append(MessageQuestion(plain, named))
                continue
            first, *others = split_clauses(plain)
            text = context + first.text if keeps_context else first.text
            parts += [MessageQuestion(first.words, _with_topic(text, topic) if not parts else text), *others]
            context = ""
        elif parts and more and is_noun_phrase(more["noun"]):
            parts.append(MessageQuestion(more["noun"].strip(), ask_for(more["noun"])))
        elif not any(noise.search(plain) for noise in (_INTRODUCTION, _ANNOUNCEMENT, _CLOSING)):
            context += _without_courtesy(text)
        elif _ANNOUNCEMENT.search(plain):
            topic = _find_topic([sentence]) or topic
    if context and parts and keeps_context:
        parts[-1] = replace(parts[-1], text=parts[-1].text + context)
    return parts


def _name_referent(sentence: str) -> str:
    """Return what a short question with a demonstrative asks, by the noun before it; "" for any other sentence.

    自転車も出したいんだけど、そっちは? asks 自転車は?
    """
    reference = _REFERENCE.fullmatch(sentence)
    noun = reference["noun"].strip() if reference else ""
    return f"{noun}は?" if names_something(noun) else ""


def _without_courtesy(sentence: str) -> str:
    """Return a statement, "" where it is only a formula."""
    return "" if strip_courtesy(f"{sentence}。質問はどれですか") == "質問はどれですか" else sentence
