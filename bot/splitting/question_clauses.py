"""Splits a sentence that asks several things into its questions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from bot.splitting.attribute_lists import asks_of_both, bracket_depths, split_attributes
from bot.splitting.message_sentences import MessageQuestion
from bot.splitting.noun_phrases import ask_for, ends_in_attribute, ends_in_label, is_noun_phrase, names_something
from ingest.japanese.interrogatives import INTERROGATIVE
from ingest.japanese.requests import ALL, WISH_TO_KNOW
from ingest.japanese.tokenise import Morpheme, morphemes

# A request at the end of a sentence, with the particle before it: を教えてください, も知りたいです.
_REQUEST = re.compile(
    rf"""
    (?:のことを?|[をがも]|について|に関して)? [、\s]*
    (?:それぞれ|詳しく|まとめて|{ALL})? [、\s]*
    (?: お?(?:教え|示し|聞か|知らせ)て?
      | ご?(?:教示|案内|回答|返答|回示)
      | {WISH_TO_KNOW}たい
      | 確認し?たい
    )
    [^、。?]{{0,18}} [。!?]* $
    """,
    re.VERBOSE,
)
# What asks about a list of nouns as a request does: 対象者と金額は?
_NOUN_QUESTION = re.compile(
    r"(?:は|って)(?:、?(?:何|なに|どう(?:なって(?:い?る|い?ます)|なる|なります)?)(?:です|でしょう)?か?)?[?。!]*$"
)
# What all questions of a sentence are about.
_TOPIC = re.compile(r"(?P<topic>[^、。?]{1,30}?)(?:についてですが|について|に関して|に関し)は?、")
_FURTHER = re.compile(
    r"(?:あと(?:は|、)?|また|それと|それから|さらに|ついでに|加えて|および|及び|並びに|ならびに)[、\s]*"
)
# A word that asks, but not with what makes it indefinite (いつでも, 何か).
_ASKING_WORD = re.compile(
    rf"(?:{INTERROGATIVE}|どう(?!か|ぞ|も)|なぜ|どんな|どのよう)"
    r"(?!でも|も(?![うっ])|か(?=[、とをにのいあ一-龥ァ-ヶ])|かの)"
)
# An asking word with what may follow it: いつ, どこで, いくらくらい.
_BARE_END = r"(?:まで|から|ごろ|頃|くらい|ぐらい|で|に|の|を|が|へ|円|時|日|人|階){0,3}"
_BARE_PHRASE = re.compile(rf"(?:{INTERROGATIVE})(?:つ|年|月|回)?{_BARE_END}")
_MARKED_NOUN = re.compile(r"[一-龥ァ-ヶー々ぁ-んA-Za-z0-9)」][はがも]")
_OWN_TOPIC = re.compile(r".*?(?:では|には|って|とは|は)(?=.)、?")
_EMBEDDED_END = re.compile(r"(?:かどうか|のか|か)(?:、|と|も|を|が|について)*$")
_NOUN_END = re.compile(r"(?:と|や|とか|も|について|のこと)$")
# What ends a condition or a reason, although it may contain an asking word: 誰か来るなら, いくらか分からないので.
_CONTEXT_END = re.compile(r"(?:なら|たら|[えけげせてねべめれ]ば|ので|から|けど|けれど|ですが|ますが|のに)$")
_CONDITION = re.compile(r"(?:たら|だら|なら|れば|なくても|くても|場合は?|ときは?|時は?)")


class _ClauseKind(StrEnum):
    """What a span of a sentence is: CONTEXT belongs to a question next to it, NOUN is a noun phrase for a request."""

    CONTEXT = ""
    QUESTION = "question"
    NOUN = "noun"
    TOPIC = "topic"


@dataclass(frozen=True, slots=True)
class _Clause:
    """A span of a sentence and what it is."""

    text: str
    kind: _ClauseKind


def split_clauses(sentence: str) -> tuple[MessageQuestion, ...]:
    """Return the questions of one normalised sentence in order; the sentence itself if it asks one thing.

    An enumeration within one question, alternatives and conditions are not split.
    """
    unsplit = (MessageQuestion(sentence, sentence),)
    request = _REQUEST.search(sentence) or _noun_question(sentence)
    body = sentence[: request.start()] if request else sentence
    request_text = request[0] if request else ""
    if asks_of_both(body):
        return unsplit
    topic = _TOPIC.match(body)
    if topic and is_noun_phrase(topic["topic"]):
        return _split_after_topic(sentence, topic) or unsplit
    clauses = [_classify(text, is_requested=bool(request)) for text in _cut(body, is_requested=bool(request))]
    asking_clauses = _fold_context(clauses)
    if len(asking_clauses) < 2 or _is_enumeration(asking_clauses):
        return unsplit
    return tuple(_complete(asking_clauses, request_text))


def strip_further(text: str) -> str:
    """Return a text without the word that makes it a further question: また、."""
    further = _FURTHER.match(text)
    return text[further.end() :] if further and further.end() < len(text) else text


def _noun_question(sentence: str) -> re.Match[str] | None:
    question = _NOUN_QUESTION.search(sentence)
    pieces = sentence[: question.start()].split("、") if question else []
    return question if all(names_something(re.sub("[とや]$", "", piece)) for piece in pieces) else None


def _split_after_topic(sentence: str, topic: re.Match[str]) -> tuple[MessageQuestion, ...]:
    remainder = sentence[topic.end() :]
    questions = split_clauses(remainder)
    if len(questions) < 2 and (request := _REQUEST.search(remainder)):
        questions = split_attributes(remainder[: request.start()])
    if len(questions) < 2:
        return ()
    first, *others = questions
    written = (replace(first, words=topic[0] + first.words), *others)
    return tuple(
        MessageQuestion(shown.words, _with_topic(topic["topic"], question))
        for shown, question in zip(written, questions, strict=True)
    )


def _with_topic(topic: str, question: MessageQuestion) -> str:
    if names_something(question.words):
        return ask_for(f"{topic}の{question.words}")
    return f"{topic}について、{question.text}"


def _cut(body: str, *, is_requested: bool) -> list[str]:
    cuts = [0]
    depths = bracket_depths(body)
    for m, following in pairwise(morphemes(body)):
        if not depths[m.start] and _may_cut(body, cuts[-1], m, following, is_requested=is_requested):
            cuts.append(m.end)
    return [body[start:end] for start, end in pairwise([*cuts, len(body)])]


def _may_cut(body: str, start: int, m: Morpheme, following: Morpheme, *, is_requested: bool) -> bool:
    left = body[start : m.end]
    if m.surface == "、":
        return True
    if _FURTHER.match(body, m.end) and m.surface in {"と", "か"}:
        return True
    if m.normal == "か" and following.pos[0] in {"名詞", "接頭辞"}:
        return bool(_MARKED_NOUN.search(left) or _ASKING_WORD.search(left))
    if m.surface == "と" and body[: m.start].endswith("か"):
        return True
    if m.surface in {"と", "や"} and is_requested and _joins_requests(body, start, m):
        return True
    return _continues_after_answerable(left, m, following)


def _continues_after_answerable(left: str, m: Morpheme, following: Morpheme) -> bool:
    is_connective = m.surface in {"て", "で"} and (m.pos[1] == "接続助詞" or m.pos[0] == "助動詞")
    if not is_connective or not following.is_content or following.normal in {"居る", "有る", "為る"}:
        return False
    return bool(_ASKING_WORD.search(left)) and not left.endswith("どうして")


def _joins_requests(body: str, start: int, particle: Morpheme) -> bool:
    left = body[start : particle.start]
    right = body[particle.end :]
    if right.startswith("、"):
        return False  # the comma separates them
    right = re.split("[とや、]", right, maxsplit=1)[0]
    are_labels = ends_in_label(left) and ends_in_label(right) and "の" not in right
    is_attribute = ends_in_label(left) and ("の" in left or start > 0 or are_labels or not is_noun_phrase(left))
    if not is_noun_phrase(right):
        return is_attribute and bool(_MARKED_NOUN.search(right))
    return is_attribute or ("の" in left and ("の" in right or ends_in_label(right)))


def _classify(text: str, *, is_requested: bool) -> _Clause:
    return _Clause(text, _clause_kind(text, is_requested=is_requested))


def _clause_kind(text: str, *, is_requested: bool) -> _ClauseKind:
    plain = strip_further(text.strip("、, ")).rstrip("、,。!? ")
    if re.fullmatch(r".*[はも]", plain) and is_noun_phrase(plain[:-1]):
        return _ClauseKind.TOPIC if ends_in_label(plain[:-1]) else _ClauseKind.CONTEXT
    if text.endswith("、") and _CONTEXT_END.search(plain) and not _BARE_PHRASE.search(plain[-6:]):
        return _ClauseKind.CONTEXT
    if _ASKING_WORD.search(plain):
        return _ClauseKind.QUESTION
    is_embedded = _EMBEDDED_END.search(plain) or text.rstrip().endswith("?")
    if is_embedded and _is_clause(plain, is_requested=is_requested):
        return _ClauseKind.QUESTION
    if is_requested and names_something(_NOUN_END.sub("", plain)):
        return _ClauseKind.NOUN
    return _ClauseKind.CONTEXT


def _is_clause(text: str, *, is_requested: bool) -> bool:
    if _MARKED_NOUN.search(text) or _CONDITION.search(text):
        return True
    return is_requested and {"名詞", "動詞"} <= {m.pos[0] for m in morphemes(text)}


def _fold_context(clauses: Sequence[_Clause]) -> list[_Clause]:
    folded = list[_Clause]()
    pending = ""
    is_list_of_topics = all(clause.kind is _ClauseKind.TOPIC for clause in clauses)
    for clause in clauses:
        kind = clause.kind
        if kind is _ClauseKind.TOPIC:
            kind = _ClauseKind.QUESTION if is_list_of_topics else _ClauseKind.CONTEXT
        pending += clause.text
        if kind is not _ClauseKind.CONTEXT:
            folded.append(_Clause(pending, kind))
            pending = ""
    if pending.strip("、, ") and folded:
        folded[-1] = replace(folded[-1], text=folded[-1].text + pending)
    return folded


def _complete(clauses: Sequence[_Clause], request: str) -> Iterator[MessageQuestion]:
    topic = ""
    owner = ""
    for clause in clauses:
        words = strip_further(clause.text.strip("、, ")).rstrip("、, ")
        if clause.kind is _ClauseKind.NOUN:
            words = noun = _NOUN_END.sub("", words)
            noun_owner = noun.rpartition("の")[0] if is_noun_phrase(noun) else ""
            if noun_owner and not (owner and ends_in_label(noun_owner)):
                owner = noun_owner
            elif owner and ends_in_label(noun) and is_noun_phrase(noun):
                noun = f"{owner}の{noun}"
            yield MessageQuestion(words, ask_for(noun))
            continue
        words = re.sub(r"(?<=か)(?:と|も)$", "", words)
        own_topic = _own_topic(words)
        text = words if own_topic is not None or not topic else topic + words
        topic = own_topic or topic
        yield MessageQuestion(words, _with_ending(text, request))


def _own_topic(words: str) -> str | None:
    asking_word = _ASKING_WORD.search(words)
    before_asking = words[: asking_word.start()] if asking_word else words
    own_topic = _OWN_TOPIC.match(words)
    if own_topic and own_topic.end() <= len(before_asking):
        return own_topic[0]
    return "" if _MARKED_NOUN.search(before_asking) else None


def _with_ending(text: str, request: str) -> str:
    if text.endswith(("?", "。")):
        return text
    return text + ("教えてください" if request and text.endswith("か") else "?")


def _is_enumeration(clauses: Sequence[_Clause]) -> bool:
    *others, last = clauses
    if any(clause.kind is not _ClauseKind.NOUN for clause in clauses) or "の" not in last.text:
        return False
    texts = [clause.text for clause in others]
    return not any("の" in text or "と、" in text or ends_in_attribute(text.strip("、")) for text in texts)
