"""The request loop of a measured process: JSON lines on stdin, times on stdout.

Requests are JSON lines: `{"search": [text, …], "threads": n}` → `{"times_ms": […], "wall_s": …}`; the same with
`"answer"`; `{"rss": true}` → `{"rss_mb": …, "own_mb": …}`.
"""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from time import perf_counter
from typing import Any, TextIO

from eval.benchmarks.speed.resident import memory_mb

Operation = Callable[[str], object]


def serve(open_operations: Callable[[], Mapping[str, Operation]]) -> None:
    """Open the operations and run those requested on stdin; other output is redirected to stderr."""
    out = sys.stdout
    with redirect_stdout(sys.stderr):
        opened = open_operations()
        _write_line(out, memory_mb())
        for line in sys.stdin:
            request = json.loads(line)
            _write_line(out, memory_mb() if "rss" in request else _time_requests(opened, request))


def _time_requests(operations: Mapping[str, Operation], request: Mapping[str, Any]) -> dict[str, Any]:
    name = next(name for name in request if name in operations)
    texts: Sequence[str] = request[name]

    def time_one(text: str) -> float:
        started = perf_counter()
        operations[name](text)
        return (perf_counter() - started) * 1000

    started = perf_counter()
    if request["threads"] == 1:
        times = list(map(time_one, texts))
    else:
        with ThreadPoolExecutor(request["threads"]) as pool:
            times = list(pool.map(time_one, texts))
    return {"times_ms": times, "wall_s": perf_counter() - started}


def _write_line(out: TextIO, value: dict[str, Any]) -> None:
    out.write(json.dumps(value) + "\n")
    out.flush()
