"""Rewrites a follow-up so that it stands alone, by rules and a trained model.

The trained model (follow_up_model.py) carries terms over. Rules handle offered choices, list items, plans by age, other
towns and days, requests for easy Japanese, and questions without a subject.
"""

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import chain, takewhile, zip_longest
from pathlib import Path

from bot.conversation.follow_up_model import FollowUpModel, question_about, shipped_followup_model
from bot.conversation.list_references import asks_for_rest, find_choice, question_about_item
from bot.conversation.other_day import rewrite_for_day, without_day
from bot.conversation.sibling_headings import swap_heading
from bot.conversation.table_follow_ups import FindTables, TableFollowUps
from bot.question.issuer_names import Issuers
from bot.question.plan_ages import PLAN_WORDS
from bot.question.subject_words import CONVERSATION_WORDS, has_no_subject, is_vague
from bot.rendering.answer_text import render_text
from bot.splitting.courtesy import is_interjection
from bot.splitting.message_sentences import find_questions
from bot.state import AskedQuestions, Draft, Exchange, Part, Status, TableRows, Turn, paragraph, service_message
from ingest.documents import Document, Passage
from ingest.japanese import nfkc
from ingest.japanese.interrogatives import NORMAL_FORMS
from ingest.japanese.lexicon import any_of
from ingest.japanese.markers import strip_heading_number
from ingest.japanese.requests import TOPIC_POSTPOSITION
from ingest.japanese.tokenise import morphemes, words

_log = logging.getLogger(__name__)
# Returns the question that a text means after an exchange; None if it does not apply.
Rewriter = Callable[[str, Exchange], str | None]
_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]|^\W*\d{1,2}\W*$")
_PLANS = any_of(PLAN_WORDS)
# The nouns and adjectives of an age with the noun that completes a question: 旧計画 is 前の計画.
_AGE_NOUNS = {"前": "前", "以前": "前", "今": "今", "いま": "今", "現在": "今", "次": "次"}
_AGE_ADJECTIVES = {"旧": "前", "古い": "前", "現行": "今", "最新": "今", "新しい": "今"}
_ALL_AGES = _AGE_NOUNS | _AGE_ADJECTIVES
_AGE = rf"(?:一つ|ひとつ|1つ)?(?:(?:{'|'.join(_AGE_NOUNS)})の|(?:{'|'.join(_AGE_ADJECTIVES)})の?)"
_OTHER_AGE = re.compile(rf"{_AGE}[^のは、]{{0,6}}{_PLANS}(?:では)?[のは]?、?")
_TAIL = (
    r"(?:の?(?:方|ほう)|の(?:とき|時|頃|場合|もの|やつ))?(?:(?:だけ)?(?:では|だと|なら|は|も))?"
    r"、?(?:どう|いかが)?(?:です(?:が|けど|よ|ね)?|だ(?:よ|けど)?|でした|でしょう|だった|なの"
    r"|なる(?:の|ん)?(?:です)?|なります|なりました)?"
    r"か?[。?!]*"
)
# Not 古いですか, which is a question of its own.
_ONLY_AGE = re.compile(
    rf"(?:一つ|ひとつ|1つ)?(?P<age>{'|'.join(_ALL_AGES)})(?!い?(?:です|でしょ|の(?:です|か)|か))"
    rf"の?(?P<plan>{_PLANS})?{_TAIL}"
)
_EASY = CONVERSATION_WORDS["easy"]
_AFTER_NAME = re.compile(rf"{TOPIC_POSTPOSITION}?{_TAIL}$")
# After a town: what makes it the place of the question.
_ONLY_TOWN = re.compile(rf"{_TAIL}|に(?:住ん|すん)で(?:い?ます|い?る)(?:が|けど)?[。!]*")
_OF_PLACE = r"(?:に(?:ついて|関して)は?|では|でも|には|にも|だと|なら|の|で|に|は|も|です|だよ?)?[、。]?\s*"
# After a subject that answers a clarifying question.
_REQUEST = re.compile(
    rf"(?:のこと)?(?:です|だよ?|(?:{TOPIC_POSTPOSITION}|を|が)?(?:教えて|知りたい|聞きたい|お願い)[^、。?]{{0,8}}|{TOPIC_POSTPOSITION})?[。?]*$"
)
_PREDICATE_POS = frozenset({"動詞", "形容詞", "形状詞", "代名詞"})


