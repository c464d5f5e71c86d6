"""The entropy trap: whose line read what, in the target's own interpreter, and nothing else changed."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import gatecourt.mechanisms.entropy
from gatecourt.core.errors import Judged
from gatecourt.mechanisms.entropy.checks import judge
from gatecourt.mechanisms.entropy.reading import EntropyRead, TrapLog, read_trap
from gatecourt.mechanisms.entropy.trap import environment
from gatecourt.mechanisms.sourcescan.exemptions import SourceExemption

NODE = shutil.which("node") or ""
needs_node = pytest.mark.skipif(not NODE, reason="no node here")


@dataclass
class Bench:
    """A target of a few files and its runs."""

    folder: Path
    inherited: Mapping[str, str] = field(default_factory=lambda: {"PATH": os.environ["PATH"]})

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.folder / "target" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    def plain(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        target = self.folder / "target"
        return subprocess.run(
            command, cwd=target, env=self.inherited, capture_output=True, text=True, check=False, timeout=120
        )

    def trapped(self, command: Sequence[str], *, deep: bool = False) -> subprocess.CompletedProcess[str]:
        shim, log, roots = self.folder / "shim of it", self.folder / "log.jsonl", [self.folder / "target"]
        extra = environment(shim, log, roots, self.inherited, deep=deep)
        return Bench(self.folder, {**self.inherited, **extra}).plain(command)

    def log(self) -> TrapLog:
        return read_trap(self.folder / "log.jsonl", [self.folder / "target"])

    def reads(self, command: Sequence[str], *, deep: bool = False) -> list[tuple[str, str]]:
        done = self.trapped(command, deep=deep)
        assert done.returncode == 0, done.stderr
        return [(read.where, read.call) for read in self.log().reads]

    def python(self, text: str, **others: str) -> list[tuple[str, str]]:
        self.write({"main.py": text, **{name.replace("__", "/") + ".py": each for name, each in others.items()}})
        return self.reads([sys.executable, "main.py"])

    def node(self, text: str, name: str = "main.mjs") -> list[tuple[str, str]]:
        self.write({name: text})
        return self.reads([NODE, name])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


EVERY_PYTHON_READ = {
    "time.time()": "time.time",
    "time.time_ns()": "time.time_ns",
    "time.perf_counter_ns()": "time.perf_counter_ns",
    "time.process_time()": "time.process_time",
    "time.localtime()": "time.localtime",
    "time.gmtime(None)": "time.gmtime",
    "time.strftime('%Y')": "time.strftime",
    "t()": "time.time",
    "dt.now(None)": "datetime.datetime.now",
    "dt.today()": "datetime.datetime.today",
    "dt.utcnow()": "datetime.datetime.utcnow",
    "datetime.date.today()": "datetime.date.today",
    "random.gauss(0, 1)": "random.gauss",
    "random.Random()": "random.Random",
    "random.Random(1).seed()": "random.Random.seed",
    "random.SystemRandom()": "random.SystemRandom",
    "system.choice('ab')": "random.SystemRandom.getrandbits",
    "secrets.token_hex(4)": "secrets.token_hex",
    "secrets.choice('ab')": "secrets.choice",
    "uuid.uuid1()": "uuid.uuid1",
    "uuid.uuid4()": "uuid.uuid4",
    "os.urandom(4)": "os.urandom",
    "os.getpid()": "os.getpid",
    "socket.gethostname()": "socket.gethostname",
    "os.rmdir(tempfile.mkdtemp())": "tempfile.mkdtemp",
    "tempfile.TemporaryDirectory().cleanup()": "tempfile.TemporaryDirectory",
    "list(map(str, [time.time()]))": "time.time",
    "Made()": "time.time",
    "Bound.now()": "time.time",
    "Bound().now()": "time.time",
    "exec('time.time()')": "time.time",
    "next(iter(time.time, None))": "time.time",
}
PYTHON_HEAD = """\
import dataclasses, datetime, os, random, secrets, socket, tempfile, time, uuid
from datetime import datetime as dt
from time import time as t
@dataclasses.dataclass
class Made:
    at: float = dataclasses.field(default_factory=time.time)
class Bound:
    now = time.time
