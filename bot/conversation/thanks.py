"""Whether a text says thanks, or that an answer was understood, and asks for nothing."""

import re
from collections.abc import Sequence

from bot.conversation.words import WORDS
from ingest.japanese.polarity import DENIALS
from ingest.japanese.tokenise import Morpheme, morphemes

# Thanks in the other languages of the pages, and words that stand beside it: a text of these is thanks.
_ABROAD = {
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


def _of_words(thanks: str, beside: str) -> re.Pattern[str]:
    """Return a pattern of texts of these words that have one of `thanks`; possessive, so that none takes long."""
    either = "|".join((thanks + beside).split())
    return re.compile(rf"(?=.*\b(?:{'|'.join(thanks.split())})\b)(?:\b(?:{either})\b[^\w?]*+)++")


_THANKS_ABROAD = (
    *(_of_words(thanks, beside) for thanks, beside in _ABROAD.items()),
    re.compile(
        "(?=.*(?:[谢謝]|感谢))(?:谢谢?|謝謝?|[多感][谢謝]|好的?|非常|十分|真的|太|明白|知道|帮[助忙]|解答|回[答复]|说明"
        r"|告诉我|很|有用|[你您啦了大家们的呀]|[\s,!~])++"
    ),
)
_CLAUSES = re.compile(r"[。、,.!~…\s]+")
# What the formula of thanks goes on with.
_POLITE = frozenset({"御座る", "致す", "申す", "申し上げる", "上げる", "為る", "思う", "居る", "おる"})
# Behind a condition these are a wish: 教えていただけると助かります.
_CONDITIONS = frozenset({"と", "ば", "なら"})


def is_thanks(text: str) -> bool:
    """Whether normalised `text` is thanks for an answer or says that it was understood, in any language of the pages.

    Thanks beside a question, a request or a wish for other words are not.
    """
    if any(said.fullmatch(text.strip().casefold()) for said in _THANKS_ABROAD):
        return True
    clauses = [ms for clause in _CLAUSES.split(text) if (ms := morphemes(clause))]
    if any(map(_asks, clauses)):
        return False
    praise = [_is_praise(clause) for clause in clauses]
    thanks = [_ends_in_thanks(clause) for clause in clauses]
    rest = zip(clauses, praise, thanks, strict=True)
    return any(praise + thanks) and all(p or t or _is_reported(clause) for clause, p, t in rest)


def _asks(ms: Sequence[Morpheme]) -> bool:
    """Whether a clause asks, demands or makes a condition."""
    last = ms[-1]
    return any(
        "?" in m.surface
        or (m.surface == "か" and m.pos[1] == "終助詞")
        or m.pos[5].startswith(("命令形", "仮定形"))
        or (m.surface in _CONDITIONS and m.pos[1] == "接続助詞")
        for m in ms
    ) or (last.pos[0] == "助詞" and last.pos[1] != "終助詞" and last.surface not in {"て", "で", "も"})


def _ends_in_thanks(ms: Sequence[Morpheme]) -> bool:
    """Whether the last that a clause says is thanks: 教えてくれてありがとうございます."""
    said = [m.normal for m in ms if m.is_content and m.normal not in _POLITE]
    negated = any(m.normal in DENIALS for m in ms)
    return bool(said) and said[-1] in WORDS["thanks"] and not negated


def _is_praise(ms: Sequence[Morpheme]) -> bool:
    """Whether a clause says of an answer that it was clear, and no more: とても分かりやすい説明でした."""
    said = {m.normal for m in ms if m.is_content} - _POLITE
    negated = any(m.normal in DENIALS for m in ms)
    told = any(m.pos[0] == "助動詞" and m.pos[5].startswith("終止形") for m in ms[-3:])
    understood = said & WORDS["understood"]
    return bool(understood) and said <= WORDS["understood"] | WORDS["praising"] and told and not negated


def _is_reported(ms: Sequence[Morpheme]) -> bool:
    """Whether a clause goes on to thanks: what somebody has done for one (教えていただき、), an interjection."""
    last = next((m for m in reversed(ms) if m.is_content), None)
    if last is None or all(m.pos[0] == "感動詞" for m in ms):
        return True
    said = {m.normal for m in ms if m.is_content} - _POLITE
    done = last.normal in {"呉れる", "頂く", "下さる", "貰う", "くれる", "貰える"} and "連用形" in last.pos[5]
    return done or said <= WORDS["praising"] | WORDS["understood"] | WORDS["again"]
