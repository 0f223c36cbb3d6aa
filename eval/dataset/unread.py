"""The held-out sets, whose cases nobody reads.

`eval/cases/unread` has only questions and ids; the documents are built from public sets outside the checkout.
"""

import json
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

from eval.storage.numbered_lines import read_json_lines

FOLDER = Path(__file__).parents[1] / "cases" / "unread"
UNREAD_SETS = {"unread": "questions.jsonl", "unread-colloquial": "colloquial.jsonl"}
"""The file of each set in `FOLDER`. A set runs only if named, and only its rates are read."""
# The source has a question mark for the wave dash of spans (9時?17時), and tags of pictures.
_SPAN = re.compile(r"(?<=[時分日月年)）0-9])\?(?=[0-9０-９(（(]|$|\s)", re.MULTILINE)
_PICTURE = re.compile(r"<img [^>]*>\n?")
_PREFECTURE = re.compile(r"^.{2,3}?[都道府県](?=.)")


def build_corpus(shared: Path, out: Path) -> Path:
    """Write the documents of the sets to `out`, from the public sets in `shared`, unless they exist; return `out`."""
    if (out / "manifest.toml").is_file():
        return out
    support: dict[str, dict[str, str]] = json.loads((FOLDER / "support.json").read_text("utf-8"))
    units = {unit["id"]: unit for unit in read_json_lines(shared / "bulletins" / "articles.jsonl")}
    units |= {unit["id"]: unit for unit in read_json_lines(shared / "kiryu" / "speeches.jsonl")}
    by_document: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for unit, place in support.items():
        by_document[place["doc"]].append(units[unit])
    out.mkdir(parents=True, exist_ok=True)
    manifest = [_write_document(out, doc_id, members) for doc_id, members in by_document.items()]
    (out / "manifest.toml").write_text("\n".join(manifest), "utf-8")
    return out


def _write_document(out: Path, doc_id: str, members: list[dict[str, Any]]) -> str:
    first = members[0]
    if "body" in first:
        text = "\n\n".join([f"# {first['issue']}", *(f"## {m['title']}\n\n{_clean_body(m['body'])}" for m in members)])
        name = f"{doc_id}.md"
        title = first["issue"]
        kind = "notice"
        issuer = _PREFECTURE.sub("", first["municipality"])
        published = first["date"].replace(".", "-")
    else:
        text = "\n".join(f"○{m['role']}（{m['speaker']}） {m['text'].strip()}" for m in members)
        name = f"{doc_id}.txt"
        title = f"桐生市議会 {first['meeting']} {first['day']}"
        kind = "meeting"
        issuer = "桐生市"
        published = doc_id.partition("-")[2]
    (out / name).write_text(text + "\n", "utf-8")
    entry = {"file": name, "id": doc_id, "title": title, "kind": kind, "issuer": issuer, "published": published}
    return "[[document]]\n" + "".join(
        f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in entry.items()
    )


def _clean_body(body: str) -> str:
    return _SPAN.sub("〜", _PICTURE.sub("", body.replace("&amp;", "&"))).strip()