class system: choice = random.SystemRandom().choice
"""


def test_every_python_read_is_named_at_its_line(bench: Bench) -> None:
    reads = bench.python(PYTHON_HEAD + "\n".join(EVERY_PYTHON_READ))
    expected = {(f"main.py:{line}", call) for line, call in enumerate(EVERY_PYTHON_READ.values(), 10)}
    assert set(reads) == expected | {("main.py:9", "random.SystemRandom")}
    assert bench.log().armed == ("python",)
    assert bench.log().gaps == ()


def test_what_is_given_from_outside_is_no_read(bench: Bench) -> None:
    assert not bench.python(
        "import datetime, logging, queue, random, subprocess, sys, threading, time, uuid\n"
        "time.localtime(0); time.strftime('%Y', time.gmtime(0)); time.sleep(0)\n"
        "datetime.datetime(2020, 1, 1); datetime.datetime.fromtimestamp(0); datetime.date(2020, 1, 1)\n"
        "random.Random(7).random(); uuid.uuid5(uuid.NAMESPACE_DNS, 'x')\n"
        "logging.warning('x'); queue.Queue().put(1, timeout=1); threading.Event().wait(0.001)\n"
        "subprocess.run([sys.executable, '-c', 'pass'], timeout=9)\n"
        "def later(clock=time.time): return clock\n"
        "later()\n"
    )


def test_only_the_targets_own_lines_count(bench: Bench) -> None:
    library = "import time\ndef stamp(): return time.time()\n"
    files = {"inner__clock": library, "site-packages__foreign": library}
    text = (
        "import sys\nsys.path.append('site-packages')\nimport foreign\nfrom inner import clock\n"
        "foreign.stamp()\nclock.stamp()\n"
    )
    assert bench.python(text, **files) == [("inner/clock.py:2", "time.time")]
    assert bench.reads([sys.executable, "main.py"], deep=True) == [
        ("inner/clock.py:2", "time.time"),
        ("main.py:5", "time.time"),
    ]


def test_a_target_that_itself_lies_in_site_packages(bench: Bench) -> None:
    bench = Bench(bench.folder / "site-packages")
    assert bench.python("import time\ntime.time()\n") == [("main.py:2", "time.time")]


@pytest.mark.parametrize(("inside", "expected"), [("logging", {"time.time", "os.getpid"}), ("..", set())])
def test_the_standard_library_is_foreign_unless_the_target_lies_within(
    bench: Bench, inside: str, expected: set[str]
) -> None:
    bench.write({"main.py": "import logging\nlogging.warning('x')\n"})
    root, log = Path(os.__file__).parent / inside, bench.folder / "log.jsonl"
    bench.inherited = {**bench.inherited, **environment(bench.folder / "shim", log, [root], {})}
    assert bench.plain([sys.executable, "main.py"]).returncode == 0
    assert {read.call for read in read_trap(log, [root]).reads} >= expected
    assert bool(read_trap(log, [root]).reads) is bool(expected)


def test_seeded_generators_are_told_apart(bench: Bench) -> None:
    bench.python("import random\nrandom.random()\nrandom.seed(7)\nrandom.random()\nrandom.seed()\nrandom.random()\n")
    reads = bench.log().reads
    assert [(read.line, read.source, read.seeded) for read in reads] == [
        (2, "random.global", False),
        (4, "random.global", True),
        (5, "random.global", False),
        (6, "random.global", False),
    ]
    assert [finding.where for finding in judge(bench.log(), ["python"], []).findings] == [
        "main.py:2",
        "main.py:5",
        "main.py:6",
    ]
    assert [read.line for read in judge(bench.log(), ["python"], []).seeded] == [4]
    strict = judge(bench.log(), ["python"], [], strict=True)
    assert [finding.rule for finding in strict.findings if finding.where == "main.py:4"] == ["entropy.global_generator"]


def test_numpy_reads(bench: Bench) -> None:
    text = (
        "import numpy as np\nnp.random.rand()\nnp.random.seed(3)\nnp.random.rand()\nnp.random.default_rng()\n"
        "import pickle, copy\nrng = np.random.RandomState(3)\nnp.random.default_rng(3).random()\n"
        "pickle.loads(pickle.dumps(rng)).rand()\ncopy.copy(np.random.default_rng(3)).random()\n"
    )
    assert bench.python(text) == [
        ("main.py:2", "numpy.random.rand"),
        ("main.py:4", "numpy.random.rand"),
        ("main.py:5", "numpy.random.default_rng"),
    ]
    assert [(read.seeded, read.source) for read in bench.log().reads[:2]] == [
        (False, "numpy.random.global"),
        (True, "numpy.random.global"),
    ]


PROCESSES = """\
import multiprocessing, os, subprocess, sys, threading
import work
if __name__ == "__main__":
    fork, spawn = (multiprocessing.get_context(name).Process for name in ("fork", "spawn"))
    for start in (threading.Thread, fork, spawn):
        task = start(target=work.read)
        task.start()
        task.join()
    subprocess.run([sys.executable, "work.py"], check=True)
