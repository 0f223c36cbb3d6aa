"""`python -m ingest`: build, add, remove, list, show, check, manifest, withdraw, restore, purge, audit, sync."""

import sys
from collections.abc import Sequence

from ingest.cli.commands import line
from ingest.errors import IngestError

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns 0 done, 1 done except for unreadable files, 2 wrong use or bad input."""
    try:
        return line.run(arguments)
    except IngestError as error:
        sys.stderr.write(f"エラー: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write(
            "中断しました。使用中の索引は元のままです。読み終えた文書は残してあり、次の取り込みはその続きから始まります。\n"
        )
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
