"""Answers greetings, thanks and requests for a person; strips courtesy from questions."""

import re
from collections.abc import Sequence

from bot.conversation.thanks import is_thanks
from bot.question.subject_words import CONVERSATION_WORDS
from bot.splitting.courtesy import FORMULAS, is_courtesy, strip_courtesy
from bot.state import Draft, Status, Turn, paragraph, service_message
from ingest.japanese.interrogatives import WHAT, WHO
from ingest.japanese.tokenise import Morpheme, morphemes

# The keys of the messages of each reply.
_GREETING = ("hello", "looks_up", "write")
_WELCOME = ("welcome", "more")
_FAREWELL = ("farewell",)
_ABOUT_SERVICE = ("itself", "for_example", "with_passages")
# どう alone is どうも.
_GREETINGS = CONVERSATION_WORDS["greeting"] | {"どう"}
_ASKS_ABOUT_SERVICE = re.compile(
    rf"(?:(?:あなた|君|きみ)は(?:{WHO}|{WHAT})|お?名前は(?:何)?|何ができ(?:る|ます)?"
    r"|使い方(?:は|を教えて(?:ください)?)?)"
    r"(?:です|なの|の)?か?[。?!]*"
)
_REQUEST_WORDS = frozenset({"たい", "願う", "下さる", "欲しい", "ます", "貰う", "頂く"})
_NOT_IN_REQUESTS = frozenset({"は", "た", "だ"})
_PERSONS = CONVERSATION_WORDS["persons"]
# A key that was held down.
_REPEATED_LETTER = re.compile(r"(?:([^\W\d_])\1{4,}+[\W_]*+)++")


def smalltalk(turn: Turn, contact: str = "") -> Turn:
    """Return the turn with a reply if the whole text is small talk, else with its text without courtesy.

    `contact` is shown to a citizen who wants to speak with a person.
    """
    if is_thanks(turn.texts.searched):
        return _reply_with(turn, _WELCOME)
    if _REPEATED_LETTER.fullmatch(turn.texts.searched):
        return turn.with_draft(
            Draft((paragraph(service_message("of_what"), service_message("name_it")),), status=Status.CLARIFY)
        )
    text = strip_courtesy(turn.texts.searched)
    if answer := _answer(text):
        return _reply_with(turn, answer)
    if wants_a_person(text):
        how = service_message("contact", contact=contact) if contact else service_message("office")
        return turn.with_draft(Draft((paragraph(service_message("no_clerk"), how),), status=Status.OUT_OF_SCOPE))
    return turn if text == turn.texts.searched else turn.with_searched_text(text)


def _reply_with(turn: Turn, keys: Sequence[str]) -> Turn:
    return turn.with_draft(Draft((paragraph(*map(service_message, keys)),), status=Status.SMALLTALK))


def _answer(text: str) -> tuple[str, ...]:
    if _ASKS_ABOUT_SERVICE.fullmatch(text):
        return _ABOUT_SERVICE
    tokens = morphemes(text)
    content = {token.normal for token in tokens if token.is_content}
    if not is_courtesy(tokens) or not content & (_GREETINGS | FORMULAS - CONVERSATION_WORDS["telling"]):
        return ()
    if content & CONVERSATION_WORDS["thanking"]:
        return _WELCOME
    return _FAREWELL if content & CONVERSATION_WORDS["parting"] else _GREETING


def wants_a_person(text: str) -> bool:
    """Whether normalised `text` only asks to speak with a person: 担当者につないで, 人と話せますか."""
    tokens = morphemes(text)
    content = {token.normal for token in tokens if token.is_content}
    if not content & _PERSONS or not content <= _PERSONS | CONVERSATION_WORDS["reaching"]:
        return False
    # 担当者は? and 職員は何人 are questions, 人に聞いた is a statement.
    wishes = any(_is_wish(token) for token in tokens)
    return wishes and not any(token.surface in _NOT_IN_REQUESTS for token in tokens)


def _is_wish(token: Morpheme) -> bool:
    return token.normal in _REQUEST_WORDS or (token.pos[1] == "接続助詞" and token.surface in {"て", "で"})
