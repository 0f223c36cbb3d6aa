"""Splits a message into the questions that it asks, in the person's own words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.question.subject_words import MIN_SUBJECT_IMPORTANCE, importance
from bot.splitting.attribute_lists import split_attributes
from bot.splitting.courtesy import strip_courtesy
from bot.splitting.message_sentences import MessageQuestion, MessageSentence, is_alternative, read_sentences
from bot.splitting.noun_phrases import NOUN_ENDINGS, ask_for, names_something
from bot.splitting.question_clauses import split_clauses, strip_further
from ingest.japanese.markers import BULLETS
from ingest.japanese.notation import KANJI_ONE_TO_TEN
from ingest.japanese.requests import TOPIC_POSTPOSITION
from ingest.japanese.tokenise import words

# The mark or number of an item in a list of questions: 1. · (2) · ・ · Q3: · 質問4、 · 5つ目は.
_ITEM_MARK = re.compile(
    rf"""
    \s*
    (?: [-*+](?=\s)
      | [{BULLETS}]
      | \(\d{{1,2}}\)
      | \d{{1,2}}[.)](?!\d)
      | [Qq](?:\d{{0,2}}[.:)、]|\d{{1,2}}\s+)
      | (?:質問|問)\s?\d{{1,2}}[.:)、\s]?
      | (?:\d|[{KANJI_ONE_TO_TEN}])つ目(?:は|に|の質問は)?[、:]?
    )
    \s*
    """,
    re.VERBOSE,
)
# The number of an item, perhaps without a mark after it: 1 料金.
_NUMBER = re.compile(r"\s*(?P<number>\d{1,2})(?:[.、:)]\s*|\s+)?(?=(?P<first_character>[^\d\s.,~/%-]))")
# Says that questions follow, and what they are about: 粗大ごみについて、次の3点を教えてください.
_ANNOUNCEMENT = re.compile(
    rf"(?:次|以下|下記|いくつか|(?:\d|[{KANJI_ONE_TO_TEN}])(?:点|つ|件|項目))[^。?]{{0,20}}?"
    r"(?:教え|質問|尋ね|伺|聞き|知り|確認|回答|願い|問い合わせ|照会)"
    r"|(?:質問|問い?合わ?せ|照会|相談)(?:が|を|は)[^。?]{0,12}(?:あり|来|受け|届|いただ|頂|きて)"
    r"|(?:質問|お尋ね|問い?合わ?せ|照会|相談)(?:です|いたします|します|させて)"
)
_QUESTION_MARK = re.compile(r"[?]|か[。]?$")
_TOPIC = re.compile(rf"(?P<topic>[^、。?\n]{{1,30}}?)(?:{TOPIC_POSTPOSITION}|のこと(?:で|を)|に関する)")
_ANNOUNCED_TOPIC = re.compile(r"^(?:次|以下|下記)の?.*")
# A noun, what is said of it, and a demonstrative that asks the same of it as was asked before.
_REFERENCE = re.compile(
    r"(?P<noun>[^、。?]{1,20}?)[もをはが][^、。?]{2,40}(?:けど|けれど|が|ので|から|て|なら|場合)、?"
    r"(?:そっち|そちら|それ|こっち|こちら)(?:の(?:方|ほう|場合))?(?:は|って|だと)?"
    r"(?:どう(?:です|なります|でしょう)?か?)?[?。]*"
)
# Courtesy is recognised before a question.
_ANY_QUESTION = "質問はどれですか"
_NO_LETTER = re.compile(r"[\W_]+")
# A question with less importance of words besides the topic of its list gets that topic.
_MIN_OWN_IMPORTANCE = MIN_SUBJECT_IMPORTANCE * 2


@dataclass(frozen=True, slots=True)
class _Item:
    """A line of a message without its mark, and whether it had one."""

    text: str
    is_marked: bool


def split_message(text: str) -> tuple[MessageQuestion, ...]:
    """Return the questions of a normalised message in order; the whole message if it asks at most one.

    Greetings and announcements around the questions are left out. A statement belongs to the question after it, or to
    the last question. Items of a list are questions if the list is announced or if several of them ask.
    """
    items = _read_items(text)
    if sum(item.is_marked for item in items) > 1:
        questions = _split_list(items)
    else:
        questions = _split_sentences(read_sentences(text)) or list(split_attributes(text))
    distinct = {_NO_LETTER.sub("", question.text): question for question in reversed(questions)}
    questions = [question for question in questions if distinct[_NO_LETTER.sub("", question.text)] is question]
    return tuple(questions) if len(questions) > 1 else (MessageQuestion(text, text),)


def _read_items(text: str) -> list[_Item]:
    items = list[_Item]()
    lines = text.splitlines()
    numbers = _find_numbers(lines)
    for position, line in enumerate(lines):
        mark = numbers.get(position) or _ITEM_MARK.match(line)
        if mark and mark.end() < len(line):
            items.append(_Item(line[mark.end() :].strip(), is_marked=True))
        elif items and _continues_item(line, items[-1]):
            items[-1] = replace(items[-1], text=items[-1].text + line.strip())
        else:
            items.append(_Item(line.strip(), is_marked=False))
    return items


def _continues_item(line: str, item: _Item) -> bool:
    is_indented = bool(line.strip()) and line.startswith((" ", "\u3000"))
    return item.is_marked and is_indented and not re.search(r"[。?!]$", item.text)


def _find_numbers(lines: Sequence[str]) -> dict[int, re.Match[str]]:
    numbers = dict[int, re.Match[str]]()
    for position, line in enumerate(lines):
        number = _NUMBER.match(line)
        if number and int(number["number"]) == len(numbers) + 1:
            numbers[position] = number
    return numbers if len({number["first_character"] for number in numbers.values()}) > 1 else {}


def _split_list(items: Sequence[_Item]) -> list[MessageQuestion]:
    first = next(position for position, item in enumerate(items) if item.is_marked)
    introduction = read_sentences("\n".join(item.text for item in items[:first]))
    announcement = next((sentence for sentence in introduction if _ANNOUNCEMENT.search(sentence.text)), None)
    if announcement is None and _asks(introduction) and not _has_asking_item(items):
        return []  # an enumeration within one question
    topic = _find_topic(introduction)
    questions = _split_sentences(
        [sentence for sentence in introduction if sentence is not announcement], keeps_context=False
    )
    for item in items[first:]:
        questions += [replace(part, text=_with_topic(part.text, topic)) for part in _split_item(item)]
    return questions


def _split_item(item: _Item) -> list[MessageQuestion]:
    sentences = read_sentences(item.text)
    if _asks(sentences):
        return _split_sentences(sentences)
    if not item.is_marked:
        return []
    noun = item.text.strip("。、 ")
    if names_something(noun):
        return [MessageQuestion(item.text, ask_for(noun))]
    return [MessageQuestion(item.text, noun + ("教えてください" if noun.endswith("か") else ""))]


def _asks(sentences: Sequence[MessageSentence]) -> bool:
    return any(sentence.is_question for sentence in sentences)


def _has_asking_item(items: Sequence[_Item]) -> bool:
    return any(_asks(read_sentences(item.text)) for item in items if item.is_marked)


def _find_topic(sentences: Sequence[MessageSentence]) -> str:
    topics = (_TOPIC.search(sentence.text) for sentence in reversed(sentences))
    topic = next(filter(None, topics), None)
    return _ANNOUNCED_TOPIC.sub("", topic["topic"].strip()) if topic else ""


def _with_topic(text: str, topic: str) -> str:
    if not topic or topic in text or importance({*words(text)} - {*words(topic)}) >= _MIN_OWN_IMPORTANCE:
        return text
    return f"{topic}の{text}" if text.endswith(NOUN_ENDINGS) else f"{topic}について、{text}"


def _split_sentences(sentences: Sequence[MessageSentence], *, keeps_context: bool = True) -> list[MessageQuestion]:
    questions = list[MessageQuestion]()
    context = ""
    topic = ""
    for sentence in sentences:
        text = sentence.text.strip()
        mark = _ITEM_MARK.match(text)
        plain = text[mark.end() :] if mark else text
        if questions and is_alternative(plain):
            questions[-1] = MessageQuestion(questions[-1].words + plain, questions[-1].text + plain)
        elif sentence.is_question and _ANNOUNCEMENT.search(plain) and not _QUESTION_MARK.search(plain):
            topic = _find_topic([sentence])
        elif sentence.is_question:
            plain = strip_further(strip_courtesy(plain))
            if questions and (referent := _name_referent(plain)):
                questions.append(MessageQuestion(plain, referent))
                continue
            first, *others = split_clauses(plain)
            completed = _with_topic(context + first.text, "" if questions else topic)
            questions += [replace(first, text=completed), *others]
            context = ""
        elif _ANNOUNCEMENT.search(plain):
            topic = _find_topic([sentence]) or topic
        elif keeps_context:
            context += _without_courtesy(text)
    if context and questions:
        questions[-1] = replace(questions[-1], text=questions[-1].text + context)
    return questions


def _name_referent(sentence: str) -> str:
    """Return what a short question with a demonstrative asks, by the noun before it; "" for any other sentence.

    自転車も出したいんだけど、そっちは? asks 自転車は?
    """
    reference = _REFERENCE.fullmatch(sentence)
    noun = reference["noun"].strip() if reference else ""
    return f"{noun}は?" if names_something(noun) else ""


def _without_courtesy(sentence: str) -> str:
    return "" if strip_courtesy(f"{sentence}。{_ANY_QUESTION}") == _ANY_QUESTION else sentence
