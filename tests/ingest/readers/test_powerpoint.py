from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.opc.constants import RELATIONSHIP_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.util import Cm

from ingest.readers import read_source
from tests.conftest import ROOT
from tests.ingest.readers.part_lines import read_part_lines

OFFICE = ROOT / "tests" / "documents" / "office"


def texts(path: Path) -> list[tuple[int | None, str]]:
    return [(line.page, line.text) for line in read_part_lines(path) if line.text and not line.text.startswith("| -")]


def slide_of(presentation: Any, title: str) -> Any:
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.shapes.title.text = title
    return slide


def box(shapes: Any, text: str, left: float, top: float, width: float = 8) -> None:
    shapes.add_textbox(Cm(left), Cm(top), Cm(width), Cm(1.5)).text_frame.text = text


def saved(presentation: Any, folder: Path) -> Path:
    path = folder / "slides.pptx"
    presentation.save(str(path))
    return path


def test_a_real_presentation_is_read_as_displayed() -> None:
    assert texts(OFFICE / "report.pptx") == [
        (1, "# 霧ヶ沢町交通計画の進み具合"),
        (1, "令和7年5月 企画課"),
        (2, "## 取組"),
        (2, "- バスの便を増やした"),
        (2, "  - 朝に2便"),
        (2, "- 駅の段差をなくした"),
        (3, "## 利用者"),
        *((3, text) for text in ("左の上", "左の下", "右の上", "右の下")),
        (3, "| 路線 | 令和5年度 | 令和6年度 |"),
        (3, "| 東線 | 100人 | 120人 |"),
        (3, "| 西線 | 80人 |  |"),
        (4, "## 満足の推移"),
        (4, "(読んでいない画像・図) Chart 2"),
    ]
    assert read_source(OFFICE / "report.pptx").title == "霧ヶ沢町交通計画の進み具合"


def test_a_hidden_slide_does_not_change_page_numbers(tmp_path: Path) -> None:
    presentation = Presentation()
    slide_of(presentation, "一枚目")
    slide_of(presentation, "隠した").element.set("show", "0")
    slide_of(presentation, "三枚目")
    assert texts(saved(presentation, tmp_path)) == [(1, "# 一枚目"), (3, "# 三枚目")]


def test_groups_and_merged_cells_are_read(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = slide_of(presentation, "題")
    group = slide.shapes.add_group_shape()
    box(group.shapes, "組の下", 1, 7)
    box(group.shapes, "組の上", 1, 5)
    table = slide.shapes.add_table(3, 3, Cm(1), Cm(12), Cm(18), Cm(3)).table
    for at, row in enumerate((("地区", "人数", ""), ("", "男", "女"), ("北", "1人", "2人"))):
        for column, text in enumerate(row):
            table.cell(at, column).text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    assert [text for _, text in texts(saved(presentation, tmp_path))] == [
        "# 題",
        "組の上",
        "組の下",
        "| 地区 | 人数 男 | 人数 女 |",
        "| 北 | 1人 | 2人 |",
    ]


def test_struck_text_is_kept_apart(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = slide_of(presentation, "題")
    box(slide.shapes, "定員20名", 1, 5)
    slide.shapes[-1].text_frame.paragraphs[0].runs[0].font._element.set("strike", "sngStrike")  # noqa: SLF001
    slide.shapes[-1].text_frame.paragraphs[0].add_run().text = "定員30名"
    table = slide.shapes.add_table(2, 2, Cm(1), Cm(12), Cm(18), Cm(3)).table
    for number, text in enumerate(("区分", "額", "大人", "300円")):
        table.cell(*divmod(number, 2)).text = text
    table.cell(1, 1).text_frame.paragraphs[0].runs[0].font._element.set("strike", "dblStrike")  # noqa: SLF001
    assert [text for _, text in texts(saved(presentation, tmp_path))] == [
        *("# 題", "定員30名", "(取り消し線) 定員20名"),
        *("| 区分 | 額 |", "| 大人 |  |", "(取り消し線) 300円"),
    ]


def test_a_row_of_boxes_is_read_from_left_to_right(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = slide_of(presentation, "題")
    box(slide.shapes, "下の文", 1, 12, width=22)
    box(slide.shapes, "右", 14, 6)
    box(slide.shapes, "左", 1, 6)
    assert [text for _, text in texts(saved(presentation, tmp_path))] == ["# 題", "左", "右", "下の文"]


def test_smart_art_is_read_as_a_list(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = slide_of(presentation, "体制")
    drawing = "http://schemas.openxmlformats.org/drawingml/2006"
    point = '<d:pt modelId="{}" type="{}"><d:t><a:p><a:r><a:t>{}</a:t></a:r></a:p></d:t></d:pt>'
    points = [("0", "doc", ""), ("1", "node", "本部"), ("2", "node", "課"), ("9", "pres", "飾り")]
    data = (
        f'<d:dataModel xmlns:d="{drawing}/diagram" xmlns:a="{drawing}/main">'
        f"<d:ptLst>{''.join(point.format(*one) for one in points)}</d:ptLst></d:dataModel>"
    )
    kind = "application/vnd.openxmlformats-officedocument.drawingml.diagramData+xml"
    part = Part(PackURI("/ppt/diagrams/data1.xml"), kind, slide.part.package, data.encode())
    relation = slide.part.relate_to(part, RELATIONSHIP_TYPE.DIAGRAM_DATA)
    slide.shapes._spTree.append(  # noqa: SLF001 -- the library makes no such shape
        parse_xml(
            '<p:graphicFrame xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
            f' xmlns:a="{drawing}/main" xmlns:d="{drawing}/diagram"'
            ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><p:nvGraphicFramePr>'
            '<p:cNvPr id="9" name="a"/><p:cNvGraphicFramePr/><p:nvPr/></p:nvGraphicFramePr><p:xfrm><a:off x="9" y="9"/>'
            f'<a:ext cx="9" cy="9"/></p:xfrm><a:graphic><a:graphicData uri="{drawing}/diagram">'
            f'<d:relIds r:dm="{relation}"/></a:graphicData></a:graphic></p:graphicFrame>'
        )
    )
    assert [text for _, text in texts(saved(presentation, tmp_path))] == ["# 体制", "- 本部", "- 課"]


def test_targets_follow_the_texts_of_links(tmp_path: Path) -> None:
    presentation = Presentation()
    slide = slide_of(presentation, "申請")
    box(slide.shapes, "用紙は", 1, 5)
    words = slide.shapes[-1].text_frame.paragraphs[0]
    for text, target in (("こちら", "https://b.jp/a"), ("から。", None)):
        run = words.add_run()
        run.text, run.hyperlink.address = text, target
    assert texts(saved(presentation, tmp_path)) == [(1, "# 申請"), (1, "用紙はこちら（https://b.jp/a）から。")]
