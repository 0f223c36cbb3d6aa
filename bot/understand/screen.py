"""Attacks and harm: input that is no question to the documents but an order to the system. Such a turn ends here."""

import base64
import binascii
import re

from bot.answer import Status
from bot.turn import Draft, Turn
from ingest.normalise import nfkc

_BLOCKED = (
    "そのご依頼にはお応えできません。このサービスは、市の計画や会議資料に書かれていることについての質問にお答えします。"
    "文書の内容について、あらためてお尋ねください。"
)


def _near(first: str, gap: int, then: str) -> re.Pattern[str]:
    """Return a pattern for `first` with `then` behind it, at most `gap` characters of the same sentence between."""
    return re.compile(rf"(?:{first})[^。\n]{{0,{gap}}}?(?:{then})", re.IGNORECASE)


_RULES = "指示|命令|ルール|規則|制約|制限|設定|プロンプト|instruction|rule"
_TELL = "表示|出力|教え|見せ|開示|公開|引用|翻訳|読み(?:聞|上)|コピー|書き出|要約|リスト|列挙|答え|出し"
_INNER = "プロンプト|指示文?|命令文?|設定|メッセージ|パスワード|ルール"
# Orders to the machine about itself: what to forget, what to reveal, whom to play.
_ORDERS = (
    _near(_RULES, 12, "無視|忘れ|破棄|解除|無効|上書き|書き換え|従わ(?:ない|ず)|撤回|取り消"),
    _near(r"\b(?:ignore|disregard|forget|override|bypass)\b", 40, "instruction|prompt|rule|previous|above|guideline"),
    _near(f"(?:システム|内部|隠し|隠された|初期|開発者|最初|元).{{0,10}}?(?:{_INNER})", 30, _TELL),
    _near(
        r"\b(?:reveal|show|print|repeat|output|leak|display|tell me)\b",
        40,
        "system prompt|hidden|initial instruction|your prompt|your instruction",
    ),
    _near(r"(?:API|秘密|アクセス)\s?(?:キー|鍵|トークン)", 20, _TELL),
    _near("開発者|管理者|デバッグ|developer|admin|debug|god|jailbreak|DAN|脱獄", 1, "モード|mode|権限"),
    _near(
        "(?:あなた|君|きみ|お前).{0,6}?(?:今から|これから|は)",
        12,
        "(?:制限|規制|倫理|検閲).{0,10}?(?:ない|なし|無い|外)",
    ),
    _near("制限|規制|フィルター?|安全(?:対策|装置)", 4, "のない|なしの|を(?:外|解除|無効)"),
    re.compile(r"になりきって|のふりをして|を演じて|ロールプレイ|pretend (?:to be|you)|\bact as\b", re.IGNORECASE),
    _near("base64|ROT13|16進|hex|モールス", 10, "解読|復号|デコード|decode"),
    re.compile(
        r"\[/?(?:SYSTEM|INST|ADMIN)\]|<\|?(?:im_start|system|endoftext)|^\s*(?:system|assistant)\s*:", re.IGNORECASE
    ),
    _near("(?:他|ほか|別)の(?:利用者|ユーザー|市民|人)", 10, "履歴|個人情報|会話|質問|住所|電話|データ"),
    _near(
        "個人情報|パスワード|顧客名簿|名簿|クレジットカード",
        10,
        "盗|抜き取|流出させ|入手|不正|ハッキング|全部出|一覧を出",
    ),
    _near("(?:とだけ|以外は)(?:答え|回答|返)", 30, "ように|ルール|設定|書き換"),
)
# Requests for help with harm: a harmful thing or act with a word for how to come by it.
_HARM = (
    _near(
        "爆弾|爆発物|毒物|毒ガス|覚醒剤|麻薬|拳銃|銃|ウイルス|マルウェア|ランサムウェア|偽札|偽造(?:書類|身分証)?",
        12,
        "作り方|作る|作って|作成|製造|入手|手順|方法|書い",
    ),
    _near(
        "侵入|ハッキング|不正アクセス|乗っ取|盗聴|盗撮|詐欺|脅迫|脅す|脅し|殺す|殺害|自殺|放火|誘拐|ストーカー|なりすま|フィッシング",
        14,
        "手順|方法|やり方|手口|手紙|文章|文面|メール|コード|して|書い|教え|したい",
    ),
)
_SPACED = re.compile(r"(?:\S\s){6,}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{32,}={0,2}")


def screen(turn: Turn) -> Turn:
    """End the turn where its text is an order to the system or asks for help with harm, however it is spelt."""
    if any(_is_attack(reading) for reading in _readings(turn.text)):
        return turn.finish(Draft(_BLOCKED, status=Status.BLOCKED))
    return turn


def _is_attack(text: str) -> bool:
    return any(pattern.search(text) for pattern in (*_ORDERS, *_HARM))


def _readings(text: str) -> list[str]:
    """Return the text as it stands, without the spaces between its letters, and what its base64 says."""
    readings = [text]
    if _SPACED.search(text):
        readings.append(re.sub(r"\s", "", text))
    for match in _BASE64.finditer(text):
        try:
            readings.append(nfkc(base64.b64decode(match[0] + "=" * (-len(match[0]) % 4)).decode("utf-8")))
        except (binascii.Error, UnicodeDecodeError):
            continue
    return readings
