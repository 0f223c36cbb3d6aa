"""Splits a message into sentences and finds those that ask something."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ingest.japanese.interrogatives import INTERROGATIVE
from ingest.japanese.requests import FORMAL_REPLY, TELL, WISH_TO_KNOW
from ingest.japanese.sentences import sentences
from ingest.japanese.tokenise import LIGHT_WORDS, Morpheme, morphemes

# A question mark, or an interrogative at the end: 場所はどこ, いつまで.
_QUESTION_END = re.compile(
    rf"\?[!?]*$|{INTERROGATIVE}[^\sはがをもか。]{{0,2}}(?:まで|から|頃|ごろ|くらい|ぐらい)?[。!]*$"
)
# A request for information, but not thanks for an earlier answer (教えてくれました).
_REQUEST = re.compile(
    rf"{TELL}て(?!(?:くれ|もら|下さ|ください|いただ|頂)[いき]?(?:まし)?た)[^、。?]{{0,12}}[。!]*$"
    rf"|{WISH_TO_KNOW}た(?:い(?:[^、。?が]{{0,8}}|[のん]ですが)|く(?:存じ|思い)ます)[。!]*$"
    rf"|{FORMAL_REPLY}(?:を|の?ほど)?(?:お?願い?|くださ|下さ|いただ|頂|賜)[^、。?]{{0,12}}[。!]*$"
)
_QUESTION_PARTICLES = frozenset({"か", "かしら", "っけ"})
# Offers an alternative within the same question.
_ALTERNATIVE = re.compile(r"(?:それとも|あるいは|または|もしくは)")
# A sentence in Latin letters within a Japanese message.
_FOREIGN = re.compile(r"[\x00-\u024f\u1e00-\u1eff]*[A-Za-z]{2}\s[\x00-\u024f\u1e00-\u1eff]*")
_KANA = re.compile(r"[ぁ-んァ-ヶ]")
# Nouns that name no subject.
_EMPTY_NOUNS = LIGHT_WORDS | {"質問"}
_COUNTER_POS = frozenset({"助数詞可能", "副詞可能"})


@dataclass(frozen=True, slots=True)
class MessageSentence:
    """A sentence of a message, with the line feed after it, and whether it asks something."""

    text: str
    is_question: bool


@dataclass(frozen=True, slots=True)
class MessageQuestion:
    """One question of a message: its `words` as the person wrote them, and the `text` that asks it by itself."""

    words: str
    text: str


def read_sentences(text: str) -> tuple[MessageSentence, ...]:
    """Return the sentences of normalised `text` in order; together they are the text."""
    has_kana = bool(_KANA.search(text))
    return tuple(
        MessageSentence(
            sentence,
            _is_question(sentence.strip(), is_japanese=has_kana and not _FOREIGN.fullmatch(sentence.strip())),
        )
        for sentence in _split_sentences(text)
    )


def is_alternative(sentence: str) -> bool:
    """Whether a sentence offers an alternative to the question before it: それとも片道だけですか."""
    return bool(_ALTERNATIVE.match(sentence))


def find_questions(text: str) -> tuple[str, ...]:
    """Return the questions of normalised `text` in order; the whole text if it asks at most one.

    A statement belongs to the question after it, or to the last question.
    """
    if len(split := read_sentences(text)) == 1:
        return (text,)
    questions = list[str]()
    pending = ""
    for sentence in split:
        pending += sentence.text
        if questions and is_alternative(pending.strip()):
            questions[-1] += pending
        elif sentence.is_question:
            questions.append(pending)
        else:
            continue
        pending = ""
    if len(questions) <= 1:
        return (text,)
    questions[-1] += pending
    return tuple(question.strip() for question in questions)


def is_information_request(text: str) -> bool:
    """Whether normalised `text` requests information that may complete the previous question: 理由を知りたい."""
    return bool(_REQUEST.search(text))


def _split_sentences(text: str) -> list[str]:
    split = list[str]()
    for line in text.splitlines(keepends=True):
        for sentence in sentences(line):
            if split and sentence[0] in "!?":
                split[-1] += sentence
            else:
                split.append(sentence)
        if line.endswith("\n") and split:
            split[-1] = split[-1].rstrip("\n") + "\n"
    return split


def _is_question(sentence: str, *, is_japanese: bool) -> bool:
    content = [m for m in morphemes(sentence) if m.pos[0] not in {"補助記号", "空白"}]
    if _REQUEST.search(sentence):
        return _names_subject(content)
    has_particle = any(m.pos[1] == "終助詞" and m.surface in _QUESTION_PARTICLES for m in content[-2:])
    has_content = any(m.is_content and m.pos[0] != "感動詞" for m in content)
    if not has_content or not (has_particle or _QUESTION_END.search(sentence)):
        return False
    is_noun_alone = is_japanese and _ends_in_noun_without_topic(content)
    return has_particle or not is_noun_alone or bool(re.search(INTERROGATIVE, sentence))


def _ends_in_noun_without_topic(content: Sequence[Morpheme]) -> bool:
    last = content[-1]
    return last.is_noun and last.pos[2] != "形状詞可能" and not any(m.pos[1] == "係助詞" for m in content)


def _names_subject(sentence: Iterable[Morpheme]) -> bool:
    nouns = (m for m in sentence if m.pos[0] == "名詞" and m.pos[1] != "数詞" and m.pos[2] not in _COUNTER_POS)
    return any(m.normal not in _EMPTY_NOUNS for m in nouns)
