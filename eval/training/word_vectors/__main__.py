"""`python -m eval.training.word_vectors train`: trains the word vectors shipped with the package."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.training.word_vectors.general_training import DIMENSION, STEPS, train_general
from eval.training.word_vectors.pretrained import read_pretrained
from eval.training.word_vectors.training_texts import read_squad, read_texts
from ingest.cli.arguments import JapaneseArgumentParser
from ingest.cli.terminal import build_progress
from ingest.embedding.words.word_vectors import WordVectors
from ingest.errors import IngestError


def parser() -> JapaneseArgumentParser:
    """Return the command line, with its help in Japanese."""
    top = JapaneseArgumentParser(prog="python -m ingest.embedding.words", description="同梱の単語ベクトルを作ります。")
    commands = top.add_subparsers(
        required=True, dest="command", metavar="命令", title="命令", parser_class=JapaneseArgumentParser
    )
    command = commands.add_parser("train", help="文章と問いから単語ベクトルを学習する")
    folder: dict[str, Any] = {"type": Path, "required": True, "metavar": "フォルダー"}
    files: dict[str, Any] = {"type": Path, "nargs": "+", "default": [], "metavar": "ファイル"}
    command.add_argument("--vectors", **folder, help="はじめのベクトル。spaCy の語彙（ja_ginza の中の vocab）")
    command.add_argument("--squad", **files, help="SQuAD 形式の JSON。記事の題名で分けた半分だけを使う")
    command.add_argument("--texts", **files, help="JSON Lines。1行に1つ、body か text（と、あれば title）")
    command.add_argument("--out", **folder, help="書き出す先。SentenceTransformer のフォルダーになる")
    command.add_argument("--steps", type=int, default=STEPS, metavar="数", help=f"学習の回数（既定: {STEPS}）")
    command.add_argument("--seed", type=int, default=0, metavar="数", help="乱数の種（既定: 0）")
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, and return the exit status: 0 done, 2 wrong use or bad input."""
    options = parser().parse_args(arguments)
    try:
        sources = [*map(read_squad, options.squad), *map(read_texts, options.texts)]
        pretrained = read_pretrained(options.vectors, DIMENSION)
        with build_progress() as progress:
            trained = train_general(pretrained, sources, options.steps, options.seed, progress)
        _save(trained, options.out)
    except IngestError as error:
        sys.stderr.write(f"エラー: {error}\n")
        return 2
    sys.stdout.write(f"{len(trained.terms):,} 語の {trained.dimension} 次元のベクトルを {options.out} に書きました。\n")
    return 0


def _save(trained: WordVectors, folder: Path) -> None:
    try:
        trained.save(folder)
    except OSError as error:
        raise IngestError(f"{folder}: 書き込めません（{error}）。--out に別の場所を指定してください。") from error


if __name__ == "__main__":
    sys.exit(main())
