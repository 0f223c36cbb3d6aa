"""Patterns and check digits of personal numbers: My Number, cards, telephones, passports.

Only what stands by itself is one: ten digits in the middle of a UUID or a checksum belong to that.
"""

import re
from collections.abc import Callable

# A number starts and ends where no digit is next to it, neither at once nor beyond a hyphen or a decimal point.
_START = r"(?<!\d)(?<!\d[-.])(?<![¥$])"
_END = r"(?!\d|[-.]\d)"
# Without separators a long number is a figure when a counter or unit follows at once, kanji or letters: 123456789012円.
NO_COUNTER = r"(?!\s?(?:[%a-z㌀-㏟一-鿿]|[か箇ヶ][所月年国]))"

# What stands directly before and behind a number, or beyond a hyphen: a piece of an identifier where it has a letter.
_BEFORE = re.compile(r"([a-z0-9_]*)(-?)\Z", re.IGNORECASE | re.ASCII)
_BEHIND = re.compile(r"(-?)[a-z_]", re.IGNORECASE | re.ASCII)
# Written close to a number these are no part of it: TEL0762202111.
_NAMING = frozenset(("tel", "fax", "phone", "mobile", "card", "visa", "jcb", "amex"))
# No piece of an identifier is longer, as far as is looked.
_FAR = 64

Meant = Callable[[re.Match[str]], bool]
Form = tuple[re.Pattern[str], Meant, str]


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII | re.IGNORECASE)


def _one_by_one(between: str) -> re.Pattern[str]:
    """Return the pattern of digits spelt one by one; `between` counts those that stand between first and last."""
    return _compiled(rf"{_START}(?<!\d[ ,])\d([- ,])(?:\d\1){{{between}}}\d(?!\1\d){_END}")


_MAIL = _compiled(
    r"(?<![\w.%+-])[\w.%+-]++(?:@| @ ?|@ | ?[(\[<]at[)\]>] ?|アットマーク)"
    r"[a-z0-9-]+(?:(?:\.| ?[(\[<]dot[)\]>] ?|ドット)[a-z0-9-]+)+"
)
_CARD = _compiled(
    rf"{_START}[2-6](?:\d{{13,15}}{NO_COUNTER}|\d{{3}}([- ])(?:\d{{4}}\1\d{{4}}\1\d{{4}}|\d{{6}}\1\d{{4,5}})){_END}"
)
_MY_NUMBER = _compiled(rf"{_START}(?:\d{{12}}{NO_COUNTER}|(?<!\d )\d{{4}}([- ])\d{{4}}\1\d{{4}}(?! \d)){_END}")
_BETWEEN = r"(?: ?- ?| |の)?"
_PHONE = _compiled(
    rf"{_START}(?:\+81[- ]?(?:\(0\))?|\((?=0)|(?=0))\d{{1,5}}\)?{_BETWEEN}\(?\d{{1,4}}\)?{_BETWEEN}\d{{3,4}}{_END}"
)
_PHONE_WITH_DOTS = _compiled(rf"{_START}0\d{{1,4}}\.\d{{2,4}}\.\d{{4}}{_END}")
# Japanese passports: two letters and seven digits (旅券); residence cards: two letters, eight digits, two letters.
_PASSPORT = _compiled(r"(?<![\w-])[A-Z]{2}\d{7}(?![\w-])")
_RESIDENCE_CARD = _compiled(r"(?<![\w-])[A-Z]{2}\d{8}[A-Z]{2}(?![\w-])")
# A number plate: the office's place, class, kana, up to four digits (道路運送車両法施行規則 第11条).
_PLATE = _compiled(r"(?<![一-鿿])[一-鿿]{2,4} ?\d{2,3} ?[ぁ-ん] ?\d{2}-\d{2}(?!\d)")


def _digits(written: str) -> list[int]:
    return [int(digit) for digit in re.findall(r"\d", written)]


def _is_my_number(written: str) -> bool:
    """Compare with the check digit of 平成26年総務省令第85号第5条: digits P_n from the right, weights Q_n."""
    *body, check = _digits(written)
    weights = (2, 3, 4, 5, 6, 7, 2, 3, 4, 5, 6)
    rest = sum(p * q for p, q in zip(reversed(body), weights, strict=True)) % 11
    return check == (0 if rest <= 1 else 11 - rest)


def _is_card(written: str) -> bool:
    """Luhn's check digit (ISO/IEC 7812-1, annex B)."""
    doubled = [digit * 2 if place % 2 else digit for place, digit in enumerate(reversed(_digits(written)))]
    return sum(sum(divmod(value, 10)) for value in doubled) % 10 == 0


def _is_phone(written: str) -> bool:
    """As many digits as a Japanese number has: 11 for mobile, IP and 0800 numbers, else 10."""
    digits = re.sub(r"\D", "", re.sub(r"^\+81[- ]?(?:\(0\))?", "0", written))
    return len(digits) == (11 if re.match(r"0[5-9]0|0800", digits) else 10) and re.match(r"0[1-9]", digits) is not None


def _stands_alone(found: re.Match[str]) -> bool:
    """Whether a number is no part of a longer identifier.

    Part of one is what has a letter at either end, at once or beyond a hyphen. Only what is itself written with
    hyphens or brackets may have one beyond a hyphen, as in 076-220-2111-DX推進課, but not two.
    """
    start, end = found.span()
    before, behind = _BEFORE.search(found.string, max(0, start - _FAR), start), _BEHIND.match(found.string, end)
    opens = found.string[start] in "+("
    joins = [behind[1]] if behind else []
    if before and before[1].strip("0123456789") and before[1].lower() not in _NAMING and not opens:
        joins.append(before[2])
    return "" not in joins and len(joins) < (1 if found[0].isdigit() else 2)


def _alone(is_meant: Callable[[str], bool]) -> Meant:
    return lambda found: _stands_alone(found) and is_meant(found[0])


FORMS: tuple[Form, ...] = (
    (_MAIL, lambda _: True, "〔メールアドレス〕"),
    (_CARD, _alone(_is_card), "〔カード番号〕"),
    (_one_by_one("12,14"), _alone(_is_card), "〔カード番号〕"),
    (_MY_NUMBER, _alone(_is_my_number), "〔マイナンバー〕"),
    (_one_by_one("10"), _alone(_is_my_number), "〔マイナンバー〕"),
    (_PHONE, _alone(_is_phone), "〔電話番号〕"),
    (_PHONE_WITH_DOTS, _alone(_is_phone), "〔電話番号〕"),
    (_one_by_one("8,9"), _alone(_is_phone), "〔電話番号〕"),
    (_RESIDENCE_CARD, lambda _: True, "〔在留カード番号〕"),
    (_PASSPORT, lambda _: True, "〔旅券番号〕"),
    (_PLATE, lambda _: True, "〔車両番号〕"),
)
"""Each form: where it may stand, whether it is one (its check digit), and what is written in its place."""
