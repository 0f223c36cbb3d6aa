"""Writes report.pptx, which LibreOffice then saves anew."""

from pathlib import Path

from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Cm

presentation = Presentation()
slide = presentation.slides.add_slide(presentation.slide_layouts[0])
slide.shapes.title.text = "霧ヶ沢町交通計画の進み具合"
slide.placeholders[1].text = "令和7年5月 企画課"
slide = presentation.slides.add_slide(presentation.slide_layouts[1])
slide.shapes.title.text = "取組"
frame = slide.placeholders[1].text_frame
frame.text = "バスの便を増やした"
for text, level in (("朝に2便", 1), ("駅の段差をなくした", 0)):
    paragraph = frame.add_paragraph()
    paragraph.text, paragraph.level = text, level
slide.notes_slide.notes_text_frame.text = "話す人の控え"
slide = presentation.slides.add_slide(presentation.slide_layouts[5])
slide.shapes.title.text = "利用者"
for left, top, text in ((14, 5, "右の上"), (1, 8, "左の下"), (1, 5, "左の上"), (14, 8, "右の下")):
    slide.shapes.add_textbox(Cm(left), Cm(top), Cm(9), Cm(1.5)).text_frame.text = text
table = slide.shapes.add_table(3, 3, Cm(1), Cm(11), Cm(20), Cm(3)).table
rows = (("路線", "令和5年度", "令和6年度"), ("東線", "100人", "120人"), ("西線", "80人", ""))
for at, row in enumerate(rows):
    for column, text in enumerate(row):
        table.cell(at, column).text = text
slide = presentation.slides.add_slide(presentation.slide_layouts[5])
slide.shapes.title.text = "満足の推移"
data = CategoryChartData(number_format="0.0%")  # type: ignore[no-untyped-call]
data.categories = ["令和5年度", "令和6年度"]
data.add_series("満足", (0.5, 0.615))  # type: ignore[no-untyped-call]
data.add_series("不満", (0.2, 0.15))  # type: ignore[no-untyped-call]
slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Cm(1), Cm(5), Cm(15), Cm(8), data)
slide = presentation.slides.add_slide(presentation.slide_layouts[5])
slide.shapes.title.text = "隠したスライド"
slide.element.set("show", "0")
presentation.save(str(Path(__file__).with_name("report.pptx")))
