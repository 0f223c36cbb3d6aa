"""Greetings and thanks get a short answer of their own; a question behind a greeting goes on without it."""

import re
from dataclasses import replace

from bot.answer import Status
from bot.turn import Draft, Turn
from bot.understand.courtesy import is_courtesy, without_courtesy
from bot.understand.question import understand

_GREETING = (
    "こんにち[はわ]|おはよう(?:ございます)?|こんばん[はわ]|はじめまして|初めまして|もしもし|やあ|どうも|hello|hi",
    "こんにちは。市の計画や会議資料に書かれていることをお調べします。知りたいことを文章でお尋ねください。",
)
_THANKS = (
    (
        r"(?:どうも)?(?:ありがと(?:う)?(?:ございま(?:す|した))?|助かりました|サンキュー|thanks?(?: you)?)"
        r"|(?:分か|わか)りました|了解(?:です|しました)?"
    ),
    "お役に立てましたら幸いです。ほかにも知りたいことがあれば、お尋ねください。",
)
_FAREWELL = ("さようなら|さよなら|バイバイ|またね|失礼します|bye", "ご利用ありがとうございました。")
_ABOUT_ITSELF = (
    (
        r"(?:あなた|君|きみ)は(?:誰|だれ|何|なに)(?:ですか|なの)?|お?名前は(?:何(?:ですか)?)?"
        r"|何ができ(?:ますか|るの)?|使い方(?:は|を教えて(?:ください)?)?"
    ),
    (
        "市の計画や会議資料から、書かれていることを探してお答えする案内システムです。"
        "「計画の期間はいつからいつまで?」のように、文章でお尋ねください。"
        "答えには必ず、もとの文書の該当箇所を付けます。"
    ),
)
_END = r"(?:ね|よ|です)?[\s。、!?~ー]*"
_ANSWERS = tuple(
    (re.compile(rf"(?:{said}){_END}", re.IGNORECASE), answer)
    for said, answer in (_GREETING, _THANKS, _FAREWELL, _ABOUT_ITSELF)
)


def smalltalk(turn: Turn) -> Turn:
    """End the turn where the whole text is small talk; take the courtesy off around what is asked."""
    text = without_courtesy(turn.text)
    answer = next((answer for pattern, answer in _ANSWERS if pattern.fullmatch(text.strip())), None)
    if answer is None and is_courtesy(text):
        answer = _GREETING[1]
    if answer:
        return turn.finish(Draft(answer, status=Status.SMALLTALK))
    return turn if text == turn.text else replace(turn, text=text, asked=understand(text, turn.as_of))
