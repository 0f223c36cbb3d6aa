"""Splits a message into its questions: sentences that ask, and items of a list; courtesy is left out or answered."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from bot.answering.question.language import detect_language
from bot.answering.question.subject_words import CONVERSATION_WORDS
from bot.answering.state import Draft, Exchange, Status, Step, Turn, paragraph, service_message
from bot.answering.state.query import JAPANESE
from bot.answering.work_budget import LIMITS, SEARCH_TERMS
from ingest.japanese import normalise_without_spaces
from ingest.japanese.lexicon import FORMAL_REPLY, INTERROGATIVE, TELL, TOPIC_POSTPOSITION, WISH_TO_KNOW
from ingest.japanese.markers import BULLETS, CIRCLED
from ingest.japanese.sentences import sentences
from ingest.japanese.tokenise import DENIALS, LIGHT_WORDS, Morpheme, morphemes

# Questions answered at once, as many as the work of one message allows. The others are named in the answer.
MAX_QUESTIONS = LIMITS["terms"] // SEARCH_TERMS
# Questions split off; some of them repeat others.
_MAX_PARSED_QUESTIONS = 40
_ITEM_MARK = re.compile(rf"\s*(?:[-*+](?=\s)|[{BULLETS}{CIRCLED}]|\(?\d{{1,2}}[.)、](?!\d))\s*(?=\S)")
# A question mark, or an interrogative at the end: 場所はどこ, いつまで.
_QUESTION_END = re.compile(rf"\?!*$|{INTERROGATIVE}[^\sはがをもか。]{{0,2}}(?:まで|から|頃|ごろ|くらい|ぐらい)?[。!]*$")
# A request for information, but not thanks for an earlier answer (教えてくれました).
_REQUEST = re.compile(
    rf"{TELL}て(?!(?:くれ|もら|下さ|ください|いただ|頂)[いき]?(?:(?:まし)?た|て?、?(?:本当に|大変|誠に)?(?:感謝|有難|ありがと)))[^、。?]{{0,12}}[。!]*$"
    rf"|{WISH_TO_KNOW}た(?:い(?:[^、。?が]{{0,8}}|[のん]ですが)|く(?:存じ|思い)ます)[。!]*$"
    rf"|{FORMAL_REPLY}(?:を|の?ほど)?(?:お?願い?|くださ|下さ|いただ|頂|賜)[^、。?]{{0,12}}[。!]*$"
)
_QUESTION_PARTICLES = frozenset({"か", "かしら", "っけ"})
# Offers an alternative within the same question.
_ALTERNATIVE = re.compile(r"(?:それとも|あるいは|または|もしくは)")
# A sentence in Latin letters within a Japanese message.
_FOREIGN = re.compile(r"[\x00-\u024f\u1e00-\u1eff]*[A-Za-z]{2}\s[\x00-\u024f\u1e00-\u1eff]*")
_TOPIC = re.compile(rf"(?P<topic>[^、。?\n]{{1,30}}?){TOPIC_POSTPOSITION}")
# Nouns that name no subject.
_EMPTY_NOUNS = LIGHT_WORDS | {"質問"}
_COUNTER_POS = frozenset({"助数詞可能", "副詞可能"})
_PREDICATES = frozenset({"動詞", "形容詞", "助動詞", "助詞"})
_COURTESY = frozenset().union(
    *(
        CONVERSATION_WORDS[does]
        for does in ("thanking", "parting", "greeting", "apologising", "announcing", "telling", "helping")
    )
)


class MessageQuestion(NamedTuple):
    """One question of a message: its words as the person wrote them, and the text that is searched."""

    words: str
    text: str


def split_questions(turn: Turn, with_context: Step) -> tuple[list[Turn], tuple[str, ...]]:
    """Return one turn per question of the text, and the masked questions that are too many.

    Each question is completed from those before it; repetitions are dropped.
    """
    questions = dict[str, Turn]()
    for part in _split_turn(turn)[:_MAX_PARSED_QUESTIONS]:
        completed = part
        if len(questions) < MAX_QUESTIONS:
            completed = with_context(with_history([*questions.values()], part))
            completed = replace(completed, texts=replace(completed.texts, understood=completed.texts.searched))
        questions.setdefault(normalise_without_spaces(completed.texts.searched.text), completed)
    turns = [*questions.values()]
    left_over = (question.texts.as_written or question.texts.searched for question in turns[MAX_QUESTIONS:])
    return turns[:MAX_QUESTIONS], tuple(text.masked for text in left_over)


def _split_turn(turn: Turn) -> list[Turn]:
    texts = turn.texts
    is_japanese = {detect_language(texts.searched.text), turn.question.language or JAPANESE} == {JAPANESE}
    if not is_japanese or turn.draft is not None:
        return [turn]
    parts = split_message(texts.searched.text)
    wording = texts.searched.with_text
    shown = [wording(part.words if parts[1:] else "") for part in parts]
    return [
        replace(turn, texts=replace(texts, as_written=words, searched=wording(part.text)))
        for words, part in zip(shown, parts, strict=True)
    ]


def with_history(earlier: Sequence[Turn], turn: Turn) -> Turn:
    """Return the turn with `earlier` turns of the same message added to its history."""
    return replace(turn, history=(*turn.history, *map(to_exchange, earlier))) if earlier else turn


def to_exchange(turn: Turn) -> Exchange:
    """Return a turn as the history of a later one has it while it has no answer."""
    scope = turn.query.scope if turn.query else None
    documents = (scope.named or scope.preferred) if scope else frozenset[str]()
    status = turn.draft.status if turn.draft else Status.ANSWERED
    return Exchange(turn.texts.searched, subject="", parts=(), status=status, documents=documents, town=turn.town)


def split_message(text: str) -> tuple[MessageQuestion, ...]:
    """Return the questions of a normalised message in order; the message without courtesy if it asks at most one.

    A statement belongs to the question after it, or to the last question. Items of a list are questions if they ask, or
    if the text before them does not ask or requests an answer to them.
    """
    questions = _split_list(text.splitlines()) or _split_sentences(text)
    distinct = dict[str, MessageQuestion]()
    for question in questions:
        distinct.setdefault(normalise_without_spaces(question.text), question)
    if len(distinct) > 1:
        return tuple(distinct.values())
    own = "".join(sentence for sentence in _sentences(text) if not is_courtesy(sentence)).strip() or text
    return (MessageQuestion(own, own),)


def _split_list(lines: Sequence[str]) -> list[MessageQuestion]:
    marks = [_ITEM_MARK.match(line) for line in lines]
    if sum(mark is not None for mark in marks) < 2:
        return []
    first = next(position for position, mark in enumerate(marks) if mark)
    introduction = "\n".join(lines[:first])
    items = [line[mark.end() :].strip() for line, mark in zip(lines, marks, strict=True) if mark]
    asking = [sentence for sentence in _sentences(introduction) if asks(sentence)]
    if any(not _REQUEST.search(sentence.strip()) for sentence in asking) and not any(map(asks, items)):
        return []
    match = _TOPIC.search(introduction)
    topic = match["topic"].strip() if match else ""
    about = f"{topic}について、" if topic else ""
    return [MessageQuestion(item, item if topic in item else about + item) for item in items]


def _split_sentences(text: str) -> list[MessageQuestion]:
    questions = list[MessageQuestion]()
    context = ""
    for sentence in map(str.strip, _sentences(text)):
        if questions and _ALTERNATIVE.match(sentence):
            words, searched = questions.pop()
            questions.append(MessageQuestion(words + sentence, searched + sentence))
        elif asks(sentence):
            questions.append(MessageQuestion(sentence, context + sentence))
            context = ""
        elif not is_courtesy(sentence):
            context += sentence
    if questions:
        words, searched = questions.pop()
        questions.append(MessageQuestion(words, searched + context))
    return questions


def _sentences(text: str) -> list[str]:
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


def asks(sentence: str) -> bool:
    """Whether a sentence asks something; a noun alone (市役所?) does not."""
    sentence = sentence.strip()
    content = [m for m in morphemes(sentence) if m.pos[0] not in {"補助記号", "空白"}]
    if _REQUEST.search(sentence):
        nouns = (m for m in content if m.pos[0] == "名詞" and m.pos[1] != "数詞" and m.pos[2] not in _COUNTER_POS)
        return any(m.normal not in _EMPTY_NOUNS for m in nouns)
    has_particle = any(m.pos[1] == "終助詞" and m.surface in _QUESTION_PARTICLES for m in content[-2:])
    has_content = any(m.is_content and m.pos[0] != "感動詞" for m in content)
    if not has_content or not (has_particle or _QUESTION_END.search(sentence)):
        return False
    marks_topic = any(m.pos[1] == "係助詞" or m.pos[2] == "形状詞可能" for m in content)
    is_noun_alone = not _FOREIGN.fullmatch(sentence) and content[-1].is_noun and not marks_topic
    return has_particle or not is_noun_alone or bool(re.search(INTERROGATIVE, sentence))


def is_courtesy(sentence: str) -> bool:
    """Whether a sentence is only greeting, thanks or another formula."""
    content = {m.normal for m in morphemes(sentence) if m.is_content and m.pos[0] != "感動詞"}
    return content <= _COURTESY


# The keys of the messages of each reply, by what its words do.
_REPLIES = {"thanking": ("welcome", "more"), "parting": ("farewell",), "greeting": ("hello", "looks_up", "write")}


def smalltalk(turn: Turn) -> Turn:
    """Return the turn with a reply if its text is only a greeting or thanks; after an answer, also if it ends so."""
    text = turn.texts.searched.text
    closing = [sentence for sentence in _sentences(text) if _ends_with_thanks(sentence)] if turn.history else []
    others = [sentence for sentence in _sentences(text) if sentence not in closing and not is_courtesy(sentence)]
    # A noun after thanks is a question: ありがとう。次は休館日
    last = (morpheme for one in others for morpheme in morphemes(one.rstrip("。! \n"))[-1:])
    is_closing = bool(closing) and all(morpheme.pos[0] in _PREDICATES for morpheme in last)
    tokens = morphemes(closing[-1] if is_closing else text)
    is_formula = is_courtesy(text) and not any(token.normal in DENIALS or _is_condition(token) for token in tokens)
    if asks(text) or not (is_closing or is_formula):
        return turn
    normals = {token.normal for token in tokens}
    reply = next((keys for does, keys in _REPLIES.items() if normals & CONVERSATION_WORDS[does]), ())
    if not reply:
        return turn
    return turn.with_draft(Draft((paragraph(*map(service_message, reply)),), status=Status.SMALLTALK))


def _ends_with_thanks(sentence: str) -> bool:
    # ごみの件、教えてくれてありがとうございました. Not a noun alone, which is searched for: 市民への感謝.
    words = [m for m in morphemes(sentence.strip()) if m.pos[0] not in {"補助記号", "空白"}]
    position = max((i for i, m in enumerate(words) if m.normal in CONVERSATION_WORDS["thanking"]), default=len(words))
    rest = words[position + 1 :]
    is_formula = all(not m.is_content or m.normal in CONVERSATION_WORDS["helping"] for m in rest)
    is_said = any(m.pos[0] in {"助動詞", "感動詞"} for m in words[position:])
    is_wish = any(map(_is_condition, words[max(position - 1, 0) : position]))
    return is_said and is_formula and not is_wish and not any(m.normal in DENIALS for m in rest)


def _is_condition(word: Morpheme) -> bool:
    return word.normal in {"と", "ば"} or word.pos[5].startswith("仮定")