class FollowUpRewriter:
    """The step that rewrites follow-ups; safe to share between threads.

    Attributes:
        problem: why the follow-up model is not used, in Japanese; "" if it is used.
    """

    def __init__(
        self,
        documents: Sequence[Document] = (),
        model: Path | None = None,
        passages_of: Callable[[str], Iterable[Passage]] = lambda _: (),
        find_tables: FindTables = lambda _: (),
    ) -> None:
        """Open the model.

        Args:
            documents: the documents whose names and issuers are recognised.
            model: a model file; the packaged one by default.
            passages_of: returns the passages of a document, for its headings.
            find_tables: returns the tables and lists of passage ids.
        """
        titles = {nfkc(name) for document in documents for name in (document.title, *document.aliases)}
        self._names = sorted(titles, key=len, reverse=True)
        self._issuers = Issuers(documents)
        self._passages_of = passages_of
        self._rewrite_for_table = TableFollowUps(find_tables)
        self.problem = ""
        self._model: FollowUpModel | None = None
        try:
            self._model = FollowUpModel.load(model) if model else shipped_followup_model()
        except Exception as error:  # noqa: BLE001 -- questions are answered without a model that cannot be opened
            reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
            self.problem = (
                f"会話の続きを読むモデルを使えません（{reason}）。続きの質問も、それだけで答えます。"
                "パッケージを入れ直してください。"
            )
            _log.warning("The model of follow-ups cannot be used: %s", reason)

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its text rewritten; a self-contained or first question is unchanged.

        A first question without a subject is answered with a clarifying question.
        """
        if not _JAPANESE.search(turn.texts.searched):
            return turn
        if not turn.history:
            return (
                turn.with_draft(_clarifying_draft())
                if has_no_subject(without_day(turn.texts.searched, turn.requested_day))
                else turn
            )
        text = strip_connectives(turn.texts.searched)
        previous_text = strip_connectives(turn.history[-1].understood)
        if wants_easy_japanese(text):
            question = turn.question.model_copy(update={"style": "easy"})
            turn = replace(turn, question=question)
            return turn.with_completed_text(previous_text, typed=text)
        cited = frozenset[str]().union(*(exchange.documents for exchange in turn.history))
        previous = _last_question(replace(turn.history[-1], understood=previous_text, documents=cited))
        if about_table := self._rewrite_for_table(text, previous):
            return turn.with_completed_text(about_table, typed=text)
        is_same = _names_nothing(text) or asks_for_rest(text)
        rewritten = previous_text if is_same else rewrite_for_day(text, previous_text, turn.requested_day)
        rewritten = rewritten or self._rewrite(text, previous)
        return turn if rewritten in {None, text} else turn.with_completed_text(rewritten, typed=text)

    def _rewrite(self, text: str, previous: Exchange) -> str | None:
        if rewritten := _apply_first((_resolve_clarification, self._rewrite_for_town), text, previous):
            return rewritten
        if text in {previous.understood, *previous.suggestions}:  # a repeated question or a literal choice
            return None
        rewriters = (
            self._rewrite_for_plan,
            self._rewrite_for_heading,
            _rewrite_for_item,
            self._rewrite_by_model_or_heading,
        )
        return _apply_first(rewriters, text, previous)

    def _rewrite_by_model_or_heading(self, text: str, previous: Exchange) -> str | None:
        by_model = self._rewrite_by_model(text, previous)
        if by_model is None or previous.status is not Status.NO_ANSWER or is_vague(text):
            return by_model
        heading = _matching_related_heading(text, previous)
        return question_about(heading, text) if heading else by_model

    def _rewrite_by_model(self, text: str, previous: Exchange) -> str | None:
        """Return the model's rewriting of `text`.

        Quoted names and documents are subjects of their own: of 1,823 follow-ups 15 have quotes, and none of those is
        about the previous question (decision 027).
        """
        if self._model is None:
            return None
        names_subject = "「" in text or self._names_a_document(text)
        return self._model(text, previous.understood, names_subject=names_subject)

    def _rewrite_for_plan(self, text: str, previous: Exchange) -> str | None:
        age = _plan_age(text)
        return f"{age}の計画では、{self._without_plan(previous.understood)}" if age else None

    def _rewrite_for_heading(self, text: str, previous: Exchange) -> str | None:
        """Return the previous question for a bare heading: 産業は? after 文化の施策は?.

        The heading must be a sibling of one in that question, in a cited document.
        """
        name = _AFTER_NAME.sub("", _REQUEST.sub("", text))
        cited = chain.from_iterable(map(self._passages_of, previous.documents))
        return swap_heading(previous.understood, name, cited, self._names)

    def _names_a_document(self, text: str) -> bool:
        return any(name in text for name in self._names)

    def _rewrite_for_town(self, text: str, previous: Exchange) -> str | None:
        """Return the question that `text` means for the town that it names.

        `text` itself where it is complete; None if it asks about something else.
        """
        towns, spans = self._issuers.find_towns(text)
        if len(spans) != 1 or self._names_a_document(text):
            return None
        start, end = spans[0]
        town = text[start:end].removesuffix("の")
        moved_question = self._replace_town(previous.understood, town)
        without_town = text[:start] + text[start + len(town) :]
        if _ONLY_TOWN.fullmatch(without_town):
            return moved_question
        previous_towns, _ = self._issuers.find_towns(previous.understood)
        if previous_towns == towns:  # naming the same town again starts a new question
            return None
        remainder = text[:start] + re.sub(rf"^{_OF_PLACE}", "", without_town[start:])
        if self._rewrite_by_model(text, previous) is None or not remainder.strip():
            return None
        return self._rewrite(remainder, replace(previous, understood=moved_question, suggestions=())) or text

    def _replace_town(self, question: str, town: str) -> str:
        _, spans = self._issuers.find_towns(question)
        if not spans:
            return f"{town}の{question}"
        for start, end in sorted(spans, reverse=True):
            question = question[:start] + town + question[start + len(question[start:end].removesuffix("の")) :]
        return question

    def _without_plan(self, question: str) -> str:
        for name in self._names:
            question = question.replace(name, "", 1)
        return re.sub(r"^(?:で)?[のはが、]+", "", _OTHER_AGE.sub("", question))


def _apply_first(rewriters: Iterable[Rewriter], text: str, previous: Exchange) -> str | None:
    return next(filter(None, (rewrite(text, previous) for rewrite in rewriters)), None)


def strip_connectives(text: str) -> str:
    """Return the text without leading connectives: では, ちなみに."""
    start = 0
    all_morphemes = morphemes(text)
    for m, following in zip_longest(all_morphemes, all_morphemes[1:]):
        if not (m.pos[0] in {"接続詞", "空白"} or is_interjection(m, following) or (start and m.surface in "、。")):
            break
        start = m.end
    return text[start:] or text


def wants_easy_japanese(text: str) -> bool:
    """Whether normalised `text` only asks for the last answer in easier words."""
    content = {m.normal for m in morphemes(text) if m.is_content and m.pos[0] != "接尾辞"}
    return bool(content & _EASY) and content <= _EASY | CONVERSATION_WORDS["wishing"]


def _names_nothing(text: str) -> bool:
    """Whether `text` has no word of content, so that it asks for the answer again: つまり?; not いくら?."""
    return not any(m.is_noun or m.pos[0] in _PREDICATE_POS or m.normal in NORMAL_FORMS for m in morphemes(text))


def _last_question(previous: Exchange) -> Exchange:
    questions = [part.questions for part in previous.parts if isinstance(part, AskedQuestions)]
    if not questions:
        last = find_questions(previous.understood)[-1] if "\n" in previous.understood else previous.understood
        return replace(previous, understood=last)
    last_question = [*dict.fromkeys(chain.from_iterable(questions))][-1]
    position = max(n for n, part in enumerate(previous.parts) if _asks(part, last_question))
    parts = takewhile(lambda part: not isinstance(part, AskedQuestions), previous.parts[position + 1 :])
    return replace(previous, understood=previous.understood.splitlines()[-1], parts=tuple(parts))


def _asks(part: Part, question: str) -> bool:
    return isinstance(part, AskedQuestions) and question in part.questions


def _place_texts(previous: Exchange) -> list[str]:
    rows = [_listed_rows(part) for part in previous.parts if isinstance(part, TableRows) and not part.columns[0]]
    places = (render_text([part], marks=False).split("\n\n") for part in previous.parts)
    return [*rows, *chain.from_iterable(places)]


def _listed_rows(part: TableRows) -> str:
    position = 1 if part.columns[:2] == ("", "") else 0
    return "\n".join(f"・{row[position]}" for row in part.rows)


def _clarifying_draft() -> Draft:
    return Draft((paragraph(service_message("of_what"), service_message("name_it")),), status=Status.CLARIFY)


def _resolve_clarification(text: str, previous: Exchange) -> str | None:
    if previous.status is not Status.CLARIFY:
        return None
    if choice := find_choice(text, previous.suggestions):
        return choice
    has_interrogative = any(m.normal in NORMAL_FORMS for m in morphemes(text))
    if has_interrogative or has_no_subject(text) or not has_no_subject(previous.understood):
        return None
    name = _REQUEST.sub("", text)
    ends_in_noun = bool(name) and morphemes(name)[-1].is_noun
    return question_about(name, previous.understood) if ends_in_noun else None


def _rewrite_for_item(text: str, previous: Exchange) -> str | None:
    return question_about_item(text, _place_texts(previous))


def _matching_related_heading(text: str, previous: Exchange) -> str | None:
    new_words = {*words(text)} - {*words(previous.understood)}
    for heading, quote in previous.nearest if new_words else ():
        if heading and new_words <= {*words(f"{heading}\n{quote}")}:
            return f"「{strip_heading_number(heading)}」"
    return None


def _plan_age(text: str) -> str | None:
    match = _ONLY_AGE.fullmatch(text) or _ONLY_AGE.fullmatch(_REQUEST.sub("", text))
    age = _ALL_AGES[match["age"]] if match else None
    return age if age != "次" or (match and match["plan"]) else None
