"""The public sets that trainings need and the repository does not hold: their files, and where to get them."""

from pathlib import Path

from eval.errors import SetFileError

SETS = Path(__file__).parents[3] / "shared" / "data"
"""The folder in which they are looked for by default."""
_BULLETINS = "https://github.com/Mitsuo-Koikawa/Municipal-Bulletin (csv/; CC BY 4.0)"
_MINUTES = "https://github.com/hsmch/kiryu-public-log (data/minutes; MIT)"
_JAQUAD = "https://github.com/SkelterLabsInc/JaQuAD (data/train; CC BY-SA 3.0)"
_WHERE = {
    "localgovfaq/corpus.jsonl": "https://github.com/mahiya/japanese-text-embedding-benchmark (dataset/)",
    "localgovfaq/noanswer.jsonl": "https://github.com/RxstydnR/rag-evaluation-dataset (testset.txt)",
    "jaquad/train-sample.json": _JAQUAD,
    "training/jaquad-train.json": _JAQUAD,
    "pages/pdfs": "https://github.com/sdkn104/misc (Comp/OutlookRAG/RAG-Evaluation-Dataset-JA)",
    "pages/questions.jsonl": "https://huggingface.co/datasets/allganize/RAG-Evaluation-Dataset-JA (MIT)",
    "pages/documents.jsonl": 'pdfs の題名。1行に {"file", "title"}',
    "bulletins/articles.jsonl": _BULLETINS,
    "kiryu/speeches.jsonl": _MINUTES,
    "chive/chive.txt": "https://github.com/WorksApplications/chiVe (v1.3 mc90, text; Apache-2.0)",
}


def find_sets(folder: Path, *names: str) -> list[Path]:
    """Return the paths of sets in `folder`; raises SetFileError with all missing ones and where to get them."""
    missing = [f"  {folder / name}\n    {_WHERE[name]}" for name in names if not (folder / name).exists()]
    if missing:
        raise SetFileError(
            "学習に要るデータがありません。次の場所に置くか、置いたフォルダーを --sets に指定してください"
            "（形式は lab/README.md、--small なら要りません）。\n" + "\n".join(missing)
        )
    return [folder / name for name in names]
