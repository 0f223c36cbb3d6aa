from pathlib import Path

import pytest

from ingest.documents import Document
from ingest.errors import UnreadableDocumentError
from ingest.passages.document_reading import read_document
from ingest.readers import read_source
from tests.ingest.readers.part_lines import read_part_lines

DOCUMENT = Document("gomi", "ごみの出し方", "gomi.html")
PAGE = """<!DOCTYPE html><html lang="ja"><head><meta charset="{charset}">
<title>ごみの出し方 | 霧ヶ沢町の公式サイト</title></head><body>
<header><a href="/">霧ヶ沢町</a><nav><ul><li>くらし</li></ul></nav></header>
<div class="topic-path">トップ &gt; くらし</div>{body}<footer>〒000-0000 霧ヶ沢町本町</footer></body></html>"""


def write(folder: Path, body: str, charset: str = "utf-8", encoding: str = "utf-8") -> Path:
    path = folder / "gomi.html"
    path.write_bytes(PAGE.format(charset=charset, body=body).encode(encoding))
    return path


def texts(folder: Path, body: str) -> list[str]:
    lines = read_part_lines(write(folder, f"<main>{body}<p>更新日：2025年4月2日</p></main>"))
    return [line.text for line in lines if line.text and not line.text.startswith("| -")][:-1]


