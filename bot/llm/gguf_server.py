"""Child process that serves a GGUF file with llama.cpp's OpenAI-compatible server.

llama.cpp ends the process where a file is broken or memory is short; therefore it has one of its own. It is told what
to do in one line of JSON on its standard input, says `ready`, and ends when that input does: with who started it,
however that one ended.
"""

import json
import os
import signal
import sys

READY = "ready"
_QUIET = -1


def main() -> None:
    """Serve until the standard input ends."""
    import xllamacpp  # noqa: PLC0415 - an extra

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for who started this, and comes to both
    told = json.loads(sys.stdin.readline())
    params = xllamacpp.CommonParams()
    params.model.path = told["file"]
    params.model_alias = {told["name"]}
    params.n_ctx = told["context"]
    params.hostnames = ["127.0.0.1"]
    params.port = told["port"]
    params.api_keys = [told["key"]]
    params.offline = True
    params.ui = params.endpoint_slots = params.endpoint_props = False
    # One core is left to who asks: threads that wait for each other in vain are slower than fewer of them.
    params.cpuparams.n_threads = max(1, (os.cpu_count() or 2) - 1)
    params.verbosity = _QUIET
    serving = xllamacpp.Server(params)
    print(READY, flush=True)  # noqa: T201 - this is what the other end reads
    sys.stdin.read()
    del serving
    os._exit(0)  # a generation in progress is not waited for


if __name__ == "__main__":
    main()
