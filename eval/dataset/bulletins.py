"""Municipal bulletins: their articles by issue, the labels of their lines, and corpora made of them."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from eval.dataset.unread import FOLDER as UNREAD_FOLDER
from eval.storage.numbered_lines import read_json_lines

_KINDS = {"広報": "notice", "議会": "meeting"}
LABEL_QUESTIONS = {
    "日時 日程 期間": "はいつですか",
    "場所 会場": "はどこでありますか",
    "費用 参加費 料金": "はいくらかかりますか",
    "助成額 補助額 補助金額 支給額": "ではいくらもらえますか",
    "対象 対象者 応募資格": "はだれが対象ですか",
    "定員 募集人数": "は何人までですか",
    "申込み 申込方法 申し込み 応募方法": "はどうやって申し込みますか",
    "問合せ 問い合わせ先": "はどこに聞けばいいですか",
    "持ち物 持参物 必要なもの": "には何を持っていきますか",
    "講師": "の講師はだれですか",
}
"""How a question ends about what the labels of one topic introduce (会場：…), by those labels."""
_SUPPORT = UNREAD_FOLDER / "support.json"


def unread_ids() -> frozenset[str]:
    """Return the articles and speeches of the held-out set, which are not used for training."""
    return frozenset(json.loads(_SUPPORT.read_text("utf-8"))) if _SUPPORT.is_file() else frozenset()


def group_by_issue(file: Path, left_out: Collection[str]) -> dict[tuple[str, str, str], dict[str, dict[str, None]]]:
    """Return the bodies of the articles by issue, municipality and date, and by title; without articles `left_out`."""
    issues: dict[tuple[str, str, str], dict[str, dict[str, None]]] = defaultdict(lambda: defaultdict(dict))
    for article in read_json_lines(file):
        if article["id"] not in left_out:
            issue = (article["issue"], article["municipality"], article["date"].replace(".", "-"))
            issues[issue][article["title"]][article["body"]] = None
    return issues


def build_corpus_files(documents: Mapping[tuple[str, str, str], Mapping[str, Iterable[str]]]) -> dict[str, str]:
    """Return the files of a corpus from texts by heading, by (title, issuer, date)."""
    files = {}
    manifest = []
    for number, ((title, issuer, published), headings) in enumerate(documents.items()):
        files[f"{number}.md"] = f"# {title}\n\n" + "\n\n".join(
            f"## {heading}\n\n" + "\n\n".join(texts) for heading, texts in headings.items()
        )
        kind = next((kind for mark, kind in _KINDS.items() if mark in title), "plan")
        fields = {"id": f"d{number}", "file": f"{number}.md", "title": title, "kind": kind}
        fields |= {"issuer": issuer, "published": published}
        manifest.append("\n".join(f"{k} = {json.dumps(v, ensure_ascii=False)}" for k, v in fields.items()))
    files["manifest.toml"] = "".join(f"[[document]]\n{entry}\n\n" for entry in manifest)
    return files