# Rows of an element, and the lines that are read of it.
UNSHOWN = (
    ("<p>袋は<s>30円</s>40円</p>", "袋は40円/(取り消し線) 30円"),
    ("<p style='text-decoration: line-through'>燃やします。</p>", "(取り消し線) 燃やします。"),
    ("袋<i style='Text-Decoration:red line-through !important'>大</i>小", "袋小/(取り消し線) 大"),
    ("<table><tr><th>袋<th>額<tr><td>大<td><del>4円</del>5円</table>", "| 袋 | 額 |/| 大 | 5円 |/(取り消し線) 4円"),
    (
        "<table><tr><td>袋<td>5円<tr hidden><td>箱<td>9円</table>",
        "|  |  |/| 袋 | 5円 |/(画面に表示されない部分) 箱 9円",
    ),
    ("<p hidden>昨年の文</p><p>文</p>", "(画面に表示されない部分) 昨年の文/文"),
    ("<p>文<div style='color:red; DISPLAY : none!important'>旧</div>", "文/(画面に表示されない部分) 旧"),
    ("<p>文<p style=visibility:hidden>旧", "文/(画面に表示されない部分) 旧"),
    ("<pre>文<i hidden>旧</i></pre>", "(画面に表示されない部分) 旧/文"),
)
# What only a style sheet, a place outside the screen, or a script could hide.
READ = (
    *("<style>.x{display:none}</style><p class=x>文", "<p style='position:absolute;left:-9999px'>文"),
    *("<p aria-hidden=true>文", "<p hidden=until-found>文", "<p style='display:none;display:block'>文"),
    *("<p style='color:#fff'>文", "<script>show('#x')</script><p id=x hidden>文", "<p style='--display:none'>文"),
)
PANELS = (
    (
        "<details><summary>粗大</summary>電話で。</details><details><summary>袋</summary>店で。</details>",
        "## 袋/店で。",
    ),
    ("<button aria-expanded=false>粗大</button><div hidden>電話で。</div>", "## 粗大/電話で。"),
    ("<button>粗大</button><div hidden>電話で。</div><button>袋</button><div hidden>店で。</div>", "## 袋/店で。"),
    ("<h2><button aria-controls=p>粗大</button></h2><p id=p hidden>電話で。</p>", "## 粗大/電話で。"),
    ("<dl><dt><button>粗大</button><dd hidden>電話で。</dl>", "## 粗大/電話で。"),
    ("<script></script><dl><dt>粗大<dd style='display:none'>電話で。</dl>", "| 粗大 | 電話で。 |"),
    (
        """<ul role=tablist><li role=tab>粗大<li role=tab>袋</ul><div role=tabpanel>電話で。</div>
        <div role=tabpanel aria-hidden=true style='display:none'><h3>場所</h3>店で。</div>""",
        "## 粗大/電話で。/## 袋/### 場所/店で。",
    ),
    (
        """<style>.p{display:none}</style><a data-toggle=tab href=#a>粗大</a><a data-toggle=tab href=#b>袋</a>
        <div id=a>電話で。</div><div id=b class=p>店で。</div>""",
        "## 粗大/電話で。/## 袋/店で。",
    ),
    ("<style>p{display:none}#c:checked~p{display:block}</style><input id=c type=radio><p>店で。", "店で。"),
    ("<button>送る</button><b>文</b><div hidden>旧</div>", "送る文/(画面に表示されない部分) 旧"),
    ("<style>p{display:none}p.on{display:block}</style><script>$('p').addClass('on')</script><p>店で。", "店で。"),
    ("<b onclick=\"show('p')\">袋</b> <p id=p style='visibility:hidden'>店で。", "袋/店で。"),
    ("<button popovertarget=p>袋</button><div popover id=p>店で。</div>", "## 袋/店で。"),
)
FURNITURE = (
    ("<h1>ごみ</h1><nav>次</nav><p>朝8時まで。</p><script>x</script><noscript>設定を</noscript>", "# ごみ/朝8時まで。"),
    (
        "<ul><li>可燃<ul><li>大</ul><li>不燃</ul><ol start=3><li>申し込む<li>払う</ol>",
        "- 可燃/  - 大/- 不燃/- 3. 申し込む/- 4. 払う",
    ),
    (
        "<h2>案内</h2><dl><dt>電話<dd>00-1234</dl><dl><dt>予約は要りますか。<dd><p>要ります。<p>前日までです。</dl>",
        "## 案内/|  |  |/| 電話 | 00-1234 |/### 予約は要りますか。/要ります。/前日までです。",
    ),
    (
        """<table><caption>収集日</caption><tr><th rowspan=2>地区<th colspan=2>燃える<br>ごみ<tr><th>朝<th>夕
        <tr><td rowspan=2>東<td>月<td><tr><td colspan=2>なし</table>""",
        "収集日/| 地区 | 燃えるごみ 朝 | 燃えるごみ 夕 |/| 東 | 月 |  |/| 東 | なし | なし |",
    ),
    (
        """<table><tr><th>部屋<th>利用<tr><td>茶室<td><img src=a.png>
        <tr><td>講堂<td><img alt=〇><tr><td>庭<td><img alt=''></table>""",
        "| 部屋 | 利用 |/| 茶室 | （画像のため読み取れません） |/| 講堂 | 〇 |/| 庭 |  |",
    ),
    ("<dialog open>文</dialog><dialog>旧</dialog>", "文/(画面に表示されない部分) 旧"),
    ("<p>文</p><div hidden><h1>旧</h1></div>", "文/(画面に表示されない部分) 旧"),
    ("<dl>注<div><div><dt>袋<dd>5円</div></div></dl>", "注/|  |  |/| 袋 | 5円 |"),
    (
        "<aside>雨の日は中止します。<a href=x>図</a></aside><aside><a href=x>関連するページの一覧</a></aside>",
        "雨の日は中止します。図",
    ),
    ("<article><header><h2>袋</h2></header>店で。</article>", "## 袋/店で。"),
    ("<table><caption>袋</caption><tr><td>店で。</table>", "袋/店で。"),
    ("<p>式<math><mi>a</mi></math></p><textarea>見本</textarea>", "式a/見本"),
    (
        "<table><tr><td><h2>左</h2><p>文。<td><table><tr><th>課<tr><td>環境課</table></table>",
        "## 左/文。/| 課 |/| 環境課 |",
    ),
    (
        "<p>場所へ\n出す。10m<sup>2</sup>の<ruby>塵<rt>ちり</rt></ruby>。</p><p>環境課<br>電話",
        "場所へ出す。10m²の塵。/環境課/電話",
    ),
    ("<img src=a.png alt=画像1><img src=b.png alt=b.png><img src=c.png alt=分け方を示した図>", "分け方を示した図"),
    ("<p>文。</p><form><p>役に立ちましたか</p><input type=radio><label>はい</label></form>", "文。"),
    ("<main><p>文。</p></main><div>最終更新日 令和7年4月3日</div>", "文。/最終更新日 令和7年4月3日"),
)


@pytest.mark.parametrize(("body", "found"), FURNITURE)
def test_visible_furniture_is_read(body: str, found: str, tmp_path: Path) -> None:
    assert texts(tmp_path, body) == found.split("/")


@pytest.mark.parametrize("body", READ)
def test_text_that_the_page_itself_does_not_mark_as_hidden_is_read(body: str, tmp_path: Path) -> None:
    assert texts(tmp_path, body) == ["文"]


