"""Extracts the visible text of HTML elements."""

import re
from typing import TYPE_CHECKING

from ingest.readers.html.main_content import BLOCKS, is_boilerplate
from ingest.readers.line_writer import JAPANESE, one_line

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# So many elements inside each other are walked; what is deeper is text.
WALKED = 120
# Alternative texts that name no more than that there is a picture, or its file.
_SAYS_NOTHING = re.compile(
    r"(?:(?:この|下の|上の)?(?:画像|写真|イラスト|図|アイコン|ロゴ|バナー|image|photo|icon|logo)(?:[\d０-９]*)?|.*\.(?:jpe?g|png|gif|svg|webp))",
    re.IGNORECASE,
)
_SUPERSCRIPT = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")


def inline_text(node: "LexborNode", parts: str = " ") -> str:
    """Return the text of an element as it is to be read, with `parts` between its blocks and lines."""
    pieces: list[str] = []
    _gather(node, pieces, 0)
    lines = [one_line(line) for line in "".join(pieces).split("\n")]
    return parts.join(filter(None, lines))


def _gather(node: "LexborNode", pieces: list[str], depth: int) -> None:
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            pieces.append(collapse_white_space(child.text_content or ""))
        elif tag.startswith(("-", "!")) or is_boilerplate(child):
            pieces.append(form_box_text(child) if tag == "input" else "")
        elif tag == "br":
            pieces.append("\n")
        elif tag == "img":
            pieces.append(alternative_text(child))
        elif tag == "input":
            pieces.append(form_box_text(child))
        elif tag in {"sup", "sub"}:
            pieces.append(superscript_text(child))
        elif depth > WALKED:
            pieces.append(collapse_white_space(child.text()))
        else:
            around = "\n" if tag in BLOCKS or tag in {"tr", "caption"} else " " if tag in {"td", "th"} else ""
            pieces.append(around)
            _gather(child, pieces, depth + 1)
            pieces.append(around)


def collapse_white_space(text: str) -> str:
    """Return the text with its white space as a browser shows it: a break between Japanese characters is none."""
    text = re.sub(
        rf"(?<={JAPANESE})[ \t]*[\r\n]+[ \t]*(?={JAPANESE})",
        "",
        text,
    )
    return re.sub(r"[ \t\r\n\f]+", " ", text)


def alternative_text(node: "LexborNode") -> str:
    """Return what stands for a picture, "" where that says nothing."""
    text = one_line(node.attributes.get("alt") or "")
    return "" if _SAYS_NOTHING.fullmatch(text) else text


def form_box_text(node: "LexborNode") -> str:
    """Return the box of a form as it is printed."""
    if node.attributes.get("type") != "checkbox":
        return ""
    return "☑" if "checked" in node.attributes else "☐"


def superscript_text(node: "LexborNode") -> str:
    """Return a raised figure behind a unit as such: m², CO₂ stays CO2; other raised text is text."""
    text = one_line(node.text())
    return text.translate(_SUPERSCRIPT) if node.tag == "sup" and re.fullmatch(r"[+-]?[\d]", text) else text
