"""`python -m eval speed`: measures indexing, query latency, memory and start-up by index size."""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.table import Table

from bot.cli.arguments import integer_between
from eval.cli.command import Command, report_measurement
from ingest.configuration.environment import read_settings
from ingest.configuration.settings import Settings

_BUILD_FIGURES = ("passages_per_s", "build_s", "build_rss_mb")
_QUERY_FIGURES = (
    "start_s",
    "rss_mb",
    "own_mb",
    "p50_ms",
    "p95_ms",
    "p99_ms",
    "qps_1",
    "qps_8",
    "answer_p50_ms",
    "answer_p95_ms",
)
_PAGE_FIGURES = ("pages", "read_pages_per_s", "pages_per_s", "rss_mb")
_CHAT_FIGURES = ("chat_p50_ms", "chat_p95_ms", "chat_max_ms")


def show_speed(console: Console, sizes: Sequence[Mapping[str, Any]]) -> None:
    """Print a table for each size, with LangChain and the ratio if they were measured."""
    for size in sizes:
        _show_size(console, size)


def show_chat(console: Console, figures: Mapping[str, Any]) -> None:
    """Print how long a server took for new questions, in milliseconds."""
    console.print(f"初めての問い {figures['chat_n']:.0f}", highlight=False)
    for name in _CHAT_FIGURES:
        console.print(f"{name}: {_cell(figures[name])}", highlight=False)


def show_building(console: Console, sizes: Sequence[Mapping[str, Any]]) -> None:
    """Print the time of builds, in total and by stage."""
    for size in sizes:
        counts = f"文書 {size['documents']:,}、箇所 {size['passages']:,}"
        console.print(f"\n[bold]{counts}[/]", highlight=False)
        table = Table("秒", *(name for name in ("build_s", "added_s") if name in size))
        table.add_row("全体", *(_cell(size[name]) for name in ("build_s", "added_s") if name in size))
        both = size["stages"] if "added_s" in size else {"build": size["stages"]}
        for stage in both["build"]:
            table.add_row(stage, *(_cell(seconds.get(stage)) for seconds in both.values()))
        console.print(table)
        for name in _PAGE_FIGURES:
            if name in size:
                console.print(f"{name}: {_cell(size[name])}", highlight=False)


def _show_size(console: Console, size: Mapping[str, Any]) -> None:
    passages = size["passages"]
    real = size["real"]
    generated = f"、ほかに文を組み合わせたもの {passages - real:,}" if real < passages else ""
    summary = f"実際の文章 {real:,}{generated}。平均 {size['mean_chars']:.0f} 文字、問い {size['n']}"
    console.print(f"\n[bold]{passages:,} 箇所[/]({summary})", highlight=False)
    table = Table("指標")
    stock = size.get("stock", {})
    columns = {"しるべ": size} | ({"LangChain": stock, "何倍速いか": size["ratio"]} if stock else {})
    for name in columns:
        table.add_column(name, justify="right")
    for name in (*_BUILD_FIGURES, *_QUERY_FIGURES, *(name for name in _CHAT_FIGURES if name in size)):
        table.add_row(name, *(_cell(figures.get(name)) for figures in columns.values()))
    console.print(table)
    if stock and stock["passages"] != passages:
        console.print(f"LangChain の側は {stock['passages']:,} 箇所だけで測っています。", highlight=False)


def _cell(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.2f}"


_DEFAULT_SIZES = (1000, 10_000, 100_000)
_DEFAULT_QUERIES = 200


def _parse_sizes(text: str) -> list[int]:
    try:
        sizes = [int(size) for size in text.replace("_", "").split(",")]
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} は 1000,10000 のような数の並びではありません") from error
    if min(sizes) < 1:
        raise ArgumentTypeError("1 以上の数にしてください")
    return sizes


def _arguments(command: ArgumentParser) -> None:
    _add_material_options(command)
    _add_comparison_options(command)
    _add_other_measurements(command)
    command.add_argument(
        "--keep",
        type=Path,
        metavar="DIR",
        help="索引をこのフォルダーに残す。前に残したものは作り直さずに測る(別の制限のもとで測るときなど)",
    )
    command.add_argument("--out", type=Path, metavar="DIR", help="設定・問いごとの時間・数値の保存先")


def _add_material_options(command: ArgumentParser) -> None:
    command.add_argument(
        "--passages",
        type=_parse_sizes,
        default=list(_DEFAULT_SIZES),
        metavar="N,N,…",
        help=f"索引にする箇所の数(既定: {','.join(map(str, _DEFAULT_SIZES))})",
    )
    command.add_argument(
        "--texts",
        type=Path,
        metavar="DIR",
        help="文章のフォルダー。bulletins/articles.jsonl、kiryu/speeches.jsonl、localgovfaq/corpus.jsonl、"
        "kanazawa/corpus.jsonl、jsquad/*.json、jaquad/*.json、*.md、*.txt を読む(既定: SHIRUBE_CORPUS)",
    )
    command.add_argument(
        "--queries",
        type=integer_between(1, 10**5),
        metavar="N",
        help=f"問いの数の上限(既定: {_DEFAULT_QUERIES}。--chat だけなら質問集のすべて)",
    )


def _add_comparison_options(command: ArgumentParser) -> None:
    command.add_argument("--stock", action="store_true", help="LangChain の標準の組み方も並べて測る")
    command.add_argument(
        "--stock-passages",
        type=integer_between(1, 10**9),
        metavar="N",
        help="LangChain の側の箇所の数の上限(大きいと索引を作るのに長くかかる)",
    )


