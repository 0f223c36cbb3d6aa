"""Extracts the visible text of HTML elements."""

import re
from typing import TYPE_CHECKING

from ingest.readers.html.main_content import BLOCK_TAGS, is_boilerplate
from ingest.readers.line_writer import JAPANESE, to_one_line

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

# Elements nested deeper than this are read as plain text.
MAX_WALK_DEPTH = 120
# Descriptions that only say that there is a picture, or name its file.
_EMPTY_DESCRIPTION = re.compile(
    r"(?:(?:この|下の|上の)?(?:画像|写真|イラスト|図|アイコン|ロゴ|バナー|image|photo|icon|logo)(?:[\d０-９]*)?|.*\.(?:jpe?g|png|gif|svg|webp))",
    re.IGNORECASE,
)
_SUPERSCRIPT = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")


def inline_text(node: "LexborNode", separator: str = " ") -> str:
    """Return the visible text of an element, with `separator` between its blocks and lines."""
    pieces: list[str] = []
    _collect_text(node, pieces, 0)
    lines = [to_one_line(line) for line in "".join(pieces).split("\n")]
    return separator.join(filter(None, lines))


def _collect_text(node: "LexborNode", pieces: list[str], depth: int) -> None:
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
        elif depth > MAX_WALK_DEPTH:
            pieces.append(collapse_white_space(child.text()))
        else:
            separator = _separator(tag)
            pieces.append(separator)
            _collect_text(child, pieces, depth + 1)
            pieces.append(separator)


def _separator(tag: str) -> str:
    if tag in BLOCK_TAGS or tag in {"tr", "caption"}:
        return "\n"
    return " " if tag in {"td", "th"} else ""


def collapse_white_space(text: str) -> str:
    """Return the text with white space as browsers show it; a line break between Japanese letters vanishes."""
    text = re.sub(
        rf"(?<={JAPANESE})[ \t]*[\r\n]+[ \t]*(?={JAPANESE})",
        "",
        text,
    )
    return re.sub(r"[ \t\r\n\f]+", " ", text)


def alternative_text(node: "LexborNode") -> str:
    """Return the description of a picture, "" if it only names the file or says that it is a picture."""
    text = to_one_line(node.attributes.get("alt") or "")
    return "" if _EMPTY_DESCRIPTION.fullmatch(text) else text


def form_box_text(node: "LexborNode") -> str:
    """Return a form's checkbox as it is printed."""
    if node.attributes.get("type") != "checkbox":
        return ""
    return "☑" if "checked" in node.attributes else "☐"


def superscript_text(node: "LexborNode") -> str:
    """Return a raised digit as a superscript character (m²); other text is unchanged (CO₂ stays CO2)."""
    text = to_one_line(node.text())
    return text.translate(_SUPERSCRIPT) if node.tag == "sup" and re.fullmatch(r"[+-]?[\d]", text) else text
