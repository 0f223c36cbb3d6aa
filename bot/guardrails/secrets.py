"""Requests for secrets: no office asks a citizen in a chat to hand over a PIN, a password or the number of a card."""

import re
from functools import lru_cache

_KEPT_TO_ONESELF = (
    r"(?:暗証(?:番号|コード)|パス(?:ワード|コード|フレーズ)|PIN(?:コード|番号)|(?:セキュリティー?|認証|確認)コード"
    r"|(?:クレジット|キャッシュ|デビット|銀行の?)?カードの?番号)"
)
# Numbers that forms ask for by law (マイナンバーの記載が必要です): to write them there is no request for a secret.
_NUMBER = r"(?:マイナンバー(?![ーカ制付])|個人番号(?!カード)|口座の?番号)"
_TELL = r"(?:教え|伝え|知らせ|告げ|明か|送[っりらるれ]|送信|返信|メール|をご?連絡|入力|打ち込)"
_WRITE = r"(?:記入|記載|書[いきく]|提出|提供|申告|届け)"
_BETWEEN = r"[^。\n、]{0,24}?(?:、[^。\n、]{0,16}?)??"
_ASKED = (
    r"(?P<asked{}>[^。\n、]{{0,12}}?(?:くださ|下さい|なさい|願い|ほしい|もらい|いただ|頂|必要|ましょう|なければ|せよ"
    r"|こと(?:が|。|$)))"
)
_REQUEST = re.compile(
    rf"{_KEPT_TO_ONESELF}{_BETWEEN}(?:{_TELL}|{_WRITE}){_ASKED.format(1)}|{_KEPT_TO_ONESELF}を(?:{_TELL}|{_WRITE})(?=[。」\n]|$)"
    rf"|{_NUMBER}{_BETWEEN}{_TELL}{_ASKED.format(2)}",
    re.IGNORECASE,
)
_REQUEST_ABROAD = re.compile(
    r"\b(?:enter|type|tell|send|give|share|provide|submit|input|reply with)\b[^.!?\n]{0,40}?"
    r"\b(?:passwords?|passcodes?|pin(?: codes?| numbers?)?|security codes?|(?:credit |bank |debit )?card numbers?)\b",
    re.IGNORECASE,
)
_NOT_ABROAD = re.compile(r"\b(?:never|not|no one)\b|n['’]t\b", re.IGNORECASE)
# 教えないでください, 送らないようにしましょう.
_NOT = re.compile(r"ない(?!と)|ません|ぬよう|ず(?:に|、)")
_NAMED = re.compile(rf"{_KEPT_TO_ONESELF}|{_NUMBER}", re.IGNORECASE)


@lru_cache(maxsize=16384)
def requests_secret(text: str) -> bool:
    """Whether normalised `text` asks its reader to tell a PIN, a password, or the number of a card or an account."""
    asked = (match["asked1"] or match["asked2"] or "" for match in _REQUEST.finditer(text))
    if any(not _NOT.search(words) for words in asked):
        return True
    return any(not _NOT_ABROAD.search(text[: match.start()]) for match in _REQUEST_ABROAD.finditer(text))


def secrets_named(text: str) -> frozenset[str]:
    """Return the secrets that normalised `text` names."""
    return frozenset(_NAMED.findall(text))
