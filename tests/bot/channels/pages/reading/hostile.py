"""Documents made to slow pages down; each file is small and quick to read."""

from collections.abc import Iterator


def documents() -> Iterator[tuple[str, bytes]]:
    for name, text in _texts():
        yield name, text.encode()


def _html(body: str) -> str:
    return f"<!doctype html><meta charset=utf-8><title>表</title><h1>表</h1>{body}"


def _rows(row: str, count: int) -> str:
    return "".join(f"<tr>{row}" for _ in range(count))


def _texts() -> Iterator[tuple[str, str]]:
    yield "wide.html", _html(f"<table>{_rows('<td colspan=999 rowspan=9>目標値', 90)}</table>")
    yield "grid.html", _html(f"<table><tr>{'<td rowspan=200>あ' * 180}{_rows('<td>い', 180)}</table>")
    yield "heads.html", _html(f"<table><tr>{'<th>目標' * 400}{_rows('<td>1' * 400, 3)}</table>")
    yield "across.html", _html(f"<table><tr><th colspan=300>目標{_rows('<td>1' * 300, 20)}</table>")
    yield "nested.html", _html("<table><tr><td>" * 60 + "深い" + "</table>" * 60)
    yield "divs.html", _html("<div>" * 3000 + "深い" + "</div>" * 3000)
    yield "lists.html", _html("<ul><li>項目" * 300)
    yield "bold.html", _html("<p>" + "<b><i>太い" * 2000)
    yield "links.html", _html("<p>" + '<a href="http://a.example/">あ</a>' * 2000)
    yield "spans.html", _html(f"<table>{_rows('<td colspan=1000 rowspan=65534>' + '長い文。' * 300, 12)}</table>")
    yield (
        "dates.html",
        _html(f"<table><tr><th>年度<th>目標<th>実績{_rows('<td>令和5年度<td>3,000件<td>2,999件', 400)}</table>"),
    )
    yield "headings.md", "".join(f"# 見出し{n}\n\n本文{n}です。\n\n" for n in range(520))
    yield "same.md", "# 同じ見出し\n\n同じ本文です。\n\n" * 200
    yield "deep.md", "".join(f"{'#' * (1 + n % 6)} 深さ{n}\n\n本文。\n\n" for n in range(200))
    yield "long.md", "# 長い\n\n" + "とても長い一行" * 5_000
    yield "sentences.md", "# 文\n\n" + "".join(f"これは{n}番目の文です。" for n in range(800))
    yield "items.md", "# 項目\n\n" + "".join(f"- 項目{n}\n" for n in range(1500))
    yield "numbered.md", "".join(f"第{n}条 これは{n}条の本文です。\n\n(1) 一\n\n(2) 二\n\n" for n in range(150))
    yield "markup.md", "# 印\n\n" + "<script>alert(1)</script>&amp;*_`[あ](javascript:1)" * 1000
    yield "brackets.md", "# 括弧\n\n" + "「（『【" * 1_500
    yield "closing.md", "# 括弧\n\n" + "」）』】" * 1_500
    yield "marks.md", "# 印\n\n" + "あ\u0301\u0302\u202e" * 1_500
    yield "ligatures.md", "# 合字\n\n" + "\ufdfa" * 1_500
    yield "plan.csv", "指標,目標,実績\n" + "".join(f"指標{n},{n}件,{n + 1}件\n" for n in range(200))
    yield "wide.csv", ",".join("目標" for _ in range(500)) + "\n" + (",".join("1" for _ in range(500)) + "\n") * 20
    yield "units.csv", "項目,金額（単位：千円）\n" + "".join(f"項目{n},{n}万{n}千円\n" for n in range(200))
    yield "days.csv", "行事,日\n" + "".join(f"行事{n},令和5年4月1日から5月2日まで\n" for n in range(200))
    yield "blank.txt", "計画\n" + "\n \n\t\n" * 5_000 + "目標は3件です。\n"
    yield (
        "table.md",
        "| 指標 | 目標 | 実績 |\n|---|---|---|\n" + "".join(f"| 指標{n} | {n} | {n} |\n" for n in range(200)),
    )
    yield "cells.md", f"|{' 目標 |' * 300}\n|{'---|' * 300}\n" + f"|{' 1 |' * 300}\n" * 20