"""


def test_threads_and_child_processes_are_covered(bench: Bench) -> None:
    work = (
        "import time\ndef read():\n    for _ in range(3): time.time()\n"
        "if __name__ == '__main__':\n    time.monotonic()\n"
    )
    assert bench.python(PROCESSES, work=work) == [("work.py:3", "time.time"), ("work.py:5", "time.monotonic")]
    assert bench.log().reads[0].count >= 3 + 2 + 2  # a forked child ends without its last word


def test_counts_are_exact_and_the_log_stays_short(bench: Bench) -> None:
    bench.python("import time\nfor _ in range(1000): time.time()\n")
    assert [read.count for read in bench.log().reads] == [1000]
    assert len((bench.folder / "log.jsonl").read_text().splitlines()) < 20


def test_a_killed_process_has_told_what_it_read(bench: Bench) -> None:
    bench.write({"main.py": "import os, time\ntime.time()\nos.kill(os.getpid(), 9)\n"})
    assert bench.trapped([sys.executable, "main.py"]).returncode == -9
    assert [read.call for read in bench.log().reads] == ["time.time", "os.getpid"]


UNCHANGED = """\
import copy, datetime, inspect, json, os, pickle, random, sys, time, uuid, warnings
from datetime import datetime as dt
print(time.time, dt.now, random.random is random.random, time.time.__name__, time.time.__doc__[:9])
print(inspect.isbuiltin(time.time), callable(uuid.uuid4), inspect.signature(uuid.uuid4), inspect.isfunction(uuid.uuid4))
print(type(dt.now()) is dt, isinstance(dt.now(), datetime.date), dt.__mro__, type(datetime.date.today()))
class Mine(dt): pass
print(type(Mine.now()), type(Mine.today()), Mine.now() > Mine(2000, 1, 1))
for thing in (time.time, os.urandom, uuid.uuid4, dt.now, dt(2020, 1, 1), random.Random(3), random.choice):
    back = pickle.loads(pickle.dumps(thing))
    print(callable(back), callable(copy.deepcopy(thing)))
print(random.Random(3).random(), random.Random(x=3).random() if sys.version_info < (3, 11) else "")
random.seed(4)
print(random.random(), random.randint(1, 99), random.sample(range(9), 3), random.getstate()[1][5])
print(sorted(name for name in sys.modules if "gatecourt" in name and "trap" not in name))
print([entry for entry in sys.path if "shim" in entry], random.__spec__.loader.__class__, random.__loader__.__class__)
for wrong in (lambda: time.time(1), lambda: dt.now(1), lambda: random.choice([]), lambda: uuid.uuid4(2)):
    try: wrong()
    except Exception as error: print(type(error), error)
