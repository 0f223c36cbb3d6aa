"""Speed and memory by index size: building and serving each in a new process."""

import os
import random
import re
import resource
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, process_time
from typing import Any

from rich.console import Console

from eval.command import OUT, Measurement, command, show_figures
from eval.errors import EvalError, SetFileError
from eval.metrics.statistics import percentiles
from eval.runs.release_gate import GATE, check_bounds, load_gate
from eval.runs.run_execution import do_reference_work
from eval.storage.numbered_lines import read_json_lines
from ingest.cli.command_line import integer_between, option, path_option
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings
from ingest.documents import Document, ParsedDocument, Passage
from ingest.japanese.sentences import sentences

_PASSAGE_LENGTH = 400
_PASSAGES_PER_DOCUMENT = 20
# Every n-th piece is not indexed; its sentences are used as queries.
_QUERY_STRIDE = 20
_LONGEST_QUERY = 80
_THREADS = 8
# Untimed queries that load dictionaries and indexes.
_WARM_UP = 5
# Answers are timed so often, and the round with the least median counts: what else a shared machine does only adds.
_ROUNDS = 5
# One thread for matrix products, so that a single question uses one core.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def read_texts(folder: Path) -> list[tuple[str, str]]:
    """Return title and text of all .md and .txt files below `folder`, and of the lines of .jsonl files that have both.

    Raises SetFileError if there are none or a file is broken.
    """
    texts: list[tuple[str, str]] = []
    for file in sorted(folder.rglob("*.*")):
        try:
            if file.suffix in {".md", ".txt"}:
                texts.append((file.stem, file.read_text("utf-8-sig")))
            for line in read_json_lines(file) if file.suffix == ".jsonl" else ():
                text, title = line.get("body") or line.get("text"), line.get("title") or line.get("meeting")
                if not (isinstance(text, str) and isinstance(title, str)):
                    break
                texts.append((title, text))
        except (OSError, ValueError, AttributeError) as error:
            raise SetFileError(f"{file}: 読めません({error})。UTF-8 の文章か JSON Lines を置いてください。") from error
    return texts


def gather_material(
    texts: Sequence[tuple[str, str]], passages: int, queries: int
) -> tuple[list[ParsedDocument], list[str], int]:
    """Return documents of `passages` passages, up to `queries` queries, and the number of passages of real text.

    The others are recombined sentences. The same texts give the same material. Queries are titles and sentences of
    pieces that are not indexed.
    """
    chance = random.Random(passages)  # noqa: S311 -- a choice that can be repeated, no secret
    pieces = [(title, piece) for title, text in chance.sample(texts, len(texts)) for piece in _split_pieces(text)]
    held_out = pieces[_QUERY_STRIDE - 1 :: _QUERY_STRIDE]
    del pieces[_QUERY_STRIDE - 1 :: _QUERY_STRIDE]
    if not held_out:
        raise SetFileError("文章が短すぎます。*.md、*.txt か *.jsonl の長い文章を --texts に指定してください。")
    indexed = pieces[:passages]
    all_sentences = [sentence for _, piece in pieces for sentence in sentences(piece)]
    for number in range(passages - len(indexed)):
        length = len(chance.choice(pieces)[1])
        text = chance.choice(all_sentences)
        while len(text) < length:
            text += chance.choice(all_sentences)
        indexed.append((f"組み合わせた文章 {number // _PASSAGES_PER_DOCUMENT + 1}", text))
    asked = [text.strip()[:_LONGEST_QUERY] for title, piece in held_out for text in (title, *sentences(piece))]
    # The product does not accept punctuation only.
    distinct = list(dict.fromkeys(text for text in asked if any(map(str.isalnum, text))))
    documents = []
    for start in range(0, len(indexed), _PASSAGES_PER_DOCUMENT):
        members, doc_id = indexed[start : start + _PASSAGES_PER_DOCUMENT], f"text-{start // _PASSAGES_PER_DOCUMENT}"
        made = (Passage(f"{doc_id}#{n}", doc_id, "text", (t,), piece, (n,)) for n, (t, piece) in enumerate(members, 1))
        documents.append(ParsedDocument(Document(doc_id, members[0][0], file=doc_id), tuple(made)))
    return documents, chance.sample(distinct, min(queries, len(distinct))), min(len(pieces), passages)


def _split_pieces(text: str) -> Iterator[str]:
    piece = ""
    for sentence in (stripped for line in text.splitlines() for each in sentences(line) if (stripped := each.strip())):
        if piece and len(piece) + len(sentence) > _PASSAGE_LENGTH:
            yield piece
            piece = ""
        piece += sentence
    if piece:
        yield piece


@contextmanager
def _new_process() -> Iterator[Callable[..., Any]]:
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:

        def run(function: Callable[..., Any], *arguments: Any) -> Any:
            try:
                return pool.submit(function, *arguments).result()
            except BrokenProcessPool as error:
                raise EvalError("測っているプロセスが途中で終わりました(メモリー不足かもしれません)。") from error
            except Exception as error:
                raise EvalError(f"測っているプロセスのエラー: {type(error).__name__}: {error}") from error

        yield run


# What a measured process has opened: a function for each kind of request.
_opened: dict[str, Callable[[str], object]] = {}


def _build(settings: Settings, documents: Sequence[ParsedDocument]) -> dict[str, float]:
    from ingest.build.build import index_documents

    started = perf_counter()
    index_documents(settings, documents)
    return {"build_s": perf_counter() - started, "build_rss_mb": _rss_mb()}


