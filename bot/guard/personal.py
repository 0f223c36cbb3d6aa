"""Personal numbers in a question are masked before anything is recorded or sent to a model.

Masked: My Number (個人番号), payment cards, telephone numbers, mail addresses; in half and full width.
Figures, quantities and dates stay as they are.
"""

import re
from collections.abc import Callable

# One character for one, so that a place in the folded text is the same place in the original.
_FOLD = str.maketrans(
    {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
    | dict.fromkeys(map(ord, "‐‑‒–—―−ーｰ－"), "-")
    | {0x3000: " "}
)

# A number starts and ends where no digit is next to it, neither at once nor beyond a hyphen or a decimal point.
_START = r"(?<!\d)(?<!\d[-.])(?<![¥$])"
_END = r"(?!\d|[-.]\d)"
# Without separators a long number is a figure when a counter or unit follows at once, kanji or letters: 123456789012円.
_NO_COUNTER = r"(?!\s?(?:[%a-z㌀-㏟一-鿿]|[か箇ヶ][所月年国]))"

_MAIL = re.compile(r"[a-z0-9][\w.%+-]*@[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.ASCII | re.IGNORECASE)
_CARD = re.compile(
    rf"{_START}[2-6](?:\d{{13,15}}{_NO_COUNTER}|\d{{3}}([- ])(?:\d{{4}}\1\d{{4}}\1\d{{4}}|\d{{6}}\1\d{{4,5}})){_END}",
    re.ASCII | re.IGNORECASE,
)
_MY_NUMBER = re.compile(
    rf"{_START}(?:\d{{12}}{_NO_COUNTER}|(?<!\d )\d{{4}}([- ])\d{{4}}\1\d{{4}}(?! \d)){_END}", re.ASCII | re.IGNORECASE
)
_PHONE = re.compile(
    rf"{_START}(?:\+81[- ]?(?:\(0\))?|\((?=0)|(?=0))\d{{1,5}}\)?[- ]?\(?\d{{1,4}}\)?[- ]?\d{{3,4}}{_END}", re.ASCII
)


def mask(text: str) -> str:
    """`text` with every personal number replaced by its name in 〔 〕; all else letter for letter."""
    for pattern, is_meant, name in _KINDS:
        text = _replace(text, pattern, is_meant, name)
    return text


def _replace(text: str, pattern: re.Pattern[str], is_meant: Callable[[str], bool], name: str) -> str:
    kept, end = [], 0
    for match in pattern.finditer(text.translate(_FOLD)):
        if is_meant(match.group()):
            kept += [text[end : match.start()], name]
            end = match.end()
    return "".join(kept) + text[end:]


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
    return len(digits) == (11 if re.match(r"0[5-9]0|0800", digits) else 10) and not digits.startswith("00")


_KINDS = (
    (_MAIL, lambda _: True, "〔メールアドレス〕"),
    (_CARD, _is_card, "〔カード番号〕"),
    (_MY_NUMBER, _is_my_number, "〔マイナンバー〕"),
    (_PHONE, _is_phone, "〔電話番号〕"),
)