@pytest.mark.parametrize(("body", "found"), UNSHOWN)
def test_struck_and_hidden_parts_are_kept_apart(body: str, found: str, tmp_path: Path) -> None:
    assert texts(tmp_path, body) == found.split("/")


@pytest.mark.parametrize(("body", "found"), PANELS)
def test_a_panel_is_read_under_the_label_of_its_control(body: str, found: str, tmp_path: Path) -> None:
    lines = texts(tmp_path, f"<h1>ごみ</h1>{body}")
    assert lines[-len(found.split("/")) :] == found.split("/")


def test_a_page_without_main_element_is_read_without_navigation(tmp_path: Path) -> None:
    path = write(
        tmp_path, '<div id="gnav">メニュー</div><div><h1>ごみ</h1><p>朝8時までに。</p></div><aside>関連</aside>'
    )
    found = [line.text for line in read_part_lines(path) if line.text]
    assert found == ["# ごみ", "朝8時までに。"]


def test_manually_numbered_lines_are_a_list(tmp_path: Path) -> None:
    reading = read_document(write(tmp_path, "<main><p>1.印かん<br>2.通帳<br>1.5倍の額</p></main>"), DOCUMENT)
    assert reading.passages[0].text.startswith("・1. 印かん\n・2. 通帳")


def test_the_title_is_the_first_heading_or_the_title_element(tmp_path: Path) -> None:
    assert read_source(write(tmp_path, "<main><h1>ごみの分け方</h1></main>")).title == "ごみの分け方"
    assert read_source(write(tmp_path, "<main><p>文。</p></main>")).title == "ごみの出し方"


@pytest.mark.parametrize("encoding", ["utf-8", "shift_jis", "euc-jp", "iso-2022-jp"])
def test_a_page_is_read_in_its_declared_encoding(encoding: str, tmp_path: Path) -> None:
    path = write(tmp_path, "<main><h1>ごみ</h1></main>", charset=encoding, encoding=encoding)
    assert read_part_lines(path)[0].text == "# ごみ"


def test_malicious_pages_are_refused_quickly(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocumentError, match=r"gomi\.html: HTML の入れ子が深すぎ"):
        read_part_lines(write(tmp_path, "<div>" * 50_000))
    rows = "<tr>" + "<td rowspan=60000 colspan=1000>x</td>" * 9 + "</tr>" + "<tr></tr>" * 1000
    lines = read_part_lines(write(tmp_path, f"<main><table>{rows}</table></main>"))
    assert sum(line.text.count("x") for line in lines) == 9
    rows = ("<tr>" + "<td rowspan=60000>x</td>") * 700
    with pytest.raises(UnreadableDocumentError, match=r"gomi\.html: 表のセルが多すぎ"):
        read_part_lines(write(tmp_path, f"<main><table>{rows}</table></main>"))
    lines = read_part_lines(write(tmp_path, "<main>" + "<span>" * 1_000 + "底の文" + "</span>" * 1_000 + "</main>"))
    assert lines[0].text == "底の文"


def test_targets_follow_the_texts_of_links(tmp_path: Path) -> None:
    body = """<h1><a href="/">ごみ</a></h1><nav><a href="/x">次へ</a></nav><h2><a href="/b">袋</a></h2>
<p>申込みは<a href="f/a.html">こちら</a>から。<a href="a.pdf"><img src=x alt="地図"></a><a href="b.pdf"></a></p>
<a href="/card"><h3>券</h3><p>使えます</p></a>
<table><tr><th>館<th><a href="/y">予約</a><tr><td><a href="/c">東館</a><td><a href="/r">する</a></table>
<p>更新日：2025年4月2日</p>"""
    path = write(tmp_path, f"<main>{body}</main>")
    reading = read_document(path, Document("a", "ごみ", "a.html", url="https://b.jp/k/"))
    assert [(one.path, one.text) for one in reading.passages][:-1] == [
        (("ごみ", "袋"), "申込みはこちら（https://b.jp/k/f/a.html）から。地図（https://b.jp/k/a.pdf）"),
        (("ごみ", "袋", "券"), "使えます（https://b.jp/card）"),
        (("ごみ", "袋", "券"), "館: 東館（https://b.jp/c）\n予約: する（https://b.jp/r）"),
    ]
    assert "https" not in "".join(texts(tmp_path, body))  # of a page whose address is unknown
