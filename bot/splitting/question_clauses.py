"""Splits a sentence that asks several things into its questions."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.splitting.attribute_lists import split_attributes
from bot.splitting.message_sentences import MessageQuestion
from bot.splitting.noun_phrases import ask_for, ends_in_attribute, ends_in_label, is_noun_phrase, names_something
from ingest.japanese.interrogatives import HOW_MANY, HOW_MUCH, INTERROGATIVE, WHEN, WHERE
from ingest.japanese.tokenise import Morpheme, morphemes

# A request at the end of a sentence, with the particle before it: を教えてください, も知りたいです.
_REQUEST = re.compile(
    r"(?:のことを?|[をがも]|について|に関して)?[、\s]*(?:それぞれ|詳しく|まとめて|全部)?[、\s]*"
    r"(?:お?(?:教え|示し|聞か|知らせ)て?|ご?(?:教示|案内|回答|返答|回示)|(?:知り|聞き|伺い|うかがい|尋ね)たい|確認し?たい)[^、。?]{0,18}[。!?]*$"
)
# What asks about a list of nouns as a request does: 対象者と金額は?
_NOUN_QUESTION = re.compile(
    r"(?:は|って)(?:、?(?:何|なに|どう(?:なって(?:い?る|い?ます)|なる|なります)?)(?:です|でしょう)?か?)?[?。!]*$"
)
# What all questions of a sentence are about.
_ABOUT = re.compile(r"(?P<topic>[^、。?]{1,30}?)(?:についてですが|について|に関して|に関し)は?、")
# What is asked of two things together: 4月と6月の差.
_RELATION = re.compile(r"の(?:差|違い|ちがい|合計|総計|平均|比較|関係)(?:額|数)?$")
# A copula after an asking word: いつまでで、….
_COPULA = re.compile(rf"(?:{INTERROGATIVE}|まで|から|つ|円|人|時|日)(で)$")
_FIRST_COPULA = re.compile(rf"(?:まで|は(?:{HOW_MUCH}|{HOW_MANY})[^、]?)で$")
_FURTHER = re.compile(
    r"(?:あと(?:は|、)?|また|それと|それから|さらに|ついでに|加えて|および|及び|並びに|ならびに)[、\s]*"
)
_ALTERNATIVE = re.compile(r"[、\s]*(?:それとも|あるいは|または|もしくは)")
# A word that asks, but not with what makes it indefinite (いつでも, 何か).
_ASKING_WORD = re.compile(
    rf"(?:{INTERROGATIVE}|どう(?!か|ぞ|も)|なぜ|どんな|どのよう)(?!でも|も(?![うっ])|か(?=[、とをにのいあ一-龥ァ-ヶ])|かの)"
)
# What may stand between an asking word and the next part where they share a predicate: いつ, どこで, いくらくらい.
_BARE_END = r"(?:まで|から|ごろ|頃|くらい|ぐらい|で|に|の|を|が|へ|円|時|日|人|階){0,3}"
_SEPARATOR = r"[、・,]\s*(?:そして|また)?"
_BARE_PHRASE = re.compile(rf"(?:{INTERROGATIVE})(?:つ|年|月|回)?{_BARE_END}")
_NEXT_BARE = re.compile(rf"(?:{_SEPARATOR}|と、?|や)(?={INTERROGATIVE})")
_WHEN_WHERE = re.compile(rf"({WHEN})(?={WHERE})")
_TOPIC = re.compile(r"[一-龥ァ-ヶー々ぁ-んA-Za-z0-9)」][はがも]")
_EMBEDDED_END = re.compile(r"(?:かどうか|のか|か)(?:、|と|も|を|が|について)*$")
_NOUN_END = re.compile(r"(?:と|や|とか|も|について|のこと)$")
# What ends a condition or a reason, although it may contain an asking word: 誰か来るなら, いくらか分からないので.
_CONTEXT_END = re.compile(r"(?:なら|たら|[えけげせてねべめれ]ば|ので|から|けど|けれど|ですが|ますが|のに)$")
_CONDITION = re.compile(r"(?:たら|だら|なら|れば|なくても|くても|場合は?|ときは?|時は?)")
_OPEN, _CLOSE = "「『(（【", "」』)）】"
_SEVERAL = 2


@dataclass(frozen=True, slots=True)
class _Clause:
    """A span of a sentence and what it is: a question, a `noun` phrase that is requested, or context."""

    text: str
    kind: str


def split_clauses(sentence: str) -> tuple[MessageQuestion, ...]:
    """Return the questions of one normalised sentence in order; the sentence itself where it asks one thing.

    An enumeration within one question, alternatives and conditions are not split.
    """
    whole = (MessageQuestion(sentence, sentence),)
    if _ALTERNATIVE.search(sentence):
        return whole
    request = _REQUEST.search(sentence)
    if not request and (question := _NOUN_QUESTION.search(sentence)) and _is_noun_list(sentence[: question.start()]):
        request = question
    body = sentence[: request.start()] if request else sentence
    if _RELATION.search(body):
        return whole
    if parts := _split_shared_predicate(body, request[0] if request else ""):
        return parts
    if (about := _ABOUT.match(body)) and is_noun_phrase(about["topic"]):
        return _split_about(sentence, about) or whole
    clauses = _fold_context([_classify(text, is_requested=bool(request)) for text in _cut(body, bool(request))])
    asked = [clause for clause in clauses if clause.kind]
    if len(asked) < _SEVERAL or _is_enumeration(asked):
        return whole
    return tuple(_complete(asked, request[0] if request else ""))


def strip_further(text: str) -> str:
    """Return a text without the word that makes it a further question: また、."""
    further = _FURTHER.match(text)
    return text[further.end() :] if further and further.end() < len(text) else text


def _split_about(sentence: str, about: re.Match[str]) -> tuple[MessageQuestion, ...]:
    """Return the questions after a topic, each with it: 体育館について、料金と予約方法を教えて."""
    rest = sentence[about.end() :]
    topic, parts = about["topic"], split_clauses(rest)
    if len(parts) < _SEVERAL and (request := _REQUEST.search(rest)):
        parts = split_attributes(rest[: request.start()])
    if len(parts) < _SEVERAL:
        return ()
    texts = [
        ask_for(f"{topic}の{part.words}") if names_something(part.words) else f"{topic}について、{part.text}"
        for part in parts
    ]
    words = [about[0] + parts[0].words, *(part.words for part in parts[1:])]
    return tuple(MessageQuestion(*one) for one in zip(words, texts, strict=True))


def _split_shared_predicate(body: str, request: str) -> tuple[MessageQuestion, ...]:
    """Return a question for each of several asking words with one predicate: いつ、どこで受けられますか."""
    phrases = list[tuple[int, int]]()
    position = 0
    while match := _BARE_PHRASE.search(body, position):
        end = match.end()
        adjacent = _WHEN_WHERE.match(body, match.start())
        if adjacent:
            end = adjacent.end()
        if not phrases and _FIRST_COPULA.search(body[:end]):
            return ()
        phrases.append((match.start(), end))
        gap = _NEXT_BARE.match(body, end)
        if not gap and not adjacent:
            break
        position = gap.end() if gap else end
    depth = _depths(body)
    if len(phrases) < _SEVERAL or any(depth[start] for start, _ in phrases):
        return ()
    topic, predicate = body[: phrases[0][0]], body[phrases[-1][1] :]
    if re.search(r"[てで]、", predicate):
        return ()  # each has a predicate of its own
    asked = request and request.lstrip("をがも")
    texts = [f"{topic}{body[start:end]}{predicate or '?'}{asked}" for start, end in phrases]
    starts = [0, *(start for start, _ in phrases[1:])]
    ends = [*(end for _, end in phrases[:-1]), len(body)]
    words = (body[start:end].strip("、・, ") for start, end in zip(starts, ends, strict=True))
    return tuple(MessageQuestion(*one) for one in zip(words, texts, strict=True))


def _cut(body: str, is_requested: bool) -> list[str]:  # noqa: FBT001
    """Return the pieces of a sentence between which a further question may begin; together they are the sentence."""
    cuts, ms = {0, len(body)}, morphemes(body)
    depth = _depths(body)
    for m, following in pairwise(ms):
        if depth[m.start]:
            continue
        left = body[max(cut for cut in cuts if cut <= m.start) : m.end]
        is_connective = m.surface in {"て", "で"} and (m.pos[1] == "接続助詞" or m.pos[0] == "助動詞")
        before_content = following.is_content and following.normal not in {"居る", "有る", "為る"}
        if (
            m.surface == "、"
            or (m.normal == "か" and (following.pos[0] in {"名詞", "接頭辞"}) and _has_topic_or_word(left))
            or (m.surface == "と" and body[: m.start].endswith("か"))
            or (is_connective and before_content and _ASKING_WORD.search(left) and not left.endswith("どうして"))
            or (m.surface in {"と", "や"} and is_requested and _joins_requests(body, m, cuts))
            or (_FURTHER.match(body, m.end) and (m.surface in {"と", "、", "か"}))
        ):
            cuts.add(m.end)
    bounds = sorted(cuts)
    return [body[start:end] for start, end in pairwise(bounds)]


def _joins_requests(body: str, particle: Morpheme, cuts: set[int]) -> bool:
    """Whether と joins two requested things of their own: 料金の額と施設の場所, but not 子どもと大人の料金."""
    start = max(cut for cut in cuts if cut <= particle.start)
    left, right = body[start : particle.start], body[particle.end :]
    if right.startswith("、"):
        return False  # the comma separates them
    right = re.split("[とや、]", right, maxsplit=1)[0]
    are_labels = ends_in_label(left) and ends_in_label(right) and "の" not in right
    is_attribute = ends_in_label(left) and ("の" in left or start > 0 or are_labels or not is_noun_phrase(left))
    if is_noun_phrase(right):
        if not ("の" in left or is_attribute):
            return False
        return is_attribute or ("の" in left and "の" in right) or ends_in_label(right)
    return is_attribute and bool(_TOPIC.search(right))


def _classify(text: str, *, is_requested: bool) -> _Clause:
    """Return a piece with its kind: "question", "noun" or "" for context."""
    plain = strip_further(text.strip("、, ")).rstrip("、,。!? ")
    if re.fullmatch(r".*[はも]", plain) and is_noun_phrase(plain[:-1]):
        return _Clause(text, "topic" if ends_in_label(plain[:-1]) else "")
    if text.endswith("、") and _CONTEXT_END.search(plain) and not _BARE_PHRASE.search(plain[-6:]):
        return _Clause(text, "")
    if _ASKING_WORD.search(plain):
        return _Clause(text, "question")
    if _EMBEDDED_END.search(plain) or text.rstrip().endswith("?"):
        is_clause = (
            _TOPIC.search(plain)
            or _CONDITION.search(plain)
            or (is_requested and {"名詞", "動詞"} <= {m.pos[0] for m in morphemes(plain)})
        )
        if is_clause:
            return _Clause(text, "question")
    if is_requested and names_something(_NOUN_END.sub("", plain)):
        return _Clause(text, "noun")
    return _Clause(text, "")


def _fold_context(clauses: Sequence[_Clause]) -> list[_Clause]:
    """Return the clauses with context joined to the question after it, or at the end to the one before."""
    folded, pending = list[_Clause](), ""
    is_list_of_topics = sum(clause.kind == "topic" for clause in clauses) == len(clauses)
    for clause in clauses:
        kind = clause.kind
        if kind == "topic":
            kind = "question" if is_list_of_topics else ""
        if not kind:
            pending += clause.text
        else:
            folded.append(_Clause(pending + clause.text, kind))
            pending = ""
    if pending.strip("、, ") and folded:
        folded[-1] = _Clause(folded[-1].text + pending, folded[-1].kind)
    return folded


def _complete(clauses: Sequence[_Clause], request: str) -> Iterator[MessageQuestion]:
    """Yield the questions, each with the topic that it shares with the one before it."""
    topic = owner = ""
    for clause in clauses:
        words = strip_further(clause.text.strip("、, ")).rstrip("、, ")
        if clause.kind == "noun":
            words = noun = _NOUN_END.sub("", words)
            of = noun.rpartition("の")[0] if is_noun_phrase(noun) else ""
            if of and not (owner and ends_in_label(of)):
                owner = of
            elif owner and ends_in_label(noun) and is_noun_phrase(noun):
                noun = f"{owner}の{noun}"
            yield MessageQuestion(words, ask_for(noun))
            continue
        words = re.sub(r"(?<=か)(?:と|も)$", "", words)
        own_topic = re.match(r".*?(?:では|には|って|とは|は)(?=.)、?", words)
        asking = _ASKING_WORD.search(words)
        has_own = bool(own_topic and (not asking or own_topic.end() <= asking.start())) or bool(
            _TOPIC.search(words[: asking.start()] if asking else words)
        )
        text = words if has_own or not topic else topic + words
        if own_topic and (not asking or own_topic.end() <= asking.start()):
            topic = own_topic[0]
        if copula := _COPULA.search(text):
            text = text[: copula.start(1)]
        ending = _ending(text, request)
        yield MessageQuestion(words, text + ending)


def _ending(text: str, request: str) -> str:
    if text.endswith(("?", "。", "か")) and not (request and text.endswith("か")):
        return "" if text.endswith(("?", "。")) else "?"
    return "教えてください" if request and text.endswith("か") else "?"


def _has_topic_or_word(text: str) -> bool:
    return bool(_TOPIC.search(text) or _ASKING_WORD.search(text))


def _is_noun_list(text: str) -> bool:
    return all(names_something(re.sub("[とや]$", "", piece)) for piece in text.split("、"))


def _is_enumeration(clauses: Sequence[_Clause]) -> bool:
    """Whether commas only list what the last noun is about: 庭木、古布の出し方."""
    *others, last = clauses
    if any(clause.kind != "noun" for clause in clauses) or "の" not in last.text:
        return False
    return not any("の" in one.text or "と、" in one.text or ends_in_attribute(one.text.strip("、")) for one in others)


def _depths(text: str) -> list[int]:
    """Return the depth of brackets at each character."""
    depth, depths = 0, list[int]()
    for character in text:
        depth = max(0, depth - (character in _CLOSE))
        depths.append(depth)
        depth += character in _OPEN
    return depths
