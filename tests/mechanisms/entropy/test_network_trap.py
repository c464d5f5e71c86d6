"""The network trap: whose line reached out, in the target's own interpreter, and nothing else changed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from gatecourt.core.errors import Judged
from gatecourt.mechanisms.entropy.reading import NetworkLog, read_network, read_trap
from gatecourt.mechanisms.entropy.trap import environment
from gatecourt.system.drivers.trap import variables

NODE = shutil.which("node") or ""
needs_node = pytest.mark.skipif(not NODE, reason="no node here")
Uses = list[tuple[str, tuple[str, ...]]]


class Bench:
    """A target of a few files and its runs."""

    def __init__(self, folder: Path) -> None:
        self.target, self.log, self._shim = folder / "target", folder / "log.jsonl", folder / "shim"
        self.target.mkdir()

    def run(self, command: Sequence[str], extra: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        inherited = {"PATH": os.environ["PATH"], **extra}
        return subprocess.run(
            command, cwd=self.target, env=inherited, capture_output=True, text=True, check=False, timeout=120
        )

    def trapped(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        return self.run(command, environment(self._shim, self.log, [self.target], {}, traps=("network",)))

    def read(self) -> NetworkLog:
        return read_network(self.log, [self.target])

    def uses(self, command: Sequence[str]) -> Uses:
        done = self.trapped(command)
        assert (done.returncode, done.stderr) == (0, "")
        return [(use.where, use.calls) for use in self.read().uses]

    def python(self, text: str, **others: str) -> Uses:
        for name, each in {"main": text, **others}.items():
            path = self.target / f"{name.replace('__', '/')}.py"
            path.parent.mkdir(exist_ok=True)
            path.write_text(each)
        return self.uses([sys.executable, "main.py"])

    def node(self, text: str) -> Uses:
        (self.target / "main.mjs").write_text(text)
        return self.uses([NODE, "main.mjs"])


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


BOTH = ("socket.connect", "socket.getaddrinfo")
EVERY_PYTHON_USE: dict[str, tuple[str, ...]] = {
    "urllib.request.urlopen('http://127.0.0.1:9/')": BOTH,
    "http.client.HTTPConnection('localhost', 9).request('GET', '/')": BOTH,
    "http.client.HTTPSConnection('127.0.0.1', 9).request('GET', '/')": BOTH,
    "socket.create_connection(('127.0.0.1', 9))": BOTH,
    "socket.socket().connect_ex(('127.0.0.1', 9))": ("socket.connect",),
    "socket.socket().bind(('127.0.0.1', 0))": ("socket.bind",),
    "socket.create_server(('127.0.0.1', 0)).close()": ("socket.bind",),
    "socket.socket(socket.AF_INET6).connect(('::1', 9))": ("socket.connect",),
    "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 9))": ("socket.sendto",),
    "socket.socket(type=socket.SOCK_DGRAM).sendmsg([b'x'], [], 0, ('127.0.0.1', 9))": ("socket.sendmsg",),
    "socket.getaddrinfo('localhost', 9)": ("socket.getaddrinfo",),
    "socket.gethostbyname('localhost')": ("socket.gethostbyname",),
    "_socket.socket().connect(('127.0.0.1', 9))": ("socket.connect",),
    "smtplib.SMTP('127.0.0.1', 9)": BOTH,
    "asyncio.run(asyncio.open_connection('127.0.0.1', 9))": ("socket.connect",),
    "exec('socket.getaddrinfo(None, 9)')": ("socket.getaddrinfo",),
}
PYTHON_HEAD = "import _socket, asyncio, contextlib, http.client, smtplib, socket, urllib.request\n"


def test_every_python_use_is_named_at_its_line(bench: Bench) -> None:
    uses = bench.python(
        PYTHON_HEAD + "".join(f"with contextlib.suppress(OSError): {line}\n" for line in EVERY_PYTHON_USE)
    )
    assert uses == [(f"main.py:{line}", calls) for line, calls in enumerate(EVERY_PYTHON_USE.values(), 2)]
    assert (bench.read().armed, bench.read().gaps) == (("python",), ())


def test_the_line_of_the_target_that_called_the_library_counts(bench: Bench) -> None:
    library = "import socket\ndef call():\n    with socket.socket() as s: s.connect_ex(('127.0.0.1', 9))\n"
    text = "import sys\nsys.path.append('site-packages')\nimport foreign, own\nforeign.call()\nown.call()\n"
    expected = [("main.py:4", ("socket.connect",)), ("own.py:3", ("socket.connect",))]
    assert bench.python(text, **{"site-packages__foreign": library, "own": library}) == expected


def test_a_coroutine_is_named_and_a_lookup_in_a_thread_is_nobodys(bench: Bench) -> None:
    text = (
        "import asyncio, contextlib\nasync def call():\n    with contextlib.suppress(OSError):\n"
        "        await asyncio.open_connection('localhost', 9)\nasyncio.run(call())\n"
    )
    assert bench.python(text) == [("main.py:4", ("socket.connect",)), ("python", ("socket.getaddrinfo",))]


def test_what_stays_on_the_machines_files_is_no_network(bench: Bench) -> None:
    assert not bench.python(
        "import multiprocessing, os, socket, tempfile\n"
        "if __name__ == '__main__':\n"
        "    one, other = socket.socketpair(); one.sendall(b'x'); other.recv(1)\n"
        "    with tempfile.TemporaryDirectory() as folder:\n"
        "        server = socket.socket(socket.AF_UNIX); server.bind(folder + '/s'); server.listen()\n"
        "        socket.socket(socket.AF_UNIX).connect(folder + '/s')\n"
        "        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).connect_ex(folder + '/s')\n"
        "    read, write = os.pipe(); os.write(write, b'x'); os.read(read, 1)\n"
        "    with multiprocessing.Pool(1) as pool: assert pool.map(abs, [-1]) == [1]\n"
        "    socket.gethostname(); socket.inet_aton('127.0.0.1')\n"
    )


def test_children_are_covered_and_programs_are_told(bench: Bench) -> None:
    work = "import socket\nsocket.getaddrinfo(None, 9)\n"
    text = (
        "import os, subprocess, sys\nsubprocess.run([sys.executable, 'work.py'], check=True)\n"
        "subprocess.run('true', shell=True)\nos.system('true')\n"
    )
    uses = bench.python(text, work=work)
    assert uses[-1] == ("work.py:2", ("socket.getaddrinfo",))
    assert [(use.program, use.where) for use in bench.read().uses] == [
        (True, "main.py:2"),
        (True, "main.py:3"),
        (True, "main.py:4"),
        (False, "work.py:2"),
    ]
    assert uses[2] == ("main.py:4", ("os.system: true",))


def test_the_traps_are_armed_one_by_one(bench: Bench) -> None:
    text = "import socket, time\ntime.time()\nsocket.getaddrinfo(None, 9)\n"
    assert bench.python(text) == [("main.py:3", ("socket.getaddrinfo",))]
    assert read_trap(bench.log, [bench.target]).reads == ()
    bench.log.unlink()
    bench.run([sys.executable, "main.py"], environment(bench.target.parent / "other", bench.log, [bench.target], {}))
    assert [read.call for read in read_trap(bench.log, [bench.target]).reads] == ["time.time"]
    assert bench.read().uses == ()


def test_the_driver_sets_the_trap_by_its_name(tmp_path: Path) -> None:
    for kind, armed in (("network", "network"), ("shallow", "entropy"), ("deep", "entropy")):
        logs = tmp_path / kind
        logs.mkdir()
        variables(kind, logs, tmp_path, tmp_path, {})
        lines = (logs / "trap" / "trap.conf").read_text().splitlines()
        assert [line for line in lines if line.startswith("trap ")] == [f"trap {armed}"]


@pytest.mark.parametrize("version", ["", "3.8", "3.9", "3.10", "3.12", "3.13"])
def test_the_python_target_does_not_notice(bench: Bench, version: str) -> None:
    python = _interpreter(version)
    (bench.target / "main.py").write_text(
        "import socket, subprocess, sys, urllib.request\n"
        "for call in (lambda: socket.socket().connect(('127.0.0.1', 9)), lambda: socket.socket().connect(9),\n"
        "             lambda: socket.socket().sendto(b'', ()), lambda: subprocess.Popen([]), lambda: socket.bind):\n"
        "    try: call()\n"
        "    except Exception as error: print(type(error), error)\n"
        "print(socket.socket.connect, [name for name in sys.modules if 'gatecourt' in name and not 'trap' in name])\n"
    )
    plain, trapped = bench.run([python, "main.py"], {}), bench.trapped([python, "main.py"])
    assert plain.returncode == 0, plain.stderr
    assert (trapped.stdout, trapped.stderr) == (plain.stdout, plain.stderr)
    assert [use.where for use in bench.read().uses if not use.program] == ["main.py:2"]


def _interpreter(version: str) -> str:
    if not version:
        return sys.executable
    found = shutil.which(f"python{version}")
    if not found or subprocess.run([found, "--version"], capture_output=True, check=False, timeout=120).returncode:
        pytest.skip(f"no Python {version} here")
    return found


EVERY_NODE_USE = {
    "mute(net.connect(9, '127.0.0.1'));": "net.connect",
    "mute(createConnection({ port: 9 }));": "net.createConnection",
    "mute(new net.Socket()).connect(9);": "net.Socket.connect",
    "net.createServer().listen(0).close();": "net.Server.listen",
    "mute(http.get('http://127.0.0.1:9/'));": "http.get",
    "mute(http.request({ port: 9, path: '/x' })).end();": "http.request",
    "http.createServer().listen(0).close();": "net.Server.listen",
    "mute(https.request(new URL('https://127.0.0.1:9'))).end();": "https.request",
    "mute(tls.connect(9));": "tls.connect",
    "mute(http2.connect('http://127.0.0.1:9'));": "http2.connect",
    "await fetch('http://127.0.0.1:9').catch(() => 0);": "fetch",
    "dns.lookup('localhost', () => 0);": "dns.lookup",
    "await promises.lookup('localhost');": "dns.promises.lookup",
    "new dns.Resolver().resolve4('', () => 0);": "dns.Resolver.resolve4",
    "const u = mute(dgram.createSocket('udp4')); u.send('x', 9, '127.0.0.1', () => u.close());": "dgram.Socket.send",
    "const b = dgram.createSocket('udp4').bind(0, () => b.close());": "dgram.Socket.bind",
    "mute(require('net').connect(9));": "net.connect",
}
NODE_HEAD = """\
import net, { createConnection } from 'net'; import http from 'node:http'; import https from 'https';
import tls from 'tls'; import http2 from 'http2'; import dgram from 'dgram'; import dns, { promises } from 'dns';
import { createRequire } from 'module'; const require = createRequire(import.meta.url);
const mute = (emitter) => emitter.on('error', () => 0);
"""


@needs_node
def test_every_node_use_is_named_at_its_line(bench: Bench) -> None:
    uses = dict(bench.node(NODE_HEAD + "\n".join(EVERY_NODE_USE)))
    for line, call in enumerate(EVERY_NODE_USE.values(), 5):
        assert call in uses.pop(f"main.mjs:{line}")
    assert set(uses) <= {"node"}
    assert (bench.read().armed, bench.read().gaps) == (("node",), ())


@needs_node
def test_socket_files_and_data_urls_are_no_network_for_node(bench: Bench) -> None:
    assert not bench.node(
        "import net from 'net'; import http from 'http'; import { Worker } from 'worker_threads';\n"
        "const mute = (emitter) => emitter.on('error', () => 0); const file = './socket';\n"
        "const server = net.createServer((one) => one.end()).listen(file, async () => {\n"
        "  mute(net.connect(file)); mute(net.connect({ path: file }));\n"
        "  mute(new net.Socket()).connect({ path: file });\n"
        "  mute(http.get({ socketPath: file, path: '/' }));\n"
        "  net.createServer().listen({ path: './other' }, function () { this.close(); });\n"
        "  await fetch('data:text/plain,x');\n"
        "  setTimeout(() => server.close(), 50);\n"
        "});\n"
        "console.log(await new Promise((done) => new Worker('1', { eval: true }).on('exit', done)));\n"
    )


@needs_node
def test_node_children_are_covered_and_programs_are_told(bench: Bench) -> None:
    (bench.target / "c.cjs").write_text("\nrequire('dns').lookup('localhost', () => 0);\n")
    uses = bench.node(
        "import { execFileSync, fork, spawnSync } from 'child_process';\n"
        "spawnSync('true');\nexecFileSync(process.execPath, ['c.cjs']);\nfork('c.cjs');\n"
    )
    assert uses[0] == ("c.cjs:2", ("dns.lookup",))
    assert uses[1] == ("main.mjs:2", ("child_process.spawnSync: true",))
    assert [(use.where, use.program) for use in bench.read().uses] == [
        ("c.cjs:2", False),
        ("main.mjs:2", True),
        ("main.mjs:3", True),
    ]


@needs_node
def test_the_node_target_does_not_notice(bench: Bench) -> None:
    (bench.target / "main.mjs").write_text(
        "import net from 'net'; import http from 'http'; import dns from 'dns';\n"
        "console.log(net.connect.name, net.connect.length, http.get.length, fetch.name, dns.lookup.length);\n"
        "console.log(Object.keys(net), new net.Socket() instanceof net.Socket, typeof WebSocket);\n"
        "try { net.connect(-1) } catch (error) { console.log(error.message) }\n"
        "try { await fetch() } catch (error) { console.log(error.message) }\n"
        "const server = http.createServer((_, answer) => answer.end('yes')).listen(0, async () => {\n"
        "  console.log(await (await fetch(`http://127.0.0.1:${server.address().port}`)).text());\n"
        "  server.close(); server.closeAllConnections();\n"
        "});\n"
    )
    plain, trapped = bench.run([NODE, "main.mjs"], {}), bench.trapped([NODE, "main.mjs"])
    assert plain.returncode == 0, plain.stderr
    assert (trapped.stdout, trapped.stderr) == (plain.stdout, plain.stderr)


@pytest.mark.parametrize(
    "text",
    ['{"kind":"network"}\n', '{"kind":"network","language":"python","path":1,"line":1,"call":"c","count":1}\n', "x\n"],
)
def test_a_log_that_the_trap_did_not_write(tmp_path: Path, text: str) -> None:
    (tmp_path / "log").write_text(text)
    with pytest.raises(Judged) as caught:
        read_network(tmp_path / "log", [tmp_path])
    assert caught.value.finding.rule == "entropy.log"


def test_no_log_tells_nothing(tmp_path: Path) -> None:
    assert read_network(tmp_path / "none", [tmp_path]) == NetworkLog((), (), ())
