"""Completes a follow-up from the history: by the trained model, for a town or plan, after a clarification."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest

from bot.answering.question.follow_up_model import question_about, shipped_followup_model
from bot.answering.question.issuer_names import Issuers
from bot.answering.question.scope import PLAN_WORDS, ScopeResolver
from bot.answering.question.splitting import asks
from bot.answering.question.subject_words import has_no_subject, is_vague
from bot.answering.state import Draft, Exchange, Status, Turn, paragraph, service_message
from ingest.documents import Document
from ingest.japanese import nfkc
from ingest.japanese.lexicon import TOPIC_POSTPOSITION, any_of
from ingest.japanese.tokenise import morphemes

_JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龥]")
_KANA = re.compile(r"[ぁ-んァ-ヶー]")
# A shorter interjection in kana may be the start of another word.
_MIN_INTERJECTION_LENGTH = 3
# After what is all that a follow-up names: a town (青葉市では?), or the age of a plan (前のは?).
_TAIL = (
    r"(?:の?(?:方|ほう)|の(?:とき|時|頃|場合|もの|やつ))?(?:(?:だけ)?(?:では|だと|なら|は|も))?"
    r"、?(?:どう|いかが)?(?:です(?:が|けど|よ|ね)?|だ(?:よ|けど)?|でした|でしょう|だった|なの"
    r"|なる(?:の|ん)?(?:です)?|なります|なりました)?"
    r"か?[。?!]*"
)
_AFTER_TOWN = re.compile(rf"{_TAIL}|に(?:住ん|すん)で(?:い?ます|い?る)(?:が|けど)?[。!]*")
_PLANS = any_of(PLAN_WORDS)
# The words for the age of a plan with the noun that completes a question: 旧計画 is 前の計画. The model would leave
# both ages in the question, and the superseded plan would answer for the one in force.
_AGES = dict.fromkeys(("前", "以前", "旧", "古い"), "前") | dict.fromkeys(
    ("今", "いま", "現在", "現行", "最新", "新しい"), "今"
)
_ONLY_AGE = re.compile(
    rf"(?:一つ|ひとつ|1つ)?(?P<age>{'|'.join(_AGES)})(?!い?(?:です|でしょ|の(?:です|か)|か))の?(?:{_PLANS})?{_TAIL}"
)
_OTHER_AGE = re.compile(rf"(?:一つ|ひとつ|1つ)?(?:{'|'.join(_AGES)})の?[^のは、]{{0,6}}{_PLANS}(?:では)?[のは]?、?")
# After a subject that answers a clarifying question.
_REQUEST = re.compile(
    rf"(?:のこと)?(?:です|だよ?|(?:{TOPIC_POSTPOSITION}|を|が)?(?:教えて|知りたい|聞きたい|お願い)[^、。?]{{0,8}}|{TOPIC_POSTPOSITION})?(?<![。?])[。?]*+$"
)

_CLARIFICATION = Draft((paragraph(service_message("of_what"), service_message("name_it")),), status=Status.CLARIFY)


# Exchanges with another status, such as greetings and refusals, are not part of the conversation.
_CONTINUED = frozenset({Status.ANSWERED, Status.PARTIAL, Status.NO_ANSWER, Status.CLARIFY})


def prepare_history(scopes: ScopeResolver, turn: Turn) -> Turn:
    """Return the turn with what its history continues, and with the town of the conversation.

    Towns that the person has removed from the conversation since are left out.
    """
    removals = [n for n, exchange in enumerate(turn.history) if exchange.town == ""]
    first_with_town = len(turn.history) if turn.question.town is not None else max(removals, default=0)
    history: list[Exchange] = []
    for n, exchange in enumerate(turn.history):
        if exchange.status in _CONTINUED:
            understood = nfkc(exchange.understood.text)
            if n < first_with_town:
                understood = scopes.remove_towns(understood, turn.requested_day)
            history.append(replace(exchange, understood=exchange.understood.with_text(understood)))
    last_town = turn.history[-1].town if turn.history else None
    town = turn.question.town if turn.question.town is not None else last_town
    return replace(turn, history=tuple(history), town=town)


class FollowUpRewriter:
    """The step that completes follow-ups; safe to share between threads."""

    def __init__(self, documents: Sequence[Document] = ()) -> None:
        """Open the packaged model; names and issuers of `documents` are recognised."""
        self._names = {nfkc(name) for document in documents for name in (document.title, *document.aliases)}
        self._issuers = Issuers(documents)
        self._model = shipped_followup_model()

    def __call__(self, turn: Turn) -> Turn:
        """Return the turn with its text completed; a self-contained or first question is unchanged.

        A first question without a subject is answered with a clarifying question.
        """
        text = turn.texts.searched.text
        if not _JAPANESE.search(text):
            return turn
        if not turn.history:
            return turn.with_draft(_CLARIFICATION) if has_no_subject(text) else turn
        text = strip_connectives(text)
        previous = turn.history[-1]
        # Of several questions the last one is continued, and of what it continued only its own topic.
        previous_text = strip_connectives(previous.understood.text.splitlines()[-1] if previous.understood else "")
        own = previous_text.rpartition("について、")[2]
        previous_text = previous_text if is_vague(own) else own
        completed = self._complete(text, previous_text, previous)
        return turn if completed in {None, text} else turn.with_completed_text(completed or text, typed=text)

    def _complete(self, text: str, previous_text: str, previous: Exchange) -> str | None:
        if moved := self._move_to_town(text, previous_text):
            return moved
        if age := _ONLY_AGE.fullmatch(text):
            for name in sorted(self._names, key=len, reverse=True):
                previous_text = previous_text.replace(name, "", 1)
            remaining = re.sub(r"^(?:で)?[のはが、]+", "", _OTHER_AGE.sub("", previous_text))
            return f"{_AGES[age['age']]}の計画では、{remaining}"
        if text in {previous_text, *previous.suggestions}:
            return None
        answers_clarification = previous.status is Status.CLARIFY and has_no_subject(previous_text)
        if answers_clarification and not asks(text) and not has_no_subject(text):
            return question_about(_REQUEST.sub("", text), previous_text)
        was_shown = previous.status is not Status.NO_ANSWER or previous.related
        if not (was_shown or is_vague(text)):
            return None
        # Quoted names and documents are subjects of their own: of 1,823 follow-ups 15 have quotes, and none of those is
        # about the previous question (decision 028).
        names_subject = "「" in text or any(name in text for name in self._names)
        return self._model(text, previous_text, names_subject=names_subject)

    def _move_to_town(self, text: str, question: str) -> str | None:
        _, spans = self._issuers.find_towns(text)
        if len(spans) != 1:
            return None
        start, end = spans[0]
        town = text[start:end].removesuffix("の")
        if not _AFTER_TOWN.fullmatch(text[:start] + text[start + len(town) :]):
            return None
        _, spans = self._issuers.find_towns(question)
        if not spans:
            return f"{town}の{question}"
        for start, end in sorted(spans, reverse=True):
            question = question[:start] + town + question[start + len(question[start:end].removesuffix("の")) :]
        return question


def strip_connectives(text: str) -> str:
    """Return the text without leading connectives and interjections: では, ちなみに."""
    start = 0
    all_morphemes = morphemes(text)
    for m, following in zip_longest(all_morphemes, all_morphemes[1:]):
        is_short = len(m.surface) < _MIN_INTERJECTION_LENGTH
        begins_word = following and is_short and _KANA.match(following.surface)  # あつぎ, まーす
        is_interjection = m.pos[0] == "感動詞" and not begins_word
        if not (m.pos[0] in {"接続詞", "空白"} or is_interjection or (start and m.surface in "、。")):
            break
        start = m.end
    return text[start:] or text
