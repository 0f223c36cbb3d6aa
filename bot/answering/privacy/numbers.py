"""Patterns and check digits of personal numbers: My Number, cards, telephones, passports.

Digits inside a longer identifier, such as a UUID or a checksum, are not personal numbers.
"""

import re
from collections.abc import Callable

from ingest.japanese.lexicon import DEPARTMENT, FACILITY

# No digit is adjacent to a number, neither directly nor across a hyphen or a decimal point.
_NUMBER_START = r"(?<!\d)(?<!\d[-.])(?<![¥$])"
_NUMBER_END = r"(?!\d|[-./_]\d)"
# Without separators, a long number directly before a counter or unit is a quantity: 123456789012円.
NO_COUNTER = r"(?!\s?(?:[%a-z㌀-㏟一-鿿]|[か箇ヶ][所月年国]))"

# The text directly around a number, or across a hyphen; a letter there makes the number part of an identifier.
_LETTERS_BEFORE = re.compile(r"([a-z0-9_]{0,64})(-?)\Z", re.IGNORECASE | re.ASCII)
_LETTERS_AFTER = re.compile(r"(-?)[a-z_]", re.IGNORECASE | re.ASCII)
# Labels that may directly precede a number: TEL0762202111.
_LABELS = frozenset(("tel", "fax", "phone", "mobile", "card", "visa", "jcb", "amex"))
# What is asked of a number, and whose it is.
_ASKED = re.compile(r"(?:です|で(?:合って|いい|よい|よろしい)[^。\n]{0,6})か|\s?\?|は(?:どこ|何|なん|だれ|誰)")
_OFFICE_BEFORE = re.compile(
    rf"(?:{FACILITY}|{DEPARTMENT}|窓口|ホットライン|ダイヤル)"
    r"(?:[はがの:( ]|電話|番号|代表|直通|連絡先|問い?合わせ先?|TEL|FAX){0,6}\Z"
)
# Longest prefix of an identifier that is read, in characters.
_MAX_PREFIX_CHARS = 64

FormCheck = Callable[[re.Match[str]], bool]
Form = tuple[re.Pattern[str], FormCheck, str]


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


_DOT_IN_WORDS = r"(?: (?:dot|ponto|chấm) | ?(?:[(\[<{]dot[)\]>}]|ドット|どっと|点) ?)"
_DOT = rf"(?:[.,] ?|{_DOT_IN_WORDS})"
_MAIL = _compiled(
    rf"(?<![\w.%+-])[\w.%+-]++(?:{_DOT_IN_WORDS}[\w%+-]++){{0,3}}(?:"
    r" ?(?:@|[(\[<{](?:at?|アット|arroba)[)\]>}]|アット(?:マーク)?|あっと(?:まーく)?|艾特|小老鼠|[☆★●◎■]) ?"
    rf"(?:[a-z0-9-]++{_DOT}){{1,6}}"
    rf"| (?:at|arroba|a còng) (?:[a-z0-9-]++{_DOT_IN_WORDS}){{1,6}})[a-z]{{2,}}"
)
_CARD = _compiled(
    rf"{_NUMBER_START}[2-6](?:\d{{13,15}}{NO_COUNTER}"
    rf"|\d{{3}}([- ])(?:\d{{4}}\1\d{{4}}\1\d{{4}}|\d{{6}}\1\d{{4,5}})){_NUMBER_END}"
)
_MY_NUMBER = _compiled(
    rf"{_NUMBER_START}(?:\d{{12}}{NO_COUNTER}|(?<!\d )\d{{4}}([-/_・. ])\d{{4}}\1\d{{4}}(?! \d)){_NUMBER_END}"
)
_BETWEEN = r"[-/_・.,~ の()]"
_PHONE = _compiled(
    rf"{_NUMBER_START}(?:(?:\+|00)81{_BETWEEN}{{0,2}}(?:0\)?)?{_BETWEEN}?|\((?=0)|(?=0))\d(?:{_BETWEEN}{{0,2}}\d){{5,7}}"
    rf"{_BETWEEN}{{0,2}}\d{{3}}{_NUMBER_END}"
)
_DIGIT_IN_WORDS = (
    "zero|oh|one|two|three|four|five|six|seven|eight|nine|um|dois|três|quatro|cinco|seis|sete|oito|nove"
    "|không|một|hai|ba|bốn|năm|sáu|bảy|tám|chín"
    "|ゼロ|ぜろ|マル|まる|レイ|れい|イチ|いち|ニ|に|サン|さん|ヨン|よん|ゴ|ご|ロク|ろく|ナナ|なな|ハチ|はち|キュウ|きゅう"
)
_PHONE_IN_WORDS = _compiled(rf"(?:(?:{_DIGIT_IN_WORDS})[ 、,・の-]?){{9,10}}(?:{_DIGIT_IN_WORDS})")
# Japanese passports: two letters and seven digits (旅券); residence cards: two letters, eight digits, two letters.
_PASSPORT = _compiled(r"(?<![\w-])[A-Z]{2}\d{7}(?![\w-])")
_RESIDENCE_CARD = _compiled(r"(?<![\w-])[A-Z]{2}\d{8}[A-Z]{2}(?![\w-])")
# A number plate: the office's place, class, kana, up to four digits (道路運送車両法施行規則 第11条).
_PLATE = _compiled(r"(?<![一-鿿])[一-鿿]{2,4} ?\d{2,3} ?[ぁ-ん] ?\d{2}-\d{2}(?!\d)")


