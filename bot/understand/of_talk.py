"""Turns about the talk itself: what was said is to be said more simply, to be explained, or its reason be told."""

import re
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from bot.turn import Exchange, Turn
from bot.understand.question import understand


class Wish(StrEnum):
    """What is wanted of what was said."""

    SIMPLER = "simpler"
    MEANING = "meaning"
    REASON = "reason"


_BACK = r"(?:それ|これ|あれ|今の|いまの|その|この)?(?:って|は|が)?、?"
_PLEASE = (
    r"(?:に)?(?:言って|いって|教えて|説明して|話して|書いて|して|お願い)?(?:もらえ|くれ|いただけ|ほしい|欲しい)?\S{0,8}"
)
_ENDS = r"(?:の|ん|なの|なん)?(?:です|でしょう|だろう)?(?:か|かな|ね)?(?:ください|教えて\S{0,6})?[。?]*"
_SIMPLY = (
    r"(?:[わ分]かりやす[くい]|簡単|かんたん|やさし[くい]|易し[くい]|平易|[か噛]み砕いて|短く|簡潔)(?:言葉で|日本語で)?"
)
_HARD = r"(?:難し|むずかし|わかりにく|分かりにく)\S{0,14}"
_WISHES: tuple[tuple[Wish, re.Pattern[str]], ...] = tuple(
    (wish, re.compile("|".join(wordings)))
    for wish, *wordings in (
        (
            Wish.SIMPLER,
            rf"{_BACK}(?:もっと|もう少し|もうちょっと|ちょっと)?、?{_SIMPLY}{_PLEASE}",
            rf"{_BACK}(?:言葉|説明|内容|文)?(?:が|は)?{_HARD}",
            r"(?:よく|ちょっと)?(?:[わ分]から(?:ない|ん|なかった)|[わ分]かりません)(?:です|でした)?[。]*",
        ),
        (
            Wish.MEANING,
            rf"{_BACK}(?:つまり)?(?:どういう|どんな|どのような)(?:意味|こと|もの){_ENDS}",
            rf"{_BACK}意味(?:は|が|を|って)?{_ENDS}",
            rf"{_BACK}意味(?:が|は)(?:[わ分]から|不明)\S{{0,8}}",
            rf"{_BACK}何(?:です|のこと)\S{{0,6}}",
        ),
        (
            Wish.REASON,
            rf"{_BACK}(?:なぜ|なんで|どうして|何で|何故)(?:(?:そ|こ)う(?:な[っる]た?)?|そんな|そんなに)?{_ENDS}",
            rf"{_BACK}の?(?:理由|原因|わけ|訳)(?:は|って|を|も)?(?:何|なに|なん)?{_ENDS}",
        ),
    )
)
_OF = re.compile(r"の(?!\S{0,3}(?:向上|利))")


def wish_of_talk(text: str) -> Wish | None:
    """Return what normalised `text` wants of what was said; None for a text that says anything else."""
    return next((wish for wish, pattern in _WISHES if pattern.fullmatch(text.strip())), None)


def said_simpler(turn: Turn, before: Exchange) -> Turn:
    """Return the turn as if what was asked last had been asked for in easy words."""
    question = turn.question.model_copy(update={"style": "easy"})
    return replace(
        turn, question=question, text=before.understood, asked=understand(before.understood, turn.as_of), tell=None
    )


def without_reason(turn: Turn, whole: Turn, before: Exchange) -> Turn:
    """Return the turn that asks for the fact again, the reason of which no document tells; its text is `whole`'s."""
    asked = replace(understand(before.understood, turn.as_of), lacks="理由")
    return replace(turn, text=whole.text, asked=asked)


def words_said(before: Exchange) -> Sequence[str]:
    """Return what an exchange was about, and the last parts of it, longest first: 管路の耐震化率, 耐震化率."""
    topic = re.sub(r"\([^()]*\)", "", before.topic).strip()
    parts = _OF.split(topic)
    return [part for part in dict.fromkeys("の".join(parts[i:]) for i in range(len(parts))) if len(part) > 1]
