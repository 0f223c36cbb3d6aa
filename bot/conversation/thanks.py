"""Recognises thanks for an answer, in any language of the pages."""

import re
from collections.abc import Sequence

from bot.question.subject_words import CONVERSATION_WORDS
from ingest.japanese.tokenise import DENIALS, Morpheme, morphemes

# Words of thanks in other languages, and the words that may surround them.
_FOREIGN_THANKS = {
    "thank thanks thx cheers": """
        oh ok okay great perfect good very so much a lot again many really for you your the all that this help helping
        answer information explanation telling me it was is i see got helps helped helpful understand now and
    """,
    "cảm cám": """
        ơn xin bạn anh chị em nhiều rất lắm đã giúp đỡ trả lời giải thích vì câu thông tin ạ nhé tôi hiểu rồi
    """,
    "obrigado obrigada obg valeu agradeço": """
        muito mesmo pelo pela pelos pelas por sua a o as os ajuda resposta informação informações explicação explicar
        responder me ajudar ok entendi já e foi ótimo bom
    """,
}


def _word_pattern(thanks: str, others: str) -> re.Pattern[str]:
    # Possessive quantifiers, so that matching is linear.
    either = "|".join((thanks + others).split())
    return re.compile(rf"(?=.*\b(?:{'|'.join(thanks.split())})\b)(?:\b(?:{either})\b[^\w?]*+)++")


_FOREIGN_PATTERNS = (
    *(_word_pattern(thanks, others) for thanks, others in _FOREIGN_THANKS.items()),
    re.compile(
        "(?=.*(?:[谢謝]|感谢))(?:谢谢?|謝謝?|[多感][谢謝]|好的?|非常|十分|真的|太|明白|知道|帮[助忙]|解答|回[答复]|说明"
        r"|告诉我|很|有用|[你您啦了大家们的呀]|[\s,!~])++"
    ),
)
_UNDERSTOOD = CONVERSATION_WORDS["understood"]
_PRAISING = CONVERSATION_WORDS["praising"]
_CLAUSE_ENDS = re.compile(r"[。、,.!~…\s]+")
# Verbs after the formula of thanks.
_POLITE_VERBS = frozenset({"御座る", "致す", "申す", "申し上げる", "上げる", "為る", "思う", "居る", "おる"})
# After a condition, thanks are a request: 教えていただけると助かります.
_CONDITIONS = frozenset({"と", "ば", "なら"})


def is_thanks(text: str) -> bool:
    """Whether normalised `text` only thanks for an answer or says that it was understood.

    False for thanks together with a question or request.
    """
    if any(pattern.fullmatch(text.strip().casefold()) for pattern in _FOREIGN_PATTERNS):
        return True
    clauses = [tokens for clause in _CLAUSE_ENDS.split(text) if (tokens := morphemes(clause))]
    if any(map(_asks, clauses)):
        return False
    is_formula = [_is_praise(clause) or _ends_in_thanks(clause) for clause in clauses]
    return any(is_formula) and all(
        formula or _is_accompanying(clause) for clause, formula in zip(clauses, is_formula, strict=True)
    )


def _asks(clause: Sequence[Morpheme]) -> bool:
    last = clause[-1]
    ends_in_particle = last.pos[0] == "助詞" and last.pos[1] != "終助詞" and last.surface not in {"て", "で", "も"}
    return ends_in_particle or any(map(_asks_something, clause))


def _asks_something(token: Morpheme) -> bool:
    is_question = "?" in token.surface or (token.surface == "か" and token.pos[1] == "終助詞")
    is_condition = token.surface in _CONDITIONS and token.pos[1] == "接続助詞"
    return is_question or is_condition or token.pos[5].startswith(("命令形", "仮定形"))


def _ends_in_thanks(clause: Sequence[Morpheme]) -> bool:
    content = [token.normal for token in clause if token.is_content and token.normal not in _POLITE_VERBS]
    is_negated = any(token.normal in DENIALS for token in clause)
    return bool(content) and content[-1] in CONVERSATION_WORDS["thanks"] and not is_negated


def _is_praise(clause: Sequence[Morpheme]) -> bool:
    content = {token.normal for token in clause if token.is_content} - _POLITE_VERBS
    is_negated = any(token.normal in DENIALS for token in clause)
    is_statement = any(token.pos[0] == "助動詞" and token.pos[5].startswith("終止形") for token in clause[-3:])
    return bool(content & _UNDERSTOOD) and content <= _UNDERSTOOD | _PRAISING and is_statement and not is_negated


def _is_accompanying(clause: Sequence[Morpheme]) -> bool:
    last = next((token for token in reversed(clause) if token.is_content), None)
    if last is None or all(token.pos[0] == "感動詞" for token in clause):
        return True
    content = {token.normal for token in clause if token.is_content} - _POLITE_VERBS
    is_favour = last.normal in {"呉れる", "頂く", "下さる", "貰う", "くれる", "貰える"} and "連用形" in last.pos[5]
    return is_favour or content <= _PRAISING | _UNDERSTOOD | CONVERSATION_WORDS["again"]
