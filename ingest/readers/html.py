"""Web pages: their main part, without menus, as headings, paragraphs, lists and tables."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ingest.documents import Line
from ingest.errors import UnreadableDocumentError
from ingest.readers.encoding import decode
from ingest.readers.grid import Slot, write_table
from ingest.readers.writing import JAPANESE, Written, one_line

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

# A page of a town's site has a tenth of a megabyte; one saved with its pictures inside has some.
_LARGEST = 32 << 20
# The parser takes a second for 15,000 elements inside each other, and time by their square.
_DEEPEST = 2_000
# So many of them are walked; what is deeper is text.
_WALKED = 120
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)[^<>]*?(/?)>")
_UNCLOSED = frozenset(
    re.findall(
        r"\w+",
        "area base br col embed hr img input link meta param source track wbr p li dt dd td th tr thead tbody tfoot "
        "colgroup option optgroup rt rp html head body path circle rect line polygon",
    )
)
_UNSEEN = frozenset(
    re.findall(
        r"\w+",
        "script style noscript template svg math iframe object embed video audio canvas head title link meta select "
        "option button textarea rt rp dialog",
    )
)
_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote body center details div dd dl dt fieldset figcaption figure footer form "
        "header hr legend li main nav ol p pre section summary table ul h1 h2 h3 h4 h5 h6",
    )
)
_HEADING = re.compile(r"h[1-6]")
_MAIN = ("main", "[role=main]", "#main", "#contents", "#content", "#main-content", "#maincontent", "#honbun", "article")
# A part that is named as the main one and holds less of the page's text than this is none.
_FEWEST = 0.05
_ASIDE_TAGS = frozenset({"nav", "aside"})
_ASIDE_ROLES = frozenset({"navigation", "complementary", "banner", "contentinfo", "search", "menu", "menubar"})
# Words of which names of menus and the like are made, in sites of any maker: gnav, topic-path, sns_btn.
_ASIDE = re.compile(
    r"(?:^|[\s_-])(?:bread-?crumbs?|topic-?paths?|pan-?kuzu|g?nav(?:i|igation|bar)?|global-?nav(?:i)?|menu|side-?(?:bar|menu|nav)"
    r"|skip(?:-?(?:link|nav))?|page-?top|to-?top|sns|share|social|related-?links?|cookie)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CHARSET = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([\w-]+)""", re.IGNORECASE)
_SITE = re.compile(r"\s*(?:[|｜]|\s[-–—－]\s|[/／]\s)\s*")
_DAY = r"(?:(?:令和|平成|R|H)?\s?(?:\d{1,4}|元)\s?[年./-]\s?\d{1,2}\s?[月./-]\s?\d{1,2}\s?日?)"
_CHANGED = re.compile(rf"(?:最終)?(?:更新|改定|掲載|公開|登録|作成)年?月?日(?:時)?\s*[:：]?\s*{_DAY}")
_META_CHANGED = (
    "dcterms.modified",
    "article:modified_time",
    "last-modified",
    "date",
    "dcterms.issued",
    "article:published_time",
)
_ISO_DAY = re.compile(r"(\d{4})[-/.]?(\d{2})[-/.]?(\d{2})")
# Alternative texts that name no more than that there is a picture, or its file.
_SAYS_NOTHING = re.compile(
    r"(?:(?:この|下の|上の)?(?:画像|写真|イラスト|図|アイコン|ロゴ|バナー|image|photo|icon|logo)(?:[\d０-９]*)?|.*\.(?:jpe?g|png|gif|svg|webp))",
    re.IGNORECASE,
)
_SUPERSCRIPT = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
# A value of a name that is longer, or made of paragraphs, is a section under it.
_LONGEST_VALUE = 120
# A form with more text than this holds a page, as some programs make them.
_LONGEST_ASKING = 200
# A cell over more rows or columns than this is a slip of the hand: browsers stop there too (HTML, 4.9.12).
_WIDEST, _TALLEST = 1_000, 65_534
# Cells of one table.
_MOST_CELLS = 200_000


def read_html(path: Path) -> list[Line]:
    """Return the lines of a page's main part, and the day of its last change where that stands elsewhere on it.

    Raises UnreadableDocumentError where the file is no text, or too large.
    """
    tree = _parsed(path)
    return html_lines(tree, path.name) if tree else []


def html_title(path: Path) -> str:
    """Return the title of a page: its first heading, else its `<title>` without the site's name; "" without one."""
    tree = _parsed(path)
    if tree is None:
        return ""
    main = _main(tree)
    for node in [*main.css("h1"), *tree.css("h1")]:
        if not _is_aside(node) and (text := one_line(node.text(separator=""))):
            return text
    title = tree.css_first("title")
    return _SITE.split(one_line(title.text()))[0].strip() if title else ""


