"""The targets of links, as text after the words of the link: 申請書（https://www.city.example/form.docx）."""

import re
from collections.abc import Sequence
from functools import reduce
from urllib.parse import quote, unquote, urljoin, urlsplit

from ingest.japanese import nfkc
from ingest.japanese.contacts import ADDRESS, MAIL_ADDRESS, telephones

# Characters; longer targets carry data or sessions.
_MAX_LENGTH = 300
_KEPT = "%/:?#@!$&'*+,;=~"
_TELEPHONE = re.compile(r"tel:(?://)?(?:(?P<country>\+81)-?(?:\(0\))?)?(?P<number>[\d()-]{3,20})")
_MAIL = re.compile(rf"mailto:(?P<address>{MAIL_ADDRESS})(?:\?.*)?", re.ASCII)


def with_target(text: str, target: str | None, *bases: str) -> str:
    """Return the text of a link with its web or mail address or telephone number in brackets, if it has one.

    A text that has an address or number itself stays as it is: a target that differs from it is a trap. A relative
    target is resolved to `bases`, one after the other. Targets with a user's name or over 300 characters are left out.
    """
    if not text.strip() or not (shown := _shown_target((target or "").strip(), bases)):
        return text
    words = nfkc(text)
    if telephones(words) if shown.startswith("電話") else ADDRESS.search(words):
        return text
    return f"{text.rstrip()}（{shown}）"


def _shown_target(target: str, bases: Sequence[str]) -> str:
    if not target or len(target) > _MAX_LENGTH or target.startswith("#"):
        return ""
    if match := _TELEPHONE.fullmatch(re.sub(r"\s", "", unquote(target))):
        return f"電話番号 {'0' if match['country'] else ''}{match['number']}"
    if match := _MAIL.fullmatch(unquote(target)):
        return f"メールアドレス {match['address']}"
    try:
        address = quote(reduce(urljoin, (*bases, target)), safe=_KEPT)
        parts = urlsplit(address)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and "%" not in parts.netloc
    except ValueError:
        return ""
    return address if is_web and "@" not in parts.netloc and len(address) <= _MAX_LENGTH else ""