def _add_other_measurements(command: ArgumentParser) -> None:
    command.add_argument(
        "--chat",
        action="store_true",
        help="新しいサーバーの POST /api/chat に初めての問いを送って測る"
        "(--texts も --keep も無いときは、これだけを corpus/ とその質問集で)",
    )
    command.add_argument(
        "--added",
        action="store_true",
        help="--passages の索引に文書をひとつ加える時間を、段階ごとに測る(これだけを測る)",
    )
    command.add_argument(
        "--documents", type=Path, metavar="DIR", help="このフォルダーの文書を索引にする時間を測る(これだけを測る)"
    )


def _speed(options: Namespace) -> int:
    from eval.benchmarks.speed.source_texts import read_sources
    from eval.benchmarks.speed.stock import require_stock

    if options.stock:
        require_stock()
    settings = read_settings()
    if options.chat and not (options.texts or options.keep):
        return _measure_chat(settings, options)
    if options.documents:
        return _measure_documents(settings, options)
    # Read only if needed: an index from --keep can be measured without these hundreds of megabytes.
    sources = cache(lambda: read_sources(options.texts or settings.corpus))
    if options.added:
        return _measure_added(settings, sources(), options)
    sizes = []
    rows = []
    for passages in options.passages:
        sys.stderr.write(f"{passages:,} 箇所を測っています\n")
        size, measured = _measure_size(settings, sources, passages, options)
        sizes.append(size)
        rows += measured
    figures = {**max(sizes, key=lambda size: int(size["passages"])), "sizes": sizes}
    return report_measurement(
        options,
        SPEED.name,
        settings,
        figures,
        lambda console: show_speed(console, sizes),
        rows=rows,
        inputs={"texts": str(options.texts or settings.corpus), "stock": options.stock},
    )


def _measure_chat(settings: Settings, options: Namespace) -> int:
    from eval.benchmarks.speed.chat import measure_set_chat
    from eval.dataset.sets import corpus_sets

    case_set, *_ = corpus_sets()
    figures = measure_set_chat(settings, case_set, options.queries)
    return report_measurement(
        options,
        SPEED.name,
        settings,
        figures,
        lambda console: show_chat(console, figures),
        inputs={"set": case_set.name},
    )


def _measure_documents(settings: Settings, options: Namespace) -> int:
    from eval.benchmarks.speed.building import measure_folder_build

    with TemporaryDirectory(prefix="shirube-speed-") as work:
        figures = measure_folder_build(settings, options.documents, Path(work))
    return _report_building(settings, options, [figures], {"documents": str(options.documents)})


def _measure_added(settings: Settings, sources: Sequence[Any], options: Namespace) -> int:
    from eval.benchmarks.speed.building import measure_added_file
    from eval.benchmarks.speed.material import gather_material

    sizes = [measure_added_file(settings, gather_material(sources, passages, 1)) for passages in options.passages]
    return _report_building(settings, options, sizes, {"texts": str(options.texts or settings.corpus)})


def _report_building(
    settings: Settings, options: Namespace, sizes: list[dict[str, Any]], inputs: dict[str, Any]
) -> int:
    figures = {**sizes[-1], "sizes": sizes} if len(sizes) > 1 else sizes[0]
    return report_measurement(
        options, SPEED.name, settings, figures, lambda console: show_building(console, sizes), inputs=inputs
    )


def _measure_size(
    settings: Settings, sources: Callable[[], Sequence[Any]], passages: int, options: Namespace
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    from eval.benchmarks.speed.size_measurement import (
        OURS,
        STOCK,
        build_indexes,
        load_built_indexes,
        measure_queries,
        speed_ratios,
    )

    with _index_folder(options.keep, passages) as folder:
        built = load_built_indexes(folder)
        if built is None or (options.stock and STOCK not in built.modules):
            built = build_indexes(settings, _gather_materials(sources(), passages, options), folder)
        timed = measure_queries(settings, built, folder, chat=options.chat)
    figures: dict[str, Any] = {"passages": passages, "real": built.real, "mean_chars": built.mean_chars}
    figures |= {"n": len(built.queries), **timed[OURS].figures}
    times = {module.split(".")[-1]: t.times_ms for module, t in timed.items()}
    rows = [
        {"passages": passages, "query": query, "ms": {system: query_times[i] for system, query_times in times.items()}}
        for i, query in enumerate(built.queries)
    ]
    if STOCK in timed:
        stock = {"passages": built.modules[STOCK], **timed[STOCK].figures}
        figures |= {"stock": stock, "ratio": speed_ratios(figures, stock)}
    return figures, rows


@contextmanager
def _index_folder(keep_folder: Path | None, passages: int) -> Iterator[Path]:
    if keep_folder:
        folder = keep_folder / str(passages)
        folder.mkdir(parents=True, exist_ok=True)
        yield folder.resolve()
    else:
        with TemporaryDirectory(prefix="shirube-speed-") as name:
            yield Path(name)


def _gather_materials(sources: Sequence[Any], passages: int, options: Namespace) -> dict[str, Any]:
    from eval.benchmarks.speed.material import gather_material
    from eval.benchmarks.speed.size_measurement import OURS, STOCK

    def gather(count: int) -> Any:
        return gather_material(sources, count, options.queries or _DEFAULT_QUERIES)

    ours = gather(passages)
    if not options.stock:
        return {OURS: ours}
    fewer = min(passages, options.stock_passages or passages)
    return {OURS: ours, STOCK: ours if fewer == passages else gather(fewer)}


SPEED = Command("speed", "索引と検索の速さ・メモリー・起動の時間を、箇所の数を変えて測る", _arguments, _speed)
