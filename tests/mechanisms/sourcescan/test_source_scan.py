"""The source scan: what it finds, what it leaves alone, what it refuses to pass over."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatecourt.mechanisms.sourcescan.checks import judge
from gatecourt.mechanisms.sourcescan.exemptions import SourceExemption
from gatecourt.mechanisms.sourcescan.scanning import scan
from gatecourt.mechanisms.sourcescan.uses import SourceUse

SAFE = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def uses(folder: Path, name: str, text: str | bytes) -> list[tuple[int, str, str]]:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    found = scan({name: path})
    assert not found.findings
    return [(use.line, use.call, use.how) for use in found.uses]


def calls(folder: Path, name: str, text: str) -> list[str]:
    return [call for _, call, _ in uses(folder, name, text)]


PYTHON = {
    "import time\ntime.time()": "time.time",
    "import time as t\nt.monotonic_ns()": "time.monotonic_ns",
    "from time import time as t\nt()": "time.time",
    "from time import *\nperf_counter()": "time.perf_counter",
    "import time\nnow = time.time\nlater = now\nlater()": "time.time",
    "import time\na, b = time.time, len\na()": "time.time",
    "import time\n(now := time.time)()": "time.time",
    "import time\ndef f():\n    global now\n    now = time.time\ndef g():\n    now()": "time.time",
    "import time\ngetattr(time, 'time')()": "time.time",
    "__import__('time').time()": "time.time",
    "import importlib as i\ni.import_module('time').time()": "time.time",
    "from importlib import import_module\nclock = import_module('time')\nclock.time()": "time.time",
    "import sys\nsys.modules['time'].time()": "time.time",
    "try:\n    import time as t\nexcept ImportError:\n    t = None\nt.time()": "time.time",
    "import time\ntime.localtime()": "time.localtime",
    "import time\ntime.strftime('%Y')": "time.strftime",
    "from datetime import datetime as dt\ndt.now(tz=None)": "datetime.datetime.now",
    "import datetime\ndatetime.date.today()": "datetime.date.today",
    "import random\nrandom.gauss(0, 1)": "random.gauss",
    "import random\nrandom.Random()": "random.Random",
    "import random\nrandom.seed()": "random.seed",
    "from random import Random as R\nR(x=None)": "random.Random",
    "import random\nrandom.SystemRandom(4)": "random.SystemRandom",
    "import random\ndef f(rng=None):\n    rng = rng or random\n    return rng.random()": "random.random",
    "import numpy as np\nnp.random.normal()": "numpy.random.normal",
    "from numpy.random import default_rng\ndefault_rng()": "numpy.random.default_rng",
    "import os\nos.urandom(4)": "os.urandom",
    "import secrets, \\\n  uuid\nuuid.uuid4()": "uuid.uuid4",
    "import tempfile\nwith tempfile.TemporaryDirectory() as d: pass": "tempfile.TemporaryDirectory",
    "import socket\n[socket.gethostname() for _ in 'ab']": "socket.gethostname",
}


@pytest.mark.parametrize(("text", "call"), PYTHON.items())
def test_python_use_is_found_under_its_full_name(tmp_path: Path, text: str, call: str) -> None:
    assert calls(tmp_path, "a.py", text) == [call]


@pytest.mark.parametrize(
    "text",
    [
        "import random\nrandom.Random(7).random()",
        "import random\nrandom.seed(7)",
        "import numpy as np\nnp.random.default_rng(seed=7).random()",
        "import time\ntime.localtime(0), time.strftime('%Y', bar), time.sleep(1)",
        "from datetime import datetime\ndatetime.fromtimestamp(0), datetime(2020, 1, 1)",
        "import random\ndef f(random): return random.random()",
        "import time\nf = lambda time: time.time()",
        "import random\ndef f(rng: random.Random, s: random.SystemRandom): return isinstance(rng, random.Random)",
        "from .time import time\ntime()",
        "import time\n# time.time()\ns = 'time.time()'\n'''time.time()'''",
        "import time\nclass time2:\n    def time(self): return self.time()",
        "import uuid\nuuid.uuid5(uuid.NAMESPACE_DNS, 'a')",
    ],
)
def test_python_without_entropy_is_left_alone(tmp_path: Path, text: str) -> None:
    assert uses(tmp_path, "a.py", text) == []


def test_names_that_stand_for_each_other_settle(tmp_path: Path) -> None:
    names = [f"n{number}" for number in range(25)]
    mixed = [f"{name} = {' or '.join(other for other in names if other != name)}" for name in names]
    text = "\n".join(["import os, time", *mixed, "os = os.path", "n7 = time.time", "n24()"])
    assert uses(tmp_path, "a.py", text) == [(29, "time.time", "call")]


def test_a_class_body_is_no_scope_for_its_methods(tmp_path: Path) -> None:
    text = "from random import random\nclass A:\n    random = None\n    def f(self): return random()\n"
    assert uses(tmp_path, "a.py", text) == [(4, "random.random", "call")]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import time\ndef f(clock=time.time): return clock()", 2),
        ("from uuid import uuid4\nfrom dataclasses import field\nx = field(default_factory=uuid4)", 3),
        ("import time\n\nclass Clock:\n    now = time.time\n    def read(self): return self.now()", 4),
        ("import json\nfrom time import time", 2),
        ("import time\nself.clock = getattr(time, 'time')", 2),
    ],
)
def test_a_python_source_handed_on_is_a_reference(tmp_path: Path, text: str, line: int) -> None:
    [(at, _, how)] = uses(tmp_path, "a.py", text)
    assert (at, how) == (line, "reference")


SCRIPT = {
    "Math.random()": "Math.random",
    "Math['random']()": "Math.random",
    "(0, Math.random)()": "Math.random",
    "const {random: r} = Math; r()": "Math.random",
    "const r = Math.random.bind(Math); r()": "Math.random",
    "let r; r = Math.random; r()": "Math.random",
    "const m = Math; m.random()": "Math.random",
    "`${Math.random()}`": "Math.random",
    "const now = Date.now; const later = now; later()": "Date.now",
    "Date.now.call(Date)": "Date.now",
    "new Date()": "new Date",
    "new Date": "new Date",
    "const D = globalThis.Date; new D()": "new Date",
    "const s = Date()": "Date",
    "import { performance as p } from 'node:perf_hooks'; p.now()": "performance.now",
    "const { performance } = require('perf_hooks'); performance.now()": "performance.now",
    "window?.performance?.now()": "performance.now",
    "const t = performance.timeOrigin": "performance.timeOrigin",
    "process.hrtime.bigint()": "process.hrtime.bigint",
    "const { pid } = process": "process.pid",
    "const {randomBytes: rb} = require('crypto'); rb(4)": "crypto.randomBytes",
    "const rb = require('node:crypto').randomBytes; rb(4)": "crypto.randomBytes",
    "import {randomUUID as u} from 'node:crypto'; u()": "crypto.randomUUID",
    "import crypto from 'crypto'; crypto.webcrypto.getRandomValues(a)": "crypto.getRandomValues",
    "import * as c from 'crypto'; c.randomInt(4)": "crypto.randomInt",
    "const c = globalThis.crypto ?? require('crypto').webcrypto; c.randomUUID()": "crypto.randomUUID",
    "const { webcrypto: { randomUUID } } = await import('crypto'); randomUUID()": "crypto.randomUUID",
    "import os, { hostname } from 'os'; hostname()": "os.hostname",
    "import { v4 as id } from 'uuid'; id()": "uuid.v4",
    "crypto.randomUUID && crypto.randomUUID()": "crypto.randomUUID",
}


@pytest.mark.parametrize("suffix", ["mjs", "ts", "tsx"])
@pytest.mark.parametrize(("text", "call"), SCRIPT.items())
def test_script_use_is_found_under_its_full_name(tmp_path: Path, text: str, call: str, suffix: str) -> None:
    assert calls(tmp_path, f"a.{suffix}", text) == [call]


@pytest.mark.parametrize(
    "text",
    [
        "new Date(0); new Date(x, y); Date.parse(s); Date.UTC(2020)",
        "// Math.random()\n/* Date.now() */ const s = 'Math.random()' + `Date.now()`",
        "function f(Date) { return Date.now() + new Date() }",
        "const g = ({ performance }) => performance.now()",
        "{ const Math = { random: () => 4 }; Math.random() }",
        "import { Math } from './seeded.mjs'; Math.random()",
        "try {} catch (crypto) { crypto.randomUUID() }",
        "rng.random(); this.Date.now(); clock.performance.now(); a.process.pid",
        "if (performance.now) {} typeof Math.random === 'function'",
        "Date.now = () => 5; Math.random = seeded",
        "const { createHash } = require('crypto'); createHash('sha256')",
        "x instanceof Date; class Bar extends Date {}",
        "const o = { random: 1, Date: 2 }; o.random",
    ],
)
def test_script_without_entropy_is_left_alone(tmp_path: Path, text: str) -> None:
    assert uses(tmp_path, "a.mjs", text) == []


def test_the_innermost_binding_counts(tmp_path: Path) -> None:
    text = "const r = Math.random;\n{\n const r = seeded;\n r();\n { const r = Date.now;\n r(); }\n}\nr();\n"
    assert uses(tmp_path, "a.js", text) == [(6, "Date.now", "call"), (8, "Math.random", "call")]


def test_shadowing_ends_with_its_block(tmp_path: Path) -> None:
    text = "{\n const Math = seeded;\n Math.random();\n}\nMath.random();\n"
    assert uses(tmp_path, "a.js", text) == [(5, "Math.random", "call")]


@pytest.mark.parametrize(
    "text",
    [
        "[1].map(Math.random)",
        "export const now = Date.now",
        "export { randomUUID } from 'crypto'",
        "import { randomUUID } from 'crypto'",
        "module.exports = { now: Date.now }",
        "function f(now = Date.now) { return now() }",
        "clock.now = Date.now",
    ],
)
def test_a_script_source_handed_on_is_a_reference(tmp_path: Path, text: str) -> None:
    assert [how for _, _, how in uses(tmp_path, "a.mjs", text)] == ["reference"]


def test_types_are_no_uses(tmp_path: Path) -> None:
    text = (
        "let d: Date; type T = typeof Date.now; import type { BinaryLike } from 'crypto';\n"
        "interface I { f(performance: Clock): number }\n"
        "function h(this: Date, Math: Rng) { return Math.random() }\n"
        "const n = (Date.now as () => number)(); Math.random!();\n"
        "import c = require('crypto'); c.randomBytes(3);\n"
    )
    assert uses(tmp_path, "a.ts", text) == [
        (4, "Date.now", "call"),
        (4, "Math.random", "call"),
        (5, "crypto.randomBytes", "call"),
    ]


def test_jsx_is_read(tmp_path: Path) -> None:
    assert calls(tmp_path, "a.jsx", "const A = () => <b>{Date.now()} Math.random()</b>") == ["Date.now"]


def test_place_and_snippet(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("# Übersicht\nimport time\n    \nß = 'ü', time.time()  # " + "x" * 200 + "\n", encoding="utf-8")
    [use] = scan({"core/a.py": path}).uses
    assert (use.where, use.line, use.column, len(use.snippet)) == ("core/a.py:4", 4, 10, 120)
    assert use.snippet.startswith("ß = 'ü', time.time()  # xxx")


def test_uses_are_ordered_by_file_and_place(tmp_path: Path) -> None:
    for name in ("b.py", "a.mjs"):
        (tmp_path / name).write_text("import time\ntime.time()\n" if name == "b.py" else "Date.now()\n;Math.random()")
    found = scan({name: tmp_path / name for name in ("b.py", "a.mjs")}).uses
    assert [use.where for use in found] == ["a.mjs:1", "a.mjs:2", "b.py:2"]
    assert list(found) == sorted(found)


@pytest.mark.parametrize(
    ("name", "text", "where"),
    [
        ("a.py", b"import time\ntime.time(\n", "a.py:2"),
        ("a.py", b"import time\n\x00", "a.py"),
        ("a.py", b"import time\ns = '\xff'\n", "a.py"),
        ("a.mjs", b"const x = 1;\nDate.now(;\n", "a.mjs:2"),
        ("a.mjs", b"Date.now()\n\xff", "a.mjs:2"),
        ("a.py", b"import time\n" + b"(" * 5000 + b")" * 5000, "a.py"),
    ],
)
def test_a_file_that_cannot_be_parsed_is_a_finding(tmp_path: Path, name: str, text: bytes, where: str) -> None:
    (tmp_path / name).write_bytes(text)
    [finding] = scan({name: tmp_path / name}).findings
    assert finding.rule == "source.syntax"
    assert finding.where.startswith(where)


def test_what_is_around_a_syntax_error_is_still_read(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("Date.now();\nconst = 3;\nMath.random();\n")
    found = scan({"a.js": tmp_path / "a.js"})
    assert [use.where for use in found.uses] == ["a.js:1", "a.js:3"]
    assert [finding.where for finding in found.findings] == ["a.js:2"]


def test_no_file_is_passed_over_in_silence(tmp_path: Path) -> None:
    for name in ("lib.rs", "Arena.sol", "README", "tool"):
        (tmp_path / name).write_text("#!/usr/bin/env python3\nimport time\ntime.time()\n" if name == "tool" else "x")
    found = scan({name: tmp_path / name for name in ("lib.rs", "Arena.sol", "README", "tool", "gone.py")})
    assert [(finding.where, finding.rule) for finding in found.findings] == [
        ("Arena.sol", "source.unsupported"),
        ("README", "source.unsupported"),
        ("gone.py", "artefact.unreadable"),
        ("lib.rs", "source.unsupported"),
    ]
    assert [use.where for use in found.uses] == ["tool:3"]


def test_other_encodings(tmp_path: Path) -> None:
    text = "# -*- coding: latin-1 -*-\nimport time\ns = 'ü'; time.time()\n".encode("latin-1")
    assert uses(tmp_path, "a.py", text) == [(3, "time.time", "call")]
    assert uses(tmp_path, "b.py", b"\xef\xbb\xbfimport time\r\ntime.time()\r\n") == [(2, "time.time", "call")]


def a_use(
    name: str = "core/a.py", call: str = "time.time", snippet: str = "t = time.time()", line: int = 3
) -> SourceUse:
    return SourceUse(name, line, 1, call, "call", snippet)


def test_an_exemption_excuses_and_is_listed() -> None:
    exemption = SourceExemption("core/*.py", "time.*", "log lines only", line="t = ")
    judged = judge([a_use(), a_use(line=4, snippet="u = time.time()")], [exemption])
    assert [finding.where for finding in judged.findings] == ["core/a.py:4"]
    assert [(honoured.where, honoured.reason) for honoured in judged.honoured] == [("core/a.py:3", "log lines only")]
    assert judged.unused == ()
    assert judged.findings[0].observed == "time.time: u = time.time()"


@pytest.mark.parametrize(
    "exemption",
    [
        SourceExemption("core/b.py", "time.time", "r"),
        SourceExemption("*.py", "time.time", "r"),
        SourceExemption("**/*.py", "time.monotonic", "r"),
        SourceExemption("**/*.py", "time.time", "r", line="later"),
    ],
)
def test_an_exemption_without_a_use_is_a_finding(exemption: SourceExemption) -> None:
    judged = judge([a_use()], [exemption])
    assert [finding.rule for finding in judged.findings] == ["source.entropy"]
    assert [(finding.where, finding.rule) for finding in judged.unused] == [
        (exemption.files, "source.exemption_unused")
    ]


@pytest.mark.parametrize("wrong", [("", "time.time", "r"), ("a.py", " ", "r"), ("a.py", "time.time", " \n")])
def test_an_exemption_needs_all_its_parts(wrong: tuple[str, str, str]) -> None:
    with pytest.raises(ValueError, match="an exemption needs its"):
        SourceExemption(*wrong)


NAMES = st.text("abcdefgh_", min_size=3, max_size=8).map(lambda name: f"v_{name}")


@SAFE
@given(chain=st.lists(NAMES, min_size=1, max_size=5, unique=True))
def test_any_chain_of_names_leads_to_the_source(tmp_path: Path, chain: list[str]) -> None:
    steps = [f"{name} = {value}" for name, value in zip(chain, ["time.time", *chain], strict=False)]
    python = "\n".join(["import time", *steps, f"{chain[-1]}()"])
    assert uses(tmp_path, "a.py", python) == [(len(chain) + 2, "time.time", "call")]
    steps = [f"const {name} = {value};" for name, value in zip(chain, ["Date.now", *chain], strict=False)]
    script = "\n".join([*steps, f"{chain[-1]}()"])
    assert uses(tmp_path, "a.mjs", script) == [(len(chain) + 1, "Date.now", "call")]


WORDS = st.sampled_from(
    ["time.time()", "Math.random()", "new Date()", "import time", "\n", "{", "(", "'", "`", "=", "x", "\0"]
)


@SAFE
@given(words=st.lists(WORDS | st.binary(max_size=4).map(lambda raw: raw.decode("latin-1")), max_size=12))
def test_no_text_breaks_the_scan(tmp_path: Path, words: list[str]) -> None:
    files = {}
    for suffix in ("py", "mjs", "ts", "tsx"):
        files[f"a.{suffix}"] = tmp_path / f"a.{suffix}"
        files[f"a.{suffix}"].write_text("".join(words), encoding="utf-8")
    found = scan(files)
    assert {finding.rule for finding in found.findings} <= {"source.syntax"}
    assert found == scan(files)
