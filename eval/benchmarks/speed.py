"""Speed and memory by index size, each in new processes, optionally beside a plain LangChain system.

Splitter and retrievers of LangChain have their defaults; encoder and tokenizer are the product's, so that only the rest
is compared. (Without `preprocess_func`, its BM25 splits at spaces and finds nothing for Japanese questions.)
"""

import os
import random
import re
import resource
import socket
import subprocess
import sys
import time
from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from functools import partial
from importlib.util import find_spec
from multiprocessing import active_children, get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any, Self

import httpx2
from rich.console import Console

from eval.command import OUT, Measurement, command, figure_table, option, path_option
from eval.dataset.sets import corpus_sets
from eval.errors import EvalError, SetFileError
from eval.metrics.statistics import percentiles
from eval.storage.numbered_lines import read_json_lines
from ingest.cli.command_line import integer_between
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
# Queries per turn; the systems alternate, so that other load on the machine affects both.
_TURN = 10
# Untimed queries that load dictionaries and indexes.
_WARM_UP = 5
# One thread for matrix products, so that a single question uses one core in any system.
_ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
_STOCK = ("langchain_chroma", "langchain_text_splitters", "langchain_community", "langchain_classic", "rank_bm25")
# Figures of which more, or less, is faster.
_FASTER = {"passages_per_s": 1, "qps_1": 1, "qps_8": 1, "p50_ms": -1, "p95_ms": -1, "p99_ms": -1}


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
    if not any(text.strip() for _, text in texts):
        raise SetFileError(
            f"{folder}: 文章がありません。*.md、*.txt か、title と text のある *.jsonl を置いてください。"
        )
    return texts


def gather_material(
    texts: Sequence[tuple[str, str]], passages: int, queries: int
) -> tuple[list[ParsedDocument], list[str], int]:
    """Return documents of `passages` passages, up to `queries` queries, and the number of passages of real text.

    The others are recombined sentences of realistic length. The same texts give the same material. Queries are titles
    and sentences of pieces that are not indexed; not of punctuation only, which the product does not accept.
    """
    chance = random.Random(passages)  # noqa: S311 -- a choice that can be repeated, no secret
    pieces = [(title, piece) for title, text in chance.sample(texts, len(texts)) for piece in _split_pieces(text)]
    held_out = pieces[_QUERY_STRIDE - 1 :: _QUERY_STRIDE]
    del pieces[_QUERY_STRIDE - 1 :: _QUERY_STRIDE]
    if not (pieces and held_out):
        raise SetFileError("文章が短すぎます。もっと長い文章のフォルダーを --texts に指定してください。")
    real = pieces[:passages]
    all_sentences = [sentence for _, piece in pieces for sentence in sentences(piece)]
    for number in range(passages - len(real)):
        length = len(chance.choice(pieces)[1])
        text = chance.choice(all_sentences)
        while len(text) < length:
            text += chance.choice(all_sentences)
        real.append((f"組み合わせた文章 {number // _PASSAGES_PER_DOCUMENT + 1}", text))
    asked = [text.strip()[:_LONGEST_QUERY] for title, piece in held_out for text in (title, *sentences(piece))]
    distinct = list(dict.fromkeys(text for text in asked if any(map(str.isalnum, text))))
    documents = []
    for start in range(0, len(real), _PASSAGES_PER_DOCUMENT):
        members = real[start : start + _PASSAGES_PER_DOCUMENT]
        doc_id = f"text-{start // _PASSAGES_PER_DOCUMENT}"
        made = (Passage(f"{doc_id}#{n}", doc_id, "text", (t,), piece, (n,)) for n, (t, piece) in enumerate(members, 1))
        documents.append(ParsedDocument(Document(doc_id, members[0][0], file=doc_id), tuple(made)))
    return documents, chance.sample(distinct, min(queries, len(distinct))), min(len(pieces), passages)