def html_lines(tree: "LexborHTMLParser", name: str, *, whole: bool = False) -> list[Line]:
    """Return the lines of a parsed page; of all of it where it is `whole`, as another reader made it.

    Raises UnreadableDocumentError that names the file as `name`.
    """
    main = tree.body if whole else _main(tree)
    if main is None:
        return []
    page = _Page(name, base=main if not whole else None)
    page.take(main)
    if not whole and (changed := _changed(tree, main)):
        page.written.paragraph(changed)
    return page.written.lines


def _parsed(path: Path) -> "LexborHTMLParser | None":
    """Return the parsed page, None for an empty file."""
    if path.stat().st_size > _LARGEST:
        raise UnreadableDocumentError(
            f"{path.name}: 大きすぎるので読みません（上限は{_LARGEST >> 20} MB）。文書を分けて置いてください。"
        )
    data = path.read_bytes()
    declared = _CHARSET.search(data[:4096])
    text = decode(data, path.name, declared[1].decode("ascii") if declared else "")
    return parsed(text, path.name) if text.strip("\ufeff \t\r\n") else None


def parsed(text: str, name: str) -> "LexborHTMLParser":
    """Return the tree of a page; raises UnreadableDocumentError where its elements lie too deep inside each other."""
    from selectolax.lexbor import LexborHTMLParser  # noqa: PLC0415 -- who reads no web page need not load it

    depth = 0
    for tag in _TAG.finditer(text):
        if tag[2].lower() not in _UNCLOSED and not tag[3]:
            depth = max(0, depth + (-1 if tag[1] else 1))
            if depth > _DEEPEST:
                raise UnreadableDocumentError(
                    f"{name}: HTML の入れ子が深すぎて読めません。ブラウザーで開き、保存し直してください。"
                )
    return LexborHTMLParser(text)


def _main(tree: "LexborHTMLParser") -> "LexborNode":
    body = tree.body
    assert body is not None  # lexbor makes one
    length = len(one_line(body.text()))
    for selector in _MAIN:
        found = tree.css(selector)
        if len(found) == 1 and len(one_line(found[0].text())) > _FEWEST * length:
            return found[0]
    return body


def _changed(tree: "LexborHTMLParser", main: "LexborNode") -> str:
    """Return what a page says, outside its main part or to programs alone, of the day on which it was changed."""
    if _CHANGED.search(one_line(main.text(separator=" "))):
        return ""
    body = tree.body
    if body and (said := _CHANGED.search(one_line(body.text(separator=" ")))):
        return said[0]
    metas = {
        (
            node.attributes.get("name") or node.attributes.get("property") or node.attributes.get("http-equiv") or ""
        ).lower(): node
        for node in tree.css("meta[content]")
    }
    for name in _META_CHANGED:
        if name in metas and (day := _ISO_DAY.match((metas[name].attributes["content"] or "").strip())):
            return f"更新日：{int(day[1])}年{int(day[2])}月{int(day[3])}日"
    return ""


def _is_aside(node: "LexborNode") -> bool:
    """Whether an element is no part of what a page is about, or not to be seen."""
    attributes = node.attributes
    if node.tag in _UNSEEN or "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    if _HIDDEN.search(attributes.get("style") or ""):
        return True
    if node.tag == "form" and _is_asking(node):
        return True
    if node.tag in _ASIDE_TAGS or attributes.get("role") in _ASIDE_ROLES:
        return True
    names = f"{attributes.get('class') or ''} {attributes.get('id') or ''}"
    return node.tag not in {"body", "main", "article", "table", "td", "th"} and bool(_ASIDE.search(names))


def _is_asking(form: "LexborNode") -> bool:
    """Whether a form only asks a reader something: what they look for, or how they liked the page."""
    return form.css_first("input, textarea, select") is not None and len(one_line(form.text())) <= _LONGEST_ASKING


