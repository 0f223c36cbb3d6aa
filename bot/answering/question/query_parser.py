"""Parses a question into a Query, with the names that it asks about, and the texts of a turn into its queries."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import date
from functools import partial

from bot.answering.question.answer_type import detect_answer_type, expected_member_count, without_interrogatives
from bot.answering.question.language import detect_language
from bot.answering.question.scope import ScopeMatch, ScopeResolver
from bot.answering.state import Turn
from bot.answering.state.query import JAPANESE, AnswerType, AskedName, Query, Scope, Term, select_rarest
from bot.answering.work_budget import SEARCH_TERMS, take_work
from ingest.documents import Document
from ingest.japanese import dates
from ingest.japanese.characters import KANJI
from ingest.japanese.mentions.days import named_months, resolve_relative_dates
from ingest.japanese.samples import names_sample
from ingest.japanese.spans import Spans
from ingest.japanese.tokenise import LIGHT_WORDS, Morpheme, morphemes, words

_PAST = re.compile(
    r"(?<!午)[先前]月(?!曜)|[先前]回|前号|[昨去]年|一昨年|おととし|この前|先日|[年月週日]前(?!後|半)|(?<!年)以前|過去|当時|昔(?!話)"
    r"|先々?週|昨[日晩夜]|きのう|おととい|この間|終わっ"
)


# The particle that links a name to the rest of the question: 計画3.0の費用, 青葉市では….
_LINKING_PARTICLE = re.compile(r"(?:では|でも|には|にも|の|で|に|は|も)?、?\s*")
_CAPITALISED_WORDS = re.compile(r"(?:[A-Z][\w-]{0,30}\s{1,9}){1,8}$")
_SENTENCE = re.compile(r"[^。?!\n]+[。?!\n]?")
# A personal detail masked by bot/answering/privacy, and the words between it and the question (〔氏名〕ですが、…).
_MASKED = re.compile(r"〔[^〔〕\n]*〕")
_INTRODUCTION = re.compile(r"[^。?!\n]{0,20}?(?:です|ます|ました|まして|でして|だ)(?:が|けれども|けれど|けど|ので)、?")
_STATEMENT_END = re.compile(r"(?<!か)[。!\n]$")


class QueryParser:
    """Parses questions about `documents`; safe to share between threads.

    `rarity` returns the idf of a word among their passages, highest for a word that they lack. `scopes` finds the
    documents, the day and the town that a question is about.
    """

    def __init__(self, documents: Sequence[Document], rarity: Callable[[str], float]) -> None:
        self.scopes = ScopeResolver(documents)
        self._rarity = rarity

    def __call__(
        self,
        text: str,
        as_of: date,
        conversation_documents: frozenset[str] = frozenset(),
        chosen_language: str | None = None,
        typed: str = "",
    ) -> Query:
        """Return the query of normalised `text`.

        Relative years are resolved if the documents name that year, because documents write 来年度 too.

        Args:
            conversation_documents: the ids of the documents that the conversation is about.
            typed: the follow-up as it was typed, before it was completed to `text`; "" for other questions.
        """
        match = self.scopes(text, as_of, conversation_documents)
        resolved = self._resolve_relative_dates(text, match.scope, as_of)
        if resolved != text:
            return self(resolved, as_of, conversation_documents, chosen_language, typed)
        language = detect_language(text, chosen_language)
        topic = self._find_topic(text, match, language)
        terms = self._weigh_terms(topic, typed)
        if not terms:  # プラン2.0とは? asks about the name itself
            topic, terms = text, self._weigh_terms(text, typed)
        answer_type, counter = detect_answer_type(topic)
        return Query(
            text=text,
            topic=topic,
            language=language,
            answer_type=answer_type,
            scope=match.scope,
            terms=terms,
            counter=counter,
            member_count=expected_member_count(topic),
            dates=tuple(dates(topic)),
            chosen_language=chosen_language,
            months=named_months(topic),
            asks_for_sample=names_sample(text),
            asks_about_past=bool(_PAST.search(topic)),
            names=find_asked_names(topic, terms, match.scope.absent_towns) if language == JAPANESE else (),
        )

    def _resolve_relative_dates(self, text: str, scope: Scope, as_of: date) -> str:
        start = scope.day.start if scope.day else 0
        end = scope.day.end if scope.day else 0
        parts = ((text[:start], scope.as_of), (text[start:end], as_of), (text[end:], scope.as_of))
        return "".join(resolve_relative_dates(part, day, self._is_known) for part, day in parts)

    def _find_topic(self, text: str, match: ScopeMatch, language: str) -> str:
        names = list(match.covered)
        if language != JAPANESE:
            for i, (start, end) in enumerate(names):
                capitalised = _CAPITALISED_WORDS.search(text[:start])
                names[i] = capitalised.start() if capitalised else start, end
        covered = (*names, *_introduction_spans(text))
        topic_with_day = _remove_spans(text, covered)
        day = match.scope.day
        if day is None:
            return topic_with_day
        topic = _remove_spans(text, (*covered, (day.start, day.end)))
        is_quantity = detect_answer_type(topic)[0] is AnswerType.QUANTITY
        asks_figure = day.use == "figure" or (day.use == "state" and is_quantity)
        keys = [mention.key for mention in dates(day.phrase)] if asks_figure else []
        is_known = any(self._is_known(key) or self._is_known(key.partition("月")[0] + "月") for key in keys)
        return topic_with_day if is_known else topic

    def _is_known(self, word: str) -> bool:
        return self._rarity(word) < self._rarity("")

    def _weigh_terms(self, topic: str, typed: str) -> tuple[Term, ...]:
        distinct = select_rarest(words(topic), self._rarity)
        rarity = {word: self._rarity(word) for word in distinct}
        total = sum(rarity.values()) or 1.0
        content = set(words(without_interrogatives(topic)))
        typed_words = set(words(typed) if typed else distinct)
        return tuple(
            Term(
                word,
                rarity[word] / total,
                is_interrogative=word not in content,
                is_carried_over=word not in typed_words,
            )
            for word in distinct
        )


def _introduction_spans(text: str) -> Iterator[tuple[int, int]]:
    for sentence in _SENTENCE.finditer(text):
        masked = list(_MASKED.finditer(text, *sentence.span()))
        introductions = (_INTRODUCTION.match(text, detail.end(), sentence.end()) for detail in reversed(masked))
        if introduction := next(filter(None, introductions), None):
            yield sentence.start(), introduction.end()
        elif masked and _STATEMENT_END.search(sentence[0]):
            yield sentence.span()


def _remove_spans(text: str, spans: Sequence[tuple[int, int]]) -> str:
    remaining = ""
    position = 0
    for start, end in sorted(spans):
        remaining += text[position:start]
        particle = None if remaining.strip() else _LINKING_PARTICLE.match(text, end)
        position = max(position, particle.end() if particle else end)
    return (remaining + text[position:]).strip()


# What follows a name that is not asked about: the asker's home, origin or name, or what something is compared with.
_NOT_ASKED_ABOUT = re.compile(
    r"に(?:住|在住|引っ?越|通|勤)|から|まで|より|へ|と(?:申|言|いい)|です[がけ]|だけど|在住|出身"
)
# Whoever asks about a place to leave or reach asks about that one, if the documents have others.
_PLACE_PARTICLES = frozenset({"から", "まで"})
_IDENTIFYING_NUMBER = re.compile(r"第[0-9]+.?|(?<![0-9])[0-9]++(?:号|丁目)")
# Between the parts of a place name, where Sudachi takes them for particles or symbols: 関ヶ原, 杉ノ下.
_LINKS_IN_NAMES = frozenset("ヶケノ")
_KANJI_WORD = re.compile(f"[{KANJI}々]+")


def find_asked_names(topic: str, terms: Iterable[Term], absent_towns: frozenset[str]) -> tuple[AskedName, ...]:
    """Return the names that the topic of a Japanese question asks about, without those of municipalities and dates.

    `absent_towns` are left out, because a prefecture that published nothing may contain the issuer.
    """
    interrogatives = {term.text for term in terms if term.is_interrogative}
    date_spans = Spans((mention.start, mention.end) for mention in dates(topic))
    names = (_read_name(topic, noun, interrogatives) for noun in _compound_nouns(topic, date_spans))
    return tuple(name for name in names if name and not absent_towns.intersection(name.identifying))


def _compound_nouns(text: str, excluded: Spans) -> Iterator[list[Morpheme]]:
    noun: list[Morpheme] = []
    for morpheme in morphemes(text, "C"):
        is_part = morpheme.is_noun or bool(noun and morpheme.surface in _LINKS_IN_NAMES)
        is_part = is_part and not excluded.meet(morpheme.start, morpheme.end)
        if noun and not (is_part and noun[-1].end == morpheme.start):
            yield noun
            noun = []
        if is_part:
            noun.append(morpheme)
    if noun:
        yield noun


def _read_name(text: str, noun: Sequence[Morpheme], interrogatives: AbstractSet[str]) -> AskedName | None:
    start = noun[0].start
    end = noun[-1].end
    other_use = _NOT_ASKED_ABOUT.match(text, end)
    is_place = other_use is not None and other_use[0] in _PLACE_PARTICLES
    if not interrogatives.isdisjoint(words(text[start:end])) or (other_use and not is_place):
        return None
    kind = noun[-1].surface if len(noun) > 1 and _is_common_noun(noun[-1]) else ""
    modifiers = noun[:-1] if kind else noun
    proper = _proper_parts(text, modifiers)
    identifying = proper or (_common_parts(text, noun) if kind else ())
    if is_place:
        proper = identifying = ()
    parts: list[list[Morpheme]] = []
    for morpheme in morphemes(text[start:end]):
        is_number = morpheme.pos[1] == "数詞"
        if not parts or not (morpheme.pos[0] == "接尾辞" or (is_number and parts[-1][-1].surface == "第")):
            parts.append([])
        parts[-1].append(morpheme)
    # Not one word of the dictionary (日曜日), an amount, a time (8月末), or a noun with what colloquial text adds.
    ends_as_name = noun[-1].pos[2] != "副詞可能" and not "ぁ" <= text[end - 1] <= "ん"
    is_name = len(parts) > 1 and (len(noun) > 1 or bool(proper)) and noun[0].pos[1] != "数詞" and ends_as_name
    distinguishing = tuple(n for n in range(len(parts)) if is_name and _is_distinguishing(parts, n))
    if not identifying and not distinguishing:
        return None
    parts_of_name = tuple("".join(m.surface for m in part) for part in parts)
    return AskedName(text[start:end], identifying, kind, bool(proper), parts_of_name, distinguishing)


def _is_distinguishing(parts: Sequence[Sequence[Morpheme]], n: int) -> bool:
    # No activity and no amount.
    first = parts[n][0]
    if first.pos[1] == "数詞":
        following = [part[0] for part in parts[n + 1 : n + 2]]
        is_counted = any("助数詞" in level for morpheme in following for level in morpheme.pos)
        number = "".join(morpheme.normal for morpheme in (first, *following))
        return n > 0 and (not is_counted or bool(_IDENTIFYING_NUMBER.match(number)))
    is_kind = n + 1 == len(parts) and len(parts[n]) > 1
    return (first.pos[2] != "サ変可能" or is_kind) and first.normal not in LIGHT_WORDS


def _proper_parts(text: str, modifiers: Sequence[Morpheme]) -> tuple[str, ...]:
    if any(morpheme.surface in _LINKS_IN_NAMES for morpheme in modifiers):
        return (text[modifiers[0].start : modifiers[-1].end],)
    return tuple(
        morpheme.surface
        for morpheme in modifiers
        if len(morpheme.surface) > 1
        and (morpheme.pos[1] == "固有名詞" or (morpheme.is_unknown and _KANJI_WORD.fullmatch(morpheme.surface)))
    )


def _common_parts(text: str, noun: Sequence[Morpheme]) -> tuple[str, ...]:
    if number := _IDENTIFYING_NUMBER.search(text, noun[0].start, noun[-1].end):
        return (number[0],)
    return tuple(morpheme.surface for morpheme in noun[:-1] if _is_common_noun(morpheme))


def _is_common_noun(morpheme: Morpheme) -> bool:
    is_common = morpheme.pos[:2] == ("名詞", "普通名詞") and morpheme.pos[2] in {"一般", "サ変可能"}
    return is_common and len(morpheme.surface) > 1 and morpheme.normal not in LIGHT_WORDS


def parse_turn(parser: QueryParser, correct_spelling: Callable[[str], str], turn: Turn) -> Turn:
    """Return the turn with the town of the conversation in its texts, and with its queries.

    A question that the documents spell otherwise, as `correct_spelling` returns it, gets both spellings as wordings.
    """
    turn, corrected = _complete_town(parser.scopes, correct_spelling(turn.texts.searched.text), turn)
    texts = turn.texts
    day = turn.requested_day
    documents = turn.history[-1].documents if texts.typed_follow_up else frozenset[str]()
    query = parser(texts.searched.text, day, documents, turn.question.language, texts.typed_follow_up.text)
    wordings: tuple[Query, ...] = ()
    if corrected != texts.searched.text and take_work("terms", SEARCH_TERMS) == SEARCH_TERMS:
        typed = correct_spelling(texts.typed_follow_up.text)
        wording = parser(corrected, day, documents, turn.question.language, typed)
        # A town or document that is typed in kana is meant by both.
        query = replace(query, scope=wording.scope)
        wordings = (query, wording)
    proposed = [parser(text, day, documents) for text in texts.proposed]
    return replace(
        turn,
        query=query,
        wordings=wordings,
        alternative_query=parser(texts.alternative.text, day, documents) if texts.alternative else None,
        proposed_queries=tuple(replace(proposal, scope=query.scope) for proposal in proposed),
    )


def _complete_town(scopes: ScopeResolver, corrected: str, turn: Turn) -> tuple[Turn, str]:
    earlier = [exchange.understood.text for exchange in turn.history]
    if turn.question.town is not None:
        earlier = [f"{turn.question.town}の"] if turn.question.town else []
    day = turn.requested_day
    texts = turn.texts
    add_town = partial(scopes.add_town, previous_texts=earlier, as_of=day, chosen_language=turn.question.language)
    understood = texts.understood or texts.searched
    completed = add_town(corrected)
    if completed != corrected:
        texts = replace(texts, searched=texts.searched.with_text(add_town(texts.searched.text)))
        understood = understood.with_text(add_town(understood.text))
    town = scopes.find_town([*earlier, completed], day) or ("" if turn.town == "" else None)
    return replace(turn, town=town, texts=replace(texts, understood=understood)), completed