warnings.simplefilter("always")
dt.utcnow()
"""


@pytest.mark.parametrize("version", ["", "3.8", "3.9", "3.10", "3.12", "3.13"])
def test_the_python_target_does_not_notice(bench: Bench, version: str) -> None:
    python = _interpreter(version)
    bench.write({"main.py": UNCHANGED})
    plain, trapped = bench.plain([python, "main.py"]), bench.trapped([python, "main.py"])
    assert plain.returncode == 0, plain.stderr
    assert (_addressless(trapped.stdout), trapped.stderr) == (_addressless(plain.stdout), plain.stderr)
    assert {read.call for read in bench.log().reads} >= {"datetime.datetime.now", "datetime.datetime.utcnow"}


def _addressless(text: str) -> str:
    return "\n".join(line.partition(" at 0x")[0] for line in text.splitlines())


def _interpreter(version: str) -> str:
    if not version:
        return sys.executable
    found = shutil.which(f"python{version}")
    if not found or subprocess.run([found, "--version"], capture_output=True, check=False, timeout=120).returncode:
        pytest.skip(f"no Python {version} here")
    return found


def test_a_target_with_a_sitecustomize_of_its_own(bench: Bench) -> None:
    bench.write({"own/sitecustomize.py": "import builtins, time\nbuiltins.SEEN = time.time() > 0\n"})
    bench.inherited = {**bench.inherited, "PYTHONPATH": str(bench.folder / "target" / "own")}
    text = (
        "import sitecustomize, time\n"
        "assert SEEN and sitecustomize.__file__.endswith('own/sitecustomize.py')\ntime.time()\n"
    )
    assert bench.python(text) == [("main.py:3", "time.time"), ("own/sitecustomize.py:2", "time.time")]


def test_the_payload_needs_the_standard_library_only() -> None:
    payload = Path(gatecourt.mechanisms.entropy.__file__).parent / "payload" / "python"
    modules = sorted(payload.rglob("*.py"))
    assert len(modules) >= 5
    for module in modules:
        tree = ast.parse(module.read_text(), feature_version=(3, 8))
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.level == 0:
                names = [node.module or ""]
            assert {name.partition(".")[0] for name in names} <= {*sys.stdlib_module_names, "gatecourt_trap"}, module


EVERY_NODE_READ = {
    "Date.now();": "Date.now",
    "new Date();": "new Date",
    "Date();": "Date",
    "now();": "Date.now",
    "Math.random();": "Math.random",
    "[1].map(Math.random);": "Math.random",
    "eval('Math.random()');": "Math.random",
    "performance.now();": "performance.now",
    "p.now();": "performance.now",
    "p.timeOrigin;": "performance.timeOrigin",
    "process.hrtime();": "process.hrtime",
    "process.hrtime.bigint();": "process.hrtime.bigint",
    "process.uptime();": "process.uptime",
    "process.pid;": "process.pid",
    "crypto.randomBytes(4);": "crypto.randomBytes",
    "crypto.randomInt(4);": "crypto.randomInt",
    "id();": "crypto.randomUUID",
    "getRandomValues(new Uint8Array(1));": "crypto.getRandomValues",
    "crypto.webcrypto.getRandomValues(new Uint8Array(1));": "crypto.getRandomValues",
    "globalThis.crypto.randomUUID();": "crypto.randomUUID",
    "require('crypto').randomUUID();": "crypto.randomUUID",
    "hostname();": "os.hostname",
    "os.uptime();": "os.uptime",
    "await null; Date.now();": "Date.now",
}
NODE_HEAD = """\
import crypto, { randomUUID as id, getRandomValues } from 'node:crypto';
import os, { hostname } from 'os';
import { performance as p } from 'perf_hooks';
import { createRequire } from 'module';
const require = createRequire(import.meta.url); const now = Date.now;
"""


@needs_node
def test_every_node_read_is_named_at_its_line(bench: Bench) -> None:
    reads = bench.node(NODE_HEAD + "\n".join(EVERY_NODE_READ))
    assert set(reads) == {(f"main.mjs:{line}", call) for line, call in enumerate(EVERY_NODE_READ.values(), 6)}
    assert bench.log().armed == ("node",)
    assert bench.log().gaps == ()


@needs_node
def test_common_js_and_other_node_processes(bench: Bench) -> None:
    bench.write(
        {
            "b.cjs": "const { randomBytes } = require('crypto');\nrandomBytes(4);\n",
            "w.mjs": "\nMath.random();\n",
            "c.js": "\n\nprocess.uptime();\n",
            "node_modules/lib/index.js": "exports.stamp = () => Date.now();\n",
        }
    )
    reads = bench.node(
        "import { Worker } from 'worker_threads'; import { spawnSync } from 'child_process';\n"
        "import './b.cjs'; import lib from 'lib'; lib.stamp(); new Date(0);\n"
        "spawnSync(process.execPath, ['c.js']);\n"
        "await new Promise((done) => new Worker('./w.mjs', { execArgv: [] }).on('exit', done));\n"
        "for (let i = 0; i < 1000; i += 1) Date.now();\n"
    )
    assert reads == [
        ("b.cjs:2", "crypto.randomBytes"),
        ("c.js:3", "process.uptime"),
        ("main.mjs:5", "Date.now"),
        ("w.mjs:2", "Math.random"),
    ]
    assert [read.count for read in bench.log().reads] == [1, 1, 1000, 1]
    assert ("main.mjs:2", "Date.now") in bench.reads([NODE, "main.mjs"], deep=True)


@needs_node
def test_the_node_target_does_not_notice(bench: Bench) -> None:
    bench.write(
        {
            "first.cjs": "globalThis.first = true;\n",
            "main.mjs": """\
