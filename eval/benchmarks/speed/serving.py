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

Do = Callable[[str], object]


def serve(doings: Callable[[], Mapping[str, Do]]) -> None:
    """Open what `doings` opens, and do by its name what is asked for on stdin; nobody else may print to stdout."""
    out = sys.stdout
    with redirect_stdout(sys.stderr):
        done = doings()
        _write_line(out, memory_mb())
        for line in sys.stdin:
            request = json.loads(line)
            _write_line(out, memory_mb() if "rss" in request else _time_requests(done, request))


def _time_requests(doings: Mapping[str, Do], request: Mapping[str, Any]) -> dict[str, Any]:
    name = next(name for name in request if name in doings)
    texts: Sequence[str] = request[name]

    def one(text: str) -> float:
        begun = perf_counter()
        doings[name](text)
        return (perf_counter() - begun) * 1000

    begun = perf_counter()
    if request["threads"] == 1:
        times = list(map(one, texts))
    else:
        with ThreadPoolExecutor(request["threads"]) as pool:
            times = list(pool.map(one, texts))
    return {"times_ms": times, "wall_s": perf_counter() - begun}


def _write_line(out: TextIO, value: dict[str, Any]) -> None:
    out.write(json.dumps(value) + "\n")
    out.flush()