def _open_service(settings: Settings) -> None:
    from datetime import date

    from bot.answering.state import Question
    from bot.running.server.api import create_app
    from bot.running.server.pages import mount_pages
    from bot.running.service.service import Service

    service = Service(settings, date.today)
    app = create_app(service, settings)
    mount_pages(app)
    service.documents()
    _opened.update(search=service.search, answer=lambda text: service.ask(Question(question=text)))


def _time_requests(kind: str, texts: Sequence[str], threads: int = 1) -> tuple[list[float], float]:
    def time_one(text: str) -> float:
        started = perf_counter()
        _opened[kind](text)
        return (perf_counter() - started) * 1000

    started = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        times = list(pool.map(time_one, texts))
    return times, perf_counter() - started


def _time_answers(texts: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return the milliseconds of each answer, and its processor time in units of the reference work."""
    works: list[float] = []
    times: list[float] = []
    worked: list[float] = []
    for text in texts:
        started = process_time()
        do_reference_work()
        worked.append(process_time() - started)
        started_wall, started = perf_counter(), process_time()
        _opened["answer"](text)
        times.append((perf_counter() - started_wall) * 1000)
        works.append(process_time() - started)
    unit = median(worked)
    return times, [work / unit for work in works]


def _answer_anew(settings: Settings, queries: Sequence[str]) -> tuple[list[float], list[float]]:
    with _new_process() as run:  # in the same process, what the first round cached would be faster in the next
        run(_open_service, settings)
        run(_time_requests, "answer", queries[:_WARM_UP])
        measured: tuple[list[float], list[float]] = run(_time_answers, queries[_WARM_UP:] or queries)
    return measured


def _rss_mb() -> float:
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmRSS:\s+(\d+) kB", status.read_text("ascii", "replace"))):
        return int(found[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def measure_size(
    settings: Settings, texts: Sequence[tuple[str, str]], passages: int, most_queries: int
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the figures of one index size, and a row for each query. Raises EvalError if a process fails."""
    documents, queries, real = gather_material(texts, passages, most_queries)
    mean = sum(len(p.text) for reading in documents for p in reading.passages) / passages
    figures: dict[str, Any] = {"passages": passages, "real": real, "mean_chars": mean, "n": len(queries)}
    with TemporaryDirectory(prefix="shirube-speed-") as folder:
        own = {"data": Path(folder), "chroma_url": None, "database_url": None, "llm": (), "llm_gguf": None}
        isolated = settings.model_copy(update=own)
        with _new_process() as run:
            figures |= run(_build, isolated, documents)
        figures["passages_per_s"] = passages / figures["build_s"]
        started = perf_counter()
        with _new_process() as run:
            run(_open_service, isolated)
            figures["start_s"] = perf_counter() - started
            run(_time_requests, "search", queries[:_WARM_UP])
            times, single = run(_time_requests, "search", queries)
            _, parallel = run(_time_requests, "search", queries, _THREADS)
            figures |= percentiles(times, 50, 95, 99)
            figures |= {"qps_1": len(queries) / single, "qps_8": len(queries) / parallel}
            run(_time_requests, "answer", queries)
            figures["rss_mb"] = run(_rss_mb)
        rounds = [_answer_anew(isolated, queries) for _ in range(_ROUNDS)]
        answers, works = min(rounds, key=lambda measured: median(measured[1]))
        figures |= {f"answer_{name}": value for name, value in percentiles(answers, 50, 95).items()}
        figures |= {f"answer_work_{name.removesuffix('_ms')}": v for name, v in percentiles(works, 50, 95).items()}
    return figures, [{"passages": passages, "query": q, "ms": ms} for q, ms in zip(queries, times, strict=True)]


def _parse_sizes(text: str) -> list[int]:
    try:
        sizes = [int(size) for size in text.replace("_", "").split(",")]
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} は 1000,10000 のような数の並びではありません") from error
    if min(sizes) < 1:
        raise ArgumentTypeError("1 以上の数にしてください")
    return sizes


@command(
    "speed",
    "索引と検索の速さ・メモリー・起動の時間を、箇所の数を変えて測る",
    option(
        "--passages", type=_parse_sizes, default=[1000, 10_000, 100_000], metavar="N,N,…", help="索引にする箇所の数"
    ),
    path_option("--texts", "DIR", "文章(*.md、*.txt、*.jsonl)のフォルダー(既定: SHIRUBE_CORPUS)"),
    option("--queries", type=integer_between(1, 10**5), default=200, metavar="N", help="問いの数の上限"),
    path_option(
        "--gate", "FILE", "基準(既定: eval/gate.toml)の [speed] を超えれば終了コード1で終わる", nargs="?", const=GATE
    ),
    OUT,
)
def speed(options: Namespace) -> Measurement:
    """Measure indexing, query latency, memory and start-up by index size."""
    settings = read_settings()
    os.environ.update(_ONE_THREAD)
    texts = read_texts(options.texts or settings.corpus)
    sizes: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for passages in sorted(options.passages):
        sys.stderr.write(f"{passages:,} 箇所を測っています\n")
        figures, measured = measure_size(settings, texts, passages, options.queries)
        sizes.append(figures)
        rows += measured

    def show_smaller(console: Console) -> None:
        for size in sizes[:-1]:
            show_figures(console, size)

    inputs = {"texts": str(options.texts or settings.corpus)}
    shortfalls = tuple(check_bounds(sizes[-1], load_gate(options.gate).requirements.speed)) if options.gate else None
    return Measurement({**sizes[-1], "sizes": sizes}, rows, inputs, details=show_smaller, shortfalls=shortfalls)