class _Page:
    """A walk over a page; `base` is the part it begins in, None where another reader made the page."""

    def __init__(self, name: str, base: "LexborNode | None") -> None:
        self.written = Written()
        self._name = name
        self._base = base
        self._text = ""
        self._item: tuple[int, str] | None = None  # depth and number of the item whose text is next
        self._lists: list[int | None] = []  # the numbers of the open lists
        self._depth = 0

    def take(self, node: "LexborNode") -> None:
        """Write what stands in an element."""
        self._children(node)
        self._flush()

    def _children(self, node: "LexborNode") -> None:
        self._depth += 1
        for child in node.iter(include_text=True):
            if child.tag == "-text":
                self._text += _white(child.text_content or "")
            elif self._depth > _WALKED:
                self._text += _white(child.text())
            elif not self._is_left_out(child):
                self._element(child)
        self._depth -= 1

    def _is_left_out(self, node: "LexborNode") -> bool:
        if not node.tag or node.tag.startswith(("-", "!")):
            return True
        if self._base is None:
            return node.tag in _UNSEEN
        outside = node.tag in {"header", "footer"} and self._base.tag == "body" and node.css_first("h1") is None
        return outside or _is_aside(node)

    def _element(self, node: "LexborNode") -> None:
        tag = node.tag or ""
        if tag in _BLOCKS:
            self._flush()
            self._block(node, tag)
            self._flush()
        elif tag == "br":
            self._text += "\n"
        elif tag == "img":
            self._text += _alternative(node)
        elif tag == "input":
            self._text += _box(node)
        elif tag in {"sup", "sub"}:
            self._text += _raised(node)
        else:
            self._children(node)

    def _block(self, node: "LexborNode", tag: str) -> None:
        if _HEADING.fullmatch(tag):
            self.written.heading(int(tag[1]), inline(node))
        elif tag == "summary":
            self.written.heading(self.written.level + 1, inline(node))
        elif tag in {"ul", "ol"}:
            self._list(node, tag)
        elif tag == "li":
            self._open_item(node)
        elif tag == "dl":
            self._definitions(node)
        elif tag == "table":
            self._table(node)
        elif tag == "pre":
            self.written.paragraph(node.text())
        else:
            self._children(node)

    def _flush(self) -> None:
        """Write the paragraph, or the item, that has been gathered."""
        text, self._text = self._text, ""
        if not one_line(text):
            return
        if self._item:
            depth, number = self._item
            self._item = None
            self.written.item(text, depth, number)
        else:
            self.written.paragraph(text)

    def _list(self, node: "LexborNode", tag: str) -> None:
        if not self._lists:
            self.written.part()
        start = node.attributes.get("start") or "1"
        self._lists.append(
            int(start) if tag == "ol" and re.fullmatch(r"\d{1,6}", start) else 1 if tag == "ol" else None
        )
        self._children(node)
        self._lists.pop()

    def _open_item(self, node: "LexborNode") -> None:
        number = self._lists[-1] if self._lists else None
        if self._lists and number is not None:
            self._lists[-1] = number + 1
        self._item = (max(0, len(self._lists) - 1), "" if number is None else f"{number}.")
        self._children(node)
        self._flush()
        self._item = None

    def _definitions(self, node: "LexborNode") -> None:
        """Write names with their values: short ones as a table, others each under its name as a heading."""
        groups = list(_groups(node))
        if groups and all(
            len(inline(value)) <= _LONGEST_VALUE and not _has_blocks(value) for _, values in groups for value in values
        ):
            pairs = [[" ".join(map(inline, names)), " ".join(map(inline, values))] for names, values in groups]
            self.written.facts([pair for pair in pairs if any(pair)])
            return
        level = self.written.level + 1
        for names, values in groups:
            self.written.heading(level, " ".join(map(inline, names)))
            for value in values:
                self.take(value)
        self.written.level = level - 1

    def _table(self, node: "LexborNode") -> None:
        caption = node.css_first("caption")
        if _is_layout(node):
            for cell in _cells_of(node):
                self._flush()
                self._children(cell)
            return
        slots, headers = _slots(node, self._name)
        write_table(self.written, slots, headers=headers, caption=inline(caption) if caption else "")


def _groups(node: "LexborNode") -> Iterator[tuple[list["LexborNode"], list["LexborNode"]]]:
    """Yield the names and the values that belong together in a list of definitions."""
    names: list[LexborNode] = []
    values: list[LexborNode] = []
    for child in _terms(node):
        if child.tag == "dt" and values:
            yield names, values
            names, values = [], []
        (names if child.tag == "dt" else values).append(child)
    if names or values:
        yield names, values


def _terms(node: "LexborNode") -> Iterator["LexborNode"]:
    """Yield the names and values of a list of definitions, also those that it groups, but none of a list inside it."""
    for child in node.iter():
        if child.tag in {"dt", "dd"}:
            yield child
        elif child.tag == "div":
            yield from _terms(child)


def _has_blocks(node: "LexborNode") -> bool:
    return node.css_first("p + p, ul, ol, dl, table, h1, h2, h3, h4, h5, h6") is not None


def _is_layout(table: "LexborNode") -> bool:
    """Whether a table only places things: it holds other tables or headings, says so, or is one cell."""
    if table.attributes.get("role") in {"presentation", "none"}:
        return True
    cells = _cells_of(table)
    return len(cells) == 1 or any(cell.css_first("table, h1, h2, h3, h4") is not None for cell in cells)


