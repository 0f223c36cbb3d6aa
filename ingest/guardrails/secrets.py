"""Detects requests for secrets: no office asks a citizen in a chat for a PIN, password or card number."""

import re
from functools import lru_cache

_PRIVATE_NUMBER = (
    r"(?:暗証(?:番号|コード)|パス(?:ワード|コード|フレーズ)|PIN(?:コード|番号)|(?:セキュリティー?|認証|確認)コード"
    r"|(?:クレジット|キャッシュ|デビット|銀行の?)?カードの?番号)"
)
# Numbers that forms require by law (マイナンバーの記載が必要です); a request to write them on a form is allowed.
_NUMBER = r"(?:マイナンバー(?![ーカ制付])|個人番号(?!カード)|口座の?番号)"
_DISCLOSE = r"(?:教え|伝え|知らせ|告げ|明か|送[っりらるれ]|送信|返信|メール|をご?連絡|入力|打ち込)"
_WRITE = r"(?:記入|記載|書[いきく]|提出|提供|申告|届け)"
_WORDS_BETWEEN = r"[^。\n、]{0,24}?(?:、[^。\n、]{0,16}?)??"
_REQUEST_END = (
    r"(?P<request_end{}>[^。\n、]{{0,12}}?(?:くださ|下さい|なさい|願い|ほしい|もらい|いただ|頂|必要|ましょう|なければ|せよ"
    r"|こと(?:が|。|$)))"
)
_REQUEST = re.compile(
    rf"{_PRIVATE_NUMBER}{_WORDS_BETWEEN}(?:{_DISCLOSE}|{_WRITE}){_REQUEST_END.format(1)}|{_PRIVATE_NUMBER}を(?:{_DISCLOSE}|{_WRITE})(?=[。」\n]|$)"
    rf"|{_NUMBER}{_WORDS_BETWEEN}{_DISCLOSE}{_REQUEST_END.format(2)}",
    re.IGNORECASE,
)
_FOREIGN_REQUEST = re.compile(
    r"\b(?:enter|type|tell|send|give|share|provide|submit|input|reply with)\b[^.!?\n]{0,40}?"
    r"\b(?:passwords?|passcodes?|pin(?: codes?| numbers?)?|security codes?|(?:credit |bank |debit )?card numbers?)\b",
    re.IGNORECASE,
)
_FOREIGN_NEGATION = re.compile(r"\b(?:never|not|no one)\b|n['’]t\b", re.IGNORECASE)
# 教えないでください, 送らないようにしましょう.
_NEGATION = re.compile(r"ない(?!と)|ません|ぬよう|ず(?:に|、)")
_ANY_SECRET = re.compile(rf"{_PRIVATE_NUMBER}|{_NUMBER}", re.IGNORECASE)


@lru_cache(maxsize=1024)
def requests_secret(text: str) -> bool:
    """Whether normalised `text` asks its reader for a PIN, a password, or a card or account number."""
    requests = (match["request_end1"] or match["request_end2"] or "" for match in _REQUEST.finditer(text))
    if any(not _NEGATION.search(request) for request in requests):
        return True
    return any(not _FOREIGN_NEGATION.search(text[: match.start()]) for match in _FOREIGN_REQUEST.finditer(text))


def secrets_named(text: str) -> frozenset[str]:
    """Return the secrets that normalised `text` names."""
    return frozenset(_ANY_SECRET.findall(text))