import util from 'util'; import { performance } from 'perf_hooks';
class Later extends Date {}
const d = new Later();
console.log(d instanceof Later, d instanceof Date, new Date() instanceof Date, new Date(0).constructor === Date);
console.log(structuredClone(new Date(0)), util.types.isDate(new Date()), typeof Date(), Date.name, Date.length);
console.log(util.inspect(Date), Math, Math.random.name, Object.keys(process.hrtime), performance.now.length);
console.log(Object.getOwnPropertyNames(Date), Object.getOwnPropertyDescriptor(Math, 'random').enumerable);
console.log(Error.stackTraceLimit, Object.hasOwn(Error, 'prepareStackTrace'), process.execArgv, first);
Error.prepareStackTrace = () => 'mine'; Date.now(); console.log(new Error('x').stack);
delete Error.prepareStackTrace;
console.log(new Date(2020, 0, 1).getFullYear(), Date.UTC(2020), Reflect.construct(Date, [0], Later) instanceof Later);
try { crypto.getRandomValues(1) } catch (error) { console.log(error.name) }
try { process.pid = 3 } catch (error) { console.log(error.name) }
""",
        }
    )
    bench.inherited = {**bench.inherited, "NODE_OPTIONS": f"--require {bench.folder / 'target' / 'first.cjs'}"}
    plain, trapped = bench.plain([NODE, "main.mjs"]), bench.trapped([NODE, "main.mjs"])
    assert plain.returncode == 0, plain.stderr
    assert (trapped.stdout, trapped.stderr) == (plain.stdout, plain.stderr)


def test_a_runtime_that_was_not_armed_proves_nothing(bench: Bench) -> None:
    bench.write({"main.py": "import time\ntime.time()\n"})
    assert bench.reads([sys.executable, "-I", "main.py"]) == []
    judged = judge(bench.log(), ["python"], [])
    assert [(finding.where, finding.rule) for finding in judged.findings] == [("python", "entropy.not_armed")]


def test_an_exemption_excuses_a_read_and_is_listed(bench: Bench) -> None:
    bench.python("import time\nstart = time.time()\nend = time.time()\n")
    judged = judge(bench.log(), ["python"], [SourceExemption("*.py", "time.*", "progress bar", line="start")])
    assert [(found.where, found.observed, found.rule) for found in judged.findings] == [
        ("main.py:3", "time.time: end = time.time()", "entropy.read")
    ]
    assert [(found.where, found.reason) for found in judged.honoured] == [("main.py:2", "progress bar")]


def test_a_gap_is_told(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text('{"kind":"gap","language":"node","call":"process.pid","reason":"frozen"}\n' * 2)
    [finding] = read_trap(log, [tmp_path]).gaps
    assert (finding.where, finding.observed, finding.rule) == ("node:process.pid", "frozen", "entropy.gap")


@pytest.mark.parametrize(
    "text", ["{", '{"kind":"start"', '{"kind":"start"}\n', "[]\n", '{"kind":"read","path":"a","line":"1"}\n', "\n"]
)
def test_a_log_that_the_traps_did_not_write(tmp_path: Path, text: str) -> None:
    (tmp_path / "log").write_text(text)
    with pytest.raises(Judged) as caught:
        read_trap(tmp_path / "log", [tmp_path])
    assert (caught.value.finding.where, caught.value.finding.rule) == ("entropy.jsonl:1", "entropy.log")


def test_reads_are_summed_and_ordered_whatever_their_order_in_the_log(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x\n  y = time.time()\n")
    record = '{"kind":"read","language":"python","call":"%s","path":"%s","line":%d,"count":%d,"seeded":null}\n'
    lines = [record % ("time.time", tmp_path / "a.py", 2, 3), record % ("os.getpid", tmp_path / "a.py", 1, 1)]
    for order in (lines + lines, lines[::-1] + lines):
        (tmp_path / "log").write_text("".join(order))
        assert read_trap(tmp_path / "log", [tmp_path]).reads == (
            EntropyRead("a.py", 1, "os.getpid", None, "x", 2),
            EntropyRead("a.py", 2, "time.time", None, "y = time.time()", 6),
        )


def test_no_line_breaks_in_paths(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="line break"):
        environment(tmp_path / "shim", tmp_path / "log", [tmp_path / "a\nroot /"], {})


def test_what_the_run_had_is_kept(tmp_path: Path) -> None:
    extra = environment(
        tmp_path / "s", tmp_path / "log", [tmp_path], {"PYTHONPATH": "lib", "NODE_OPTIONS": "--no-warnings"}
    )
    assert extra["PYTHONPATH"] == f"{tmp_path / 's' / 'python'}{os.pathsep}lib"
    assert extra["NODE_OPTIONS"] == f'--require "{tmp_path / "s" / "node" / "preload.cjs"}" --no-warnings'