def _cells_of(table: "LexborNode") -> list["LexborNode"]:
    """Return the cells of a table, but not those of a table inside it."""
    return [cell for row in _rows_of(table) for cell in _row_cells(row)]


def _rows_of(table: "LexborNode") -> list["LexborNode"]:
    inside = [child for child in table.iter() if child.tag in {"thead", "tbody", "tfoot", "tr"}]
    return [row for part in inside for row in ([part] if part.tag == "tr" else part.iter()) if row.tag == "tr"]


def _row_cells(row: "LexborNode") -> list["LexborNode"]:
    return [cell for cell in row.iter() if cell.tag in {"td", "th"}]


def _slots(table: "LexborNode", name: str) -> tuple[list[Slot], int | None]:
    """Return the cells of a table with their places, and of how many rows it says that they name columns."""
    rows = _rows_of(table)
    taken: set[tuple[int, int]] = set()
    slots: list[Slot] = []
    for at, row in enumerate(rows):
        column = 0
        for cell in _row_cells(row):
            while (at, column) in taken:
                column += 1
            height = min(_span(cell, "rowspan", _TALLEST) or len(rows), len(rows) - at)
            width = _span(cell, "colspan", _WIDEST) or 1
            if len(taken) + height * width > _MOST_CELLS:
                raise UnreadableDocumentError(
                    f"{name}: 表のセルが多すぎます（上限は{_MOST_CELLS:,}）。表を分けるか、CSV で保存し直してください。"
                )
            taken |= {(at + down, column + right) for down in range(height) for right in range(width)}
            slots.append(Slot(inline(cell, parts="\n"), at, column, height, width, _is_name(cell)))
    return slots, sum(row.parent is not None and row.parent.tag == "thead" for row in rows) or None


def _span(cell: "LexborNode", attribute: str, most: int) -> int:
    text = (cell.attributes.get(attribute) or "1").strip()
    return min(int(text), most) if re.fullmatch(r"\d{1,6}", text) else 1


def _is_name(cell: "LexborNode") -> bool:
    """Whether a cell names a row or column: by its element, or because all of it is set in bold."""
    if cell.tag == "th":
        return True
    bold = "".join(node.text() for node in cell.css("strong, b"))
    return bool(bold.strip()) and one_line(bold) == one_line(cell.text())


def inline(node: "LexborNode", parts: str = " ") -> str:
    """Return the text of an element as it is to be read, with `parts` between its blocks and lines."""
    pieces: list[str] = []
    _gather(node, pieces, 0)
    lines = [one_line(line) for line in "".join(pieces).split("\n")]
    return parts.join(filter(None, lines))


def _gather(node: "LexborNode", pieces: list[str], depth: int) -> None:
    for child in node.iter(include_text=True):
        tag = child.tag or ""
        if tag == "-text":
            pieces.append(_white(child.text_content or ""))
        elif tag.startswith(("-", "!")) or _is_aside(child):
            pieces.append(_box(child) if tag == "input" else "")
        elif tag == "br":
            pieces.append("\n")
        elif tag == "img":
            pieces.append(_alternative(child))
        elif tag == "input":
            pieces.append(_box(child))
        elif tag in {"sup", "sub"}:
            pieces.append(_raised(child))
        elif depth > _WALKED:
            pieces.append(_white(child.text()))
        else:
            around = "\n" if tag in _BLOCKS or tag in {"tr", "caption"} else " " if tag in {"td", "th"} else ""
            pieces.append(around)
            _gather(child, pieces, depth + 1)
            pieces.append(around)


def _white(text: str) -> str:
    """Return the text with its white space as a browser shows it: a break between Japanese characters is none."""
    text = re.sub(
        rf"(?<={JAPANESE})[ \t]*[\r\n]+[ \t]*(?={JAPANESE})",
        "",
        text,
    )
    return re.sub(r"[ \t\r\n\f]+", " ", text)


def _alternative(node: "LexborNode") -> str:
    """Return what stands for a picture, "" where that says nothing."""
    text = one_line(node.attributes.get("alt") or "")
    return "" if _SAYS_NOTHING.fullmatch(text) else text


def _box(node: "LexborNode") -> str:
    """Return the box of a form as it is printed."""
    if node.attributes.get("type") != "checkbox":
        return ""
    return "☑" if "checked" in node.attributes else "☐"


def _raised(node: "LexborNode") -> str:
    """Return a raised figure behind a unit as such: m², CO₂ stays CO2; other raised text is text."""
    text = one_line(node.text())
    return text.translate(_SUPERSCRIPT) if node.tag == "sup" and re.fullmatch(r"[+-]?[\d]", text) else text