def _digits(written: str) -> list[int]:
    return [int(digit) for digit in re.findall(r"\d", written)]


def _is_my_number(written: str) -> bool:
    if re.fullmatch(r"\d{4}-\d{4}-\d{4}", written):
        return True
    *body, check = _digits(written)
    weights = (2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6)
    rest = sum(p * q for p, q in zip(reversed(body), weights, strict=True)) % 11
    return check == (0 if rest <= 1 else 11 - rest)


def _is_card(written: str) -> bool:
    doubled = [digit * 2 if position % 2 else digit for position, digit in enumerate(reversed(_digits(written)))]
    return sum(sum(divmod(value, 10)) for value in doubled) % 10 == 0


def _is_phone(written: str) -> bool:
    digits = re.sub(r"\D", "", re.sub(r"^(?:\+|00)81\D*0?", "0", written))
    return len(digits) == (11 if re.match(r"0[5-9]0|0800", digits) else 10) and re.match(r"0[1-9]", digits) is not None


# Numbers that are free of charge or have one tariff belong to offices; those of mobile telephones never do.
_OF_OFFICES = re.compile(r"0(?:120|800|570|990)")
_OF_MOBILES = re.compile(r"(?:(?:\+|00)81\D*+(?:0\D*+)?|\(?0)[5-9]0")


def _is_private_phone(match: re.Match[str]) -> bool:
    text, (start, end) = match.string, match.span()
    if not (_is_standalone(match) and _is_phone(match[0])) or _OF_OFFICES.match(match[0]):
        return False
    is_asked = _ASKED.match(text, end) or _OFFICE_BEFORE.search(text, max(0, start - _MAX_PREFIX_CHARS), start)
    return not is_asked or _OF_MOBILES.match(match[0]) is not None


# A number with hyphens or brackets may have one letter across a hyphen, as in 076-220-2111-DX推進課, but not two.
def _is_standalone(match: re.Match[str]) -> bool:
    start, end = match.span()
    before, after = (
        _LETTERS_BEFORE.search(match.string, max(0, start - _MAX_PREFIX_CHARS), start),
        _LETTERS_AFTER.match(match.string, end),
    )
    opens = match.string[start] in "+("
    joins = [after[1]] if after else []
    if before and before[1].strip("0123456789") and before[1].lower() not in _LABELS and not opens:
        joins.append(before[2])
    return "" not in joins and len(joins) < (1 if match[0].isdigit() else 2)


def _standalone(is_valid: Callable[[str], bool]) -> FormCheck:
    return lambda match: _is_standalone(match) and is_valid(match[0])


FORMS: tuple[Form, ...] = (
    (_MAIL, lambda match: not match[0].lower().endswith((".lg.jp", ".go.jp")), "〔メールアドレス〕"),
    (_CARD, _standalone(_is_card), "〔カード番号〕"),
    (_MY_NUMBER, _standalone(_is_my_number), "〔マイナンバー〕"),
    (_PHONE, _is_private_phone, "〔電話番号〕"),
    (_PHONE_IN_WORDS, lambda _: True, "〔電話番号〕"),
    (_RESIDENCE_CARD, lambda _: True, "〔在留カード番号〕"),
    (_PASSPORT, lambda _: True, "〔旅券番号〕"),
    (_PLATE, lambda _: True, "〔車両番号〕"),
)
"""Each form: its pattern, its check (check digit, length) and the placeholder that replaces it."""
