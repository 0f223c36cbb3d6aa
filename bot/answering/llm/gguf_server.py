"""Child process that serves a GGUF file with llama.cpp's OpenAI-compatible server.

llama.cpp ends its process where a file is broken or memory is short, hence the child process. It reads its arguments
as one line of JSON from its standard input, prints `ready`, and ends when that input ends, which happens with its
parent.
"""

import json
import os
import signal
import sys

READY = "ready"
_QUIET = -1
# How many requests the server reads at once, each with a whole context: for answers and for other tasks, so that the
# beginnings of both prompts stay in the cache.
_SLOTS = 2


def main() -> None:
    """Serve until the standard input ends."""
    import xllamacpp  # noqa: PLC0415 - an extra

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches both processes; the parent handles it
    arguments = json.loads(sys.stdin.readline())
    params = xllamacpp.CommonParams()
    params.model.path = arguments["file"]
    params.model_alias = {arguments["name"]}
    params.n_parallel = _SLOTS
    params.n_ctx = arguments["context"] * _SLOTS
    params.hostnames = ["127.0.0.1"]
    params.port = arguments["port"]
    params.api_keys = [arguments["key"]]
    params.offline = True
    params.ui = params.endpoint_slots = params.endpoint_props = False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = os.cpu_count() or 2
    params.default_template_kwargs = {"enable_thinking": "false"}  # ignored by templates of other models
    params.verbosity = _QUIET
    serving = xllamacpp.Server(params)
    print(READY, flush=True)  # noqa: T201 - this is what the other end reads
    sys.stdin.read()
    del serving
    os._exit(0)  # a generation in progress is not waited for


if __name__ == "__main__":
    main()