def _split_pieces(text: str) -> Iterator[str]:
    """Yield groups of whole sentences of at most `_PASSAGE_LENGTH` characters; a longer sentence is alone."""
    piece = ""
    for sentence in (stripped for line in text.splitlines() for each in sentences(line) if (stripped := each.strip())):
        if piece and len(piece) + len(sentence) > _PASSAGE_LENGTH:
            yield piece
            piece = ""
        piece += sentence
    if piece:
        yield piece


class MeasuredProcess:
    """A new process that runs functions of this module; every wait ends after `patience_s`, with an EvalError."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._pool = ProcessPoolExecutor(1, get_context("spawn"))

    def run(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Return what a function returns in the process; its error is reported as an EvalError."""
        try:
            return self._pool.submit(function, *arguments).result(self._patience_s)
        except TimeoutError as error:
            raise EvalError(
                f"測っているプロセスが {self._patience_s:g} 秒たっても答えません。--patience を大きくしてください。"
            ) from error
        except BrokenProcessPool as error:
            raise EvalError("測っているプロセスが途中で終わりました(メモリー不足かもしれません)。") from error
        except Exception as error:
            raise EvalError(f"測っているプロセスのエラー: {type(error).__name__}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for child in active_children():
            if child.pid in self._pool._processes:  # noqa: SLF001 -- the pool itself waits for ever
                child.kill()
        self._pool.shutdown(wait=False, cancel_futures=True)


# What a measured process has opened: a function for each kind of request.
_opened: dict[str, Callable[[str], object]] = {}


def _build(settings: Settings, documents: Sequence[ParsedDocument]) -> dict[str, float]:
    from ingest.build.build import index_documents

    started = perf_counter()
    index_documents(settings, documents)
    return {"build_s": perf_counter() - started, "build_rss_mb": _rss_mb()}


def _open_service(settings: Settings) -> None:
    """Open everything that `python -m bot serve` opens, except the port."""
    from datetime import date

    from bot.pages.mount import mount_pages
    from bot.server.api import create_app
    from bot.service import Service
    from bot.state import Question

    service = Service(settings, date.today)
    app = create_app(service, settings)
    mount_pages(app, app.state.service, settings)
    service.documents()
    _opened.update(search=service.search, answer=lambda text: service.ask(Question(question=text)))


def _build_stock(settings: Settings, documents: Sequence[ParsedDocument]) -> dict[str, float]:
    from langchain_chroma import Chroma
    from langchain_classic.retrievers import EnsembleRetriever
    from langchain_community.retrievers import BM25Retriever
    from langchain_core.documents import Document as LangChainDocument
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    from bot.langchain import ShirubeEmbeddings
    from ingest.embedding import open_encoder
    from ingest.japanese.tokenise import words

    plain = [
        LangChainDocument(p.text, metadata={"source": p.doc_id}) for reading in documents for p in reading.passages
    ]
    started = perf_counter()
    # The sizes in LangChain's documentation.
    chunks = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(plain)
    folder = str(settings.data / "chroma")
    store = Chroma.from_documents(chunks, ShirubeEmbeddings(open_encoder(settings)), persist_directory=folder)
    keyword = BM25Retriever.from_documents(chunks, preprocess_func=lambda text: list(words(text)))
    retriever = EnsembleRetriever(retrievers=[keyword, store.as_retriever()], weights=[0.5, 0.5])
    _opened.update(search=retriever.invoke)
    return {"build_s": perf_counter() - started, "build_rss_mb": _rss_mb()}


def _time_requests(kind: str, texts: Sequence[str], threads: int = 1) -> tuple[list[float], float]:
    """Return the milliseconds of each request, and the seconds of all."""

    def time_one(text: str) -> float:
        started = perf_counter()
        _opened[kind](text)
        return (perf_counter() - started) * 1000

    started = perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        times = list(pool.map(time_one, texts))
    return times, perf_counter() - started


def _rss_mb() -> float:
    """Return the resident memory of this process in megabytes; its peak on systems without /proc."""
    status = Path("/proc/self/status")
    if status.exists() and (found := re.search(r"VmRSS:\s+(\d+) kB", status.read_text("ascii", "replace"))):
        return int(found[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e6


def measure_size(
    settings: Settings, texts: Sequence[tuple[str, str]], passages: int, options: Namespace
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the figures of one index size, and a row for each query.

    Raises EvalError if a process fails or does not answer in time.
    """
    documents, queries, real = gather_material(texts, passages, options.queries)
    mean = sum(len(p.text) for reading in documents for p in reading.passages) / passages
    figures: dict[str, dict[str, Any]] = {
        "ours": {"passages": passages, "real": real, "mean_chars": mean, "n": len(queries)}
    }
    times: dict[str, list[float]] = {}
    with TemporaryDirectory(prefix="shirube-speed-") as folder, ExitStack() as stack:
        own = {"data": Path(folder) / "ours", "chroma_url": None, "database_url": None, "llm": (), "llm_gguf": None}
        isolated = settings.model_copy(update=own)
        with MeasuredProcess(options.patience) as process:
            figures["ours"] |= process.run(_build, isolated, documents)
        if options.chat:
            figures["ours"] |= measure_chat(isolated, queries, options.patience)
        started = perf_counter()
        processes = {"ours": stack.enter_context(MeasuredProcess(options.patience))}
        processes["ours"].run(_open_service, isolated)
        figures["ours"]["start_s"] = perf_counter() - started
        if options.stock:
            processes["stock"] = stack.enter_context(MeasuredProcess(options.patience))
            elsewhere = isolated.model_copy(update={"data": Path(folder) / "stock"})
            figures["stock"] = processes["stock"].run(_build_stock, elsewhere, documents)
        walls = dict.fromkeys(processes, 0.0)
        for name, process in processes.items():
            process.run(_time_requests, "search", queries[:_WARM_UP])
            times[name] = []
        for start in range(0, len(queries), _TURN):
            for name, process in processes.items():
                taken, wall = process.run(_time_requests, "search", queries[start : start + _TURN])
                times[name] += taken
                walls[name] += wall
        for name, process in processes.items():
            _, parallel = process.run(_time_requests, "search", queries, _THREADS)
            figures[name] |= percentiles(times[name], 50, 95, 99)
            figures[name] |= {"qps_1": len(queries) / walls[name], "qps_8": len(queries) / parallel}
            figures[name] |= {"passages_per_s": passages / figures[name]["build_s"]}
        answers, _ = processes["ours"].run(_time_requests, "answer", queries)
        figures["ours"] |= {f"answer_{name}": value for name, value in percentiles(answers, 50, 95).items()}
        for name, process in processes.items():
            figures[name]["rss_mb"] = process.run(_rss_mb)
    ours = figures["ours"]
    if stock := figures.get("stock"):
        ours |= {
            "stock": stock,
            "ratio": {name: (ours[name] / stock[name]) ** power for name, power in _FASTER.items()},
        }
    rows = [
        {"passages": passages, "query": query, "ms": {name: of[i] for name, of in times.items()}}
        for i, query in enumerate(queries)
    ]
    return ours, rows


def measure_chat(settings: Settings, questions: Sequence[str], patience_s: float) -> dict[str, float]:
    """Return `chat_p50_ms`, `chat_p95_ms`, `chat_max_ms` and `chat_n` of `POST /api/chat` to a new server.

    Times are those of whole HTTP requests. Raises EvalError if the server does not start or answer.
    """
    times = []
    with _run_server(settings, patience_s) as client:
        for question in questions:
            started = perf_counter()
            response = client.post("/api/chat", json={"question": question})
            times.append((perf_counter() - started) * 1000)
            if response.is_error:
                raise EvalError(f"サーバーが答えません(HTTP {response.status_code}): {response.text[:200]}")
    figures = percentiles(times, 50, 95) | {"max_ms": max(times), "n": len(times)}
    return {f"chat_{name}": value for name, value in figures.items()}


@contextmanager
def _run_server(settings: Settings, patience_s: float) -> Iterator[httpx2.Client]:
    """Yield a client of a new server over `settings.data` that is ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {**os.environ, **_ONE_THREAD, "SHIRUBE_REQUESTS_PER_MINUTE": str(10**9), "SHIRUBE_DATABASE_URL": ""}
    log = settings.data / "served.log"
    with log.open("w", encoding="utf-8") as output:
        command_line = [sys.executable, "-m", "bot", "serve", "--data", str(settings.data), "--port", str(port)]
        process = subprocess.Popen(command_line, stdout=output, stderr=output, env=environment)  # noqa: S603 -- ours
    try:
        with httpx2.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=patience_s) as client:
            deadline = time.monotonic() + patience_s
            while not _is_ready(client):
                if process.poll() is not None or time.monotonic() > deadline:
                    words = log.read_text("utf-8", "replace").strip().splitlines() or ["何も言わずに終わりました"]
                    raise EvalError(f"測るサーバーが始まりません: {words[-1]}")
                time.sleep(0.1)
            yield client
    finally:
        process.kill()
        process.wait()


def _is_ready(client: httpx2.Client) -> bool:
    try:
        return client.get("/ready").is_success
    except httpx2.HTTPError:
        return False


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
    option("--stock", action="store_true", help="LangChain の標準の組み方も並べて測る"),
    option(
        "--chat",
        action="store_true",
        help="新しいサーバーの POST /api/chat に初めての問いを送って測る(--texts が無ければ corpus/ を)",
    ),
    option("--patience", type=float, default=3600.0, metavar="S", help="測るプロセスの返事を待つ秒数(既定: 3600)"),
    OUT,
)
def speed(options: Namespace) -> Measurement:
    """Measure indexing, query latency, memory and start-up by index size."""
    if options.stock and (missing := [name.replace("_", "-") for name in _STOCK if find_spec(name) is None]):
        raise EvalError(f"--stock には {'、'.join(missing)} が要ります。`make setup-bench` で入れてください。")
    settings = read_settings()
    os.environ.update(_ONE_THREAD)
    inputs = {"texts": str(options.texts or settings.corpus), "stock": options.stock}
    if options.chat and not options.texts:
        return Measurement(_measure_corpus_chat(settings, options), inputs=inputs)
    texts = read_texts(options.texts or settings.corpus)
    sizes = []
    rows: list[dict[str, Any]] = []
    for passages in options.passages:
        sys.stderr.write(f"{passages:,} 箇所を測っています\n")
        figures, measured = measure_size(settings, texts, passages, options)
        sizes.append(figures)
        rows += measured
    largest = max(sizes, key=lambda size: int(size["passages"]))
    return Measurement({**largest, "sizes": sizes}, rows, inputs, details=partial(_show_sizes, sizes=sizes))


def _measure_corpus_chat(settings: Settings, options: Namespace) -> dict[str, Any]:
    from ingest.build.build import build

    case_set, *_ = corpus_sets()
    questions = list(dict.fromkeys(case.turns[0] for case in case_set.load(case_set.files)))
    with TemporaryDirectory(prefix="shirube-speed-") as folder:
        isolated = settings.model_copy(update={"data": Path(folder), "chroma_url": None})
        build(isolated, case_set.corpora)
        return measure_chat(isolated, questions[: options.queries], options.patience)


def _show_sizes(console: Console, *, sizes: Sequence[Mapping[str, Any]]) -> None:
    for size in sizes:
        columns = {"しるべ": size, "LangChain": size.get("stock"), "何倍速いか": size.get("ratio")}
        shown = {title: figures for title, figures in columns.items() if figures}
        table = figure_table(["指標"], shown, title=f"{size['passages']:,} 箇所(実際の文章 {size['real']:,})")
        for name, value in size.items():
            if not isinstance(value, dict):
                table.add_row(name, *(f"{of[name]:,.2f}" if name in of else "" for of in shown.values()))
        console.print(table)
