"""Builds .docx files from parts, for features that test libraries cannot write."""

import zipfile
from pathlib import Path

_NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
)
_CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPES = f"""<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml"
ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>"""
STYLES = f"""<w:styles {_NS}>
<w:style w:type="paragraph" w:styleId="T"><w:name w:val="表題"/></w:style>
<w:style w:type="paragraph" w:styleId="C"><w:name w:val="toc 1"/></w:style>
<w:style w:type="paragraph" w:styleId="1"><w:name w:val="見出し １"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr>
</w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="2"><w:name w:val="heading 2"/><w:pPr><w:numPr><w:ilvl w:val="1"/>
<w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:styleId="old"><w:name w:val="廃止"/><w:rPr><w:strike/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="S"><w:name w:val="節の題"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
</w:styles>"""


def _level(at: int, form: str, text: str) -> str:
    return f'<w:lvl w:ilvl="{at}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'


def _list(number: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{number}">{"".join(levels)}</w:abstractNum>'


NUMBERING = f"""<w:numbering {_NS}>
{_list(1, _level(0, "decimal", "第%1章"), _level(1, "decimal", "%1.%2"))}
{_list(2, _level(0, "decimalEnclosedCircle", "%1"), _level(1, "bullet", "•"))}
{_list(3, _level(0, "japaneseCounting", "第%1条"))}
{"".join(f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n in (1, 2, 3))}</w:numbering>"""


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def paragraph(*runs: str, style: str = "", number: tuple[int, int] | None = None, properties: str = "") -> str:
    settings = f'<w:pStyle w:val="{style}"/>' if style else ""
    if number:
        settings += f'<w:numPr><w:ilvl w:val="{number[1]}"/><w:numId w:val="{number[0]}"/></w:numPr>'
    inner = "".join(one if one.startswith("<") else run(one) for one in runs)
    return f"<w:p><w:pPr>{settings}{properties}</w:pPr>{inner}</w:p>"


def cell(text: str, *, shaded: bool = False, properties: str = "") -> str:
    shade = '<w:shd w:val="clear" w:fill="D9D9D9"/>' if shaded else ""
    return f"<w:tc><w:tcPr>{properties}{shade}</w:tcPr>{paragraph(text)}</w:tc>"


def table(*rows: tuple[str, ...]) -> str:
    grid = "<w:gridCol/>" * max(map(len, rows))
    inner = "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in rows)
    return f"<w:tbl><w:tblPr/><w:tblGrid>{grid}</w:tblGrid>{inner}</w:tbl>"


def text_box(text: str) -> str:
    box = f"<w:txbxContent>{paragraph(text)}</w:txbxContent>"
    new = f"<w:drawing><a:graphic><wps:wsp><wps:txbx>{box}</wps:txbx></wps:wsp></a:graphic></w:drawing>"
    old = f"<w:pict><v:shape><v:textbox>{box}</v:textbox></v:shape></w:pict>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps">{new}</mc:Choice>'
        f"<mc:Fallback>{old}</mc:Fallback></mc:AlternateContent></w:r>"
    )


def chart(number: int) -> str:
    return (
        f'<w:r><w:drawing><a:graphic><a:graphicData><c:chart xmlns:c="{_CHART}" xmlns:r="{_OFFICE}"'
        f' r:id="rchart{number}"/></a:graphicData></a:graphic></w:drawing></w:r>'
    )


def write_docx(
    path: Path, *blocks: str, footnotes: tuple[str, ...] = (), prolog: str = "", links: tuple[str, ...] = ()
) -> Path:
    notes = "".join(
        f'<w:footnote w:id="{at}">{paragraph(text)}</w:footnote>' for at, text in enumerate(footnotes, start=1)
    )
    relations = "".join(
        f'<Relationship Id="r{name}" Type="{_OFFICE}/{name}" Target="{name}.xml"/>'
        for name in ("styles", "numbering", "footnotes")
    ) + "".join(
        f'<Relationship Id="link{n}" Type="{_OFFICE}/hyperlink" Target="{link}" TargetMode="External"/>'
        for n, link in enumerate(links)
    )
    parts = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r" '
        f'Type="{_OFFICE}/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"{prolog}<w:document {_NS}><w:body>{''.join(blocks)}</w:body></w:document>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>',
        "word/styles.xml": STYLES,
        "word/numbering.xml": NUMBERING,
        "word/footnotes.xml": f"<w:footnotes {_NS}>{notes}</w:footnotes>",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return path
