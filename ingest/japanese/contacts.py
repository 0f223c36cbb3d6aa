"""Finds telephone numbers, postcodes, mail and web addresses."""

import re
from functools import lru_cache

MAIL_ADDRESS = r"[\w.+-]{1,64}+@[\w-]+(?:\.[\w-]+)+"
_WITH_AREA_CODE = r"\(0\d{1,4}\)\s?\d{1,4}-\d{3,4}|0\d{1,4}[-(\s]\d{1,4}[-)\s]\d{3,4}|0\d{9,10}"
# Without area code: two groups of the usual length (555-0123), or any two right after a word for telephone.
_LOCAL = r"\d{3}-\d{4}|(?<=[話Xxス線】≫☎])[\s:]?\d{2,4}-\d{4}"
_TELEPHONE = re.compile(rf"(?<![\d-])(?<!\d[.,])(?<!〒)(?<!〒\s)(?<!郵便番号)(?:{_WITH_AREA_CODE}|{_LOCAL})(?![\d-])")
_HAS_TELEPHONE = re.compile(r"\d-\d|0\d{9}|0\d{1,4}[)\s(]")
POSTCODE = re.compile(r"〒\s?\d{3}-?\d{4}(?![\d-])")
_SHORT_NUMBER = re.compile(r"(?<![\d-])[#♯]\d{4}(?![\d-])")
ADDRESS = re.compile(
    rf"(?:https?:)?//[^\s。、()「」]+|{MAIL_ADDRESS}"
    r"|(?<![\w.])(?:[a-z0-9-]{1,63}+\.){1,9}(?:jp|com|net|org|info|biz|io|dev|example)\b",
    re.IGNORECASE | re.ASCII,
)
"""A web or mail address, or the name of a host."""
LINK_TARGET = re.compile(rf"[(（](?P<kind>メールアドレス )?(?:https?://[^\s()（）]+|{MAIL_ADDRESS})[)）]", re.ASCII)
"""The target of a link after its text, which `ingest/blocks/link_targets.py` writes."""
_NUMBER = re.compile(r"[#♯(]?\d[\d()\s-]*")


def telephones(text: str) -> list[tuple[int, int]]:
    """Return the spans of telephone and fax numbers in `text`, in order; not postcodes or pairs of years."""
    if not _HAS_TELEPHONE.search(text):
        return []
    return [(match.end() - len(match[0].lstrip(" :")), match.end()) for match in _TELEPHONE.finditer(text)]


@lru_cache(maxsize=8192)
def contacts(text: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of links, mail addresses, host names, telephone numbers and postcodes in normalised `text`."""
    spans = [match.span() for pattern in (ADDRESS, POSTCODE, _SHORT_NUMBER) for match in pattern.finditer(text)]
    return tuple(sorted([*spans, *telephones(text)]))


def is_telephone_number(contact: str) -> bool:
    """Whether a contact is a telephone number, not an address or a postcode."""
    return bool(_NUMBER.fullmatch(contact))


def contact_key(contact: str) -> str:
    """Return the digits of a telephone number or postcode; other contacts in lower case without white space."""
    if is_telephone_number(contact) or POSTCODE.fullmatch(contact):
        return re.sub(r"\D", "", contact)
    return "".join(contact.split()).casefold()
