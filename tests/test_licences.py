import re
from importlib.metadata import Distribution, distributions
from operator import attrgetter
from typing import Any

import pytest
from license_expression import get_spdx_licensing

_FREE = "no more is asked than to keep its notice"
# By its name in SPDX, with why it may be here.
ALLOWED = {
    **dict.fromkeys(
        ("MIT", "MIT-0", "MIT-CMU", "0BSD", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Zlib", "CC0-1.0"), _FREE
    ),
    **dict.fromkeys(("Apache-2.0", "BSL-1.0", "PSF-2.0", "CNRI-Python", "Python-2.0"), _FREE),
    "Apache-2.0 WITH LLVM-exception": _FREE,
    "MPL-2.0": "changes to its own files are given on; we change none, and use it as it comes",
    "LGPL-3.0-only": "psycopg: a library that is loaded as it comes, and that its user may exchange",
    "OFL-1.1": "fonts: they may be installed with anything, and are not sold by themselves",
    "CC-BY-SA-4.0": "our own word vectors (NOTICE)",
}
# What says it in words of its own, or not where tools look; read by hand in the release that the lock pins.
_READ = {"axe-playwright-python": "MIT", "pylopdf-fonts-jp": "OFL-1.1", "pypdfium2": "BSD-3-Clause AND Apache-2.0"}
_WORDS = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0 License": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
}
_name = attrgetter("name")
_SPDX = get_spdx_licensing()


def licence(distribution: Distribution) -> str:
    known: Any = distribution.metadata
    name = re.sub(r"[-_.]+", "-", known["Name"]).lower()
    said = [one.rpartition(" :: ")[2] for one in known.get_all("Classifier") or () if one.startswith("License :: ")]
    said = [one for one in said if one != "OSI Approved"]
    written = known.get("License-Expression") or _READ.get(name) or " AND ".join(_WORDS.get(one, one) for one in said)
    line = (known.get("License") or "").strip().partition("\n")[0]
    return written or _WORDS.get(line, line)


@pytest.mark.parametrize("distribution", sorted(distributions(), key=_name), ids=_name)
def test_each_licence_is_known_and_allowed(distribution: Distribution) -> None:
    told = licence(distribution)
    parsed = _SPDX.parse(told, validate=True, strict=True)
    assert parsed is not None
    assert {one.render() for one in _SPDX.license_symbols(parsed, decompose=False)} <= set(ALLOWED)
