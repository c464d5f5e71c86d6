"""``gatecourt watch``: the gates' own rules on what is still being written, and a verdict at the end."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen
from typing import Any

import pytest

from gatecourt.court.renderers.stored import CODES
from tests.bench import PLUGINS, environment, jsonl, python, run, started

MANIFEST = """
[target]
name = "tiny"
artefacts = ["*.jsonl"]
[court]
roll = ["telemetry", "events"]
[telemetry.log.rows]
files = ["rows.jsonl"]
numbers = ["epoch", "kl"]
identity = { pointers = ["epoch"], step = { epoch = 1 } }
judged = { minimum = 2 }
thresholds = { kl = { at_most = 0.5 } }
[telemetry.stream.town]
files = ["stream.jsonl"]
version = { expected = "0.9.7" }
[events]
logs = ["events.jsonl"]
schema = "event.schema.json"
minimum = { good = 3, bad = 1 }
error_rate = { good = "50%", bad = "60%" }
sequence_start = 1
complete = { event = "end" }
[events.dialect.plain]
time = "/t"
type = "/type"
sequence = "/seq"
category = "/category"
level = "/level"
absent = { run = "one run a log", payload = "events stand by themselves" }
[events.lifecycle.run]
start = "start"
end = "end"
[events.surface.breach]
category = "RISK"
type = "breach"
[court.not_applicable.events]
single_run = "one run a log"
orders = "no orders"
slow = "no durations"
cascade = "no cascades"
"""
WRITER = """
import json, os, sys, time
path, total, each = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
stream = open(path, "a")
began = time.monotonic()
for n in range(1, total + 1):
    stream.write(json.dumps({"epoch": n, "kl": 0.7 if n == total // 2 else 0.1}) + "\\n")
    stream.flush()
    if n % each == 0 and n < total:
        stream.close()
        os.rename(path, f"{path}.{n}")
        stream = open(path, "a")
    while time.monotonic() - began < n / 1000:
        time.sleep(0.0005)
"""


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    (tmp_path / "gates.toml").write_text(MANIFEST)
    (tmp_path / "event.schema.json").write_text(
        json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["seq"]})
    )
    return tmp_path


def command(tiny: Path, source: str, *words: str) -> list[str]:
    return [sys.executable, "-m", "gatecourt.cli", "watch", source, f"--target={tiny / 'gates.toml'}", *words]


def watched(tiny: Path, source: str, *words: str, given: str | None = None) -> tuple[int, str, str]:
    done = run(command(tiny, source, *words), cwd=tiny, env=environment(PLUGINS), given=given)
    return done.returncode, done.stdout, done.stderr


@contextmanager
def following(tiny: Path, source: str, *words: str, **keys: Any) -> Iterator[Popen[str]]:
    """A watch that has begun."""
    given = command(tiny, source, *words)
    with started(given, cwd=tiny, env=environment(PLUGINS), text=True, stdout=PIPE, stderr=PIPE, **keys) as watch:
        assert watch.stdout is not None
        assert "following" in watch.stdout.readline()
        yield watch


def alerts(output: str) -> tuple[list[str], dict[str, Any]]:
    lines = [json.loads(line) for line in output.splitlines()]
    rules = [f"{line['alert']['verdict']} {line['alert']['rule']} {line['alert']['where']}" for line in lines[:-1]
             if "alert" in line]  # fmt: skip
    return rules, lines[-1]["outcome"]


def row(epoch: int, kl: Any = 0.1) -> str:
    return jsonl([{"epoch": epoch, "kl": kl}])


def event(seq: int, kind: str, **more: Any) -> str:
    plain = {"t": seq, "seq": seq, "type": kind, "category": "SYS", "level": "INFO"}
    return jsonl([{**plain, **more}])


def test_rows_over_a_pipe(tiny: Path) -> None:
    code, out, _ = watched(tiny, "-", "--log", "rows", "--json", given=row(1) + row(2))
    assert (code, alerts(out)) == (0, ([], {"verdict": "PASS", "end": "ended", "lines": 2, "alerts": {}, "turns": {}}))
    code, out, _ = watched(tiny, "-", "--log", "rows", "--json", given=row(1) + row(2, 0.6) + row(4) + '{"epoch')
    assert code == 1
    rules = alerts(out)[0]
    assert rules[0].startswith("FAIL telemetry.threshold")
    assert rules[0].endswith("stdin:2#/kl")
    assert any("stdin:3" in rule for rule in rules)
    assert rules[-1].startswith("FAIL jsonl.truncated stdin:4")


@pytest.mark.parametrize("kl", ["NaN", "Infinity", "true", '"0.1"', "null"])
def test_what_is_no_number_is_told_before_any_threshold(tiny: Path, kl: str) -> None:
    code, out, _ = watched(tiny, "-", "--log", "rows", "--json", given=row(1) + f'{{"epoch": 2, "kl": {kl}}}\n')
    assert code == 1
    assert not any("threshold_broken" in rule for rule in alerts(out)[0])


def test_nothing_that_came_is_no_pass(tiny: Path) -> None:
    assert watched(tiny, "-", "--log", "rows", given="")[0] == CODES["HOLD"]
    code, out, _ = watched(tiny, "-", "--stream", "town", given="")
    assert code in (CODES["HOLD"], CODES["FAIL"])
    assert "STOP" in out


def test_a_file_written_at_a_thousand_rows_a_second_through_rotations(tiny: Path) -> None:
    log = tiny / "rows.jsonl"
    log.touch()
    with following(tiny, str(log), "--log", "rows", "--json", "--idle", "1s") as watch:
        assert python("-c", WRITER, log, "3000", "900").returncode == 0
        out, _ = watch.communicate(timeout=30)
    rules, outcome = alerts(out)
    assert [rule.rpartition(" ")[2] for rule in rules] == ["rows.jsonl:1500#/kl"]
    assert outcome["lines"] == 3000
    assert outcome["turns"] == {"rotated": 3}
    assert (outcome["verdict"], outcome["end"], watch.returncode) == ("FAIL", "idle", 1)


def test_a_truncated_file_is_read_from_its_start(tiny: Path) -> None:
    log = tiny / "rows.jsonl"
    log.write_text(row(1) + row(2))
    with following(tiny, str(log), "--log", "rows", "--json", "--idle", "1s") as watch:
        time.sleep(0.3)
        log.write_text(row(3))
        out, _ = watch.communicate(timeout=30)
    lines = [json.loads(line) for line in out.splitlines()]
    assert {"turn": {"kind": "truncated", "line": 2}} in lines
    assert lines[-1]["outcome"]["lines"] == 3
    assert watch.returncode == 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    return port


@pytest.mark.parametrize("rules", [["--log", "rows"], ["--stream", "town"], ["--events"]])
def test_a_file_that_never_comes_is_told_as_that_alone(tiny: Path, rules: list[str]) -> None:
    code, out, _ = watched(tiny, "never.jsonl", *rules, "--json", "--deadline", "400ms")
    assert code == CODES["HOLD"]
    assert [json.loads(line) for line in out.splitlines()[:2]] == [
        {"following": "never.jsonl"},
        {"waiting": "no such file"},
    ]
    found, outcome = alerts(out)
    assert found == ["HOLD watch.never_came never.jsonl"]
    assert (outcome["lines"], outcome["end"], len(out.splitlines())) == (0, "deadline", 4)


@pytest.mark.parametrize("scheme", ["tcp", "listen"])
def test_a_peer_that_never_comes_is_told_as_that_alone(tiny: Path, scheme: str) -> None:
    address = f"127.0.0.1:{free_port()}"
    code, out, _ = watched(tiny, f"{scheme}://{address}", "--stream", "town", "--deadline", "400ms")
    observed = {"tcp": f"no server listens at {address}", "listen": "no client connected"}[scheme]
    assert code == CODES["HOLD"]
    assert out.count(f"-- waiting: {observed} yet\n") == 1
    assert f"  observed  {observed}\n" in out
    assert out.count("[") == 1


def test_an_empty_file_that_comes_late_is_an_empty_file(tiny: Path) -> None:
    with following(tiny, "late.jsonl", "--log", "rows", "--idle", "2s") as watch:
        assert watch.stdout is not None
        assert watch.stdout.readline() == "-- waiting: no such file yet\n"
        (tiny / "late.jsonl").touch()
        out, _ = watch.communicate(timeout=30)
    assert watch.returncode == CODES["HOLD"]
    assert "an empty file" in out
    assert "never_came" not in out


def ignore_sigint() -> None:
    """What a shell without job control does for a job that it starts with ``&``."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("background", [False, True])
def test_an_interruption_ends_in_a_verdict(tiny: Path, number: signal.Signals, background: bool) -> None:
    log = tiny / "rows.jsonl"
    log.write_text(row(1) + row(2) + '{"epoch": 3, "k')
    with following(tiny, str(log), "--log", "rows", preexec_fn=ignore_sigint if background else None) as watch:
        time.sleep(0.3)
        watch.send_signal(number)
        out, error = watch.communicate(timeout=30)
    assert (watch.returncode, error) == (0, "")
    assert "GO: PASS after 2 lines; interrupted" in out  # the third has no end yet


def test_clients_over_tcp(tiny: Path) -> None:
    port = free_port()
    with following(tiny, f"listen://127.0.0.1:{port}", "--log", "rows", "--json", "--idle", "1s") as watch:
        for part in (row(1) + row(2)[:5], row(2)):
            with connected(port) as connection:
                connection.sendall(part.encode())
        out, _ = watch.communicate(timeout=30)
    rules, outcome = alerts(out)
    assert [rule.split(" ")[1] for rule in rules] == ["jsonl.truncated"]
    assert outcome["turns"] == {"disconnected": 2}


def connected(port: int) -> socket.socket:
    for _ in range(100):
        try:
            return socket.create_connection(("127.0.0.1", port))
        except OSError:
            time.sleep(0.05)
    raise TimeoutError


WHOLE = [event(1, "start"), event(2, "work"), event(3, "end")]


def test_events_by_the_rules_of_their_gate(tiny: Path) -> None:
    assert watched(tiny, "-", "--events", given="".join(WHOLE))[0] == 0
    bad = [*WHOLE[:2], event(4, "breach", category="RISK"), event(5, "end")]
    code, out, _ = watched(tiny, "-", "--events", "--json", given="".join(bad))
    assert (code, alerts(out)[0]) == (1, ["FAIL events.sequence_gap stdin:3#/seq", "HOLD events.surfaced stdin:3"])


def test_what_only_the_end_would_show_is_open_while_the_log_goes_on(tiny: Path) -> None:
    log = tiny / "events.jsonl"
    log.write_text("".join(WHOLE[:2]))
    code, out, _ = watched(tiny, str(log), "--events", "--json", "--deadline", "500ms")
    rules, outcome = alerts(out)
    assert (code, outcome["end"]) == (CODES["HOLD"], "deadline")
    assert "HOLD events.lifecycle_missing events.jsonl" in rules
    code, out, _ = watched(tiny, "-", "--events", "--json", given="".join(WHOLE[:2]))
    assert code == 1


def test_a_condition_is_told_once_at_each_place(tiny: Path) -> None:
    met = [event(seq, "breach", category="RISK") for seq in range(2, 7)]
    code, out, _ = watched(tiny, "-", "--events", "--json", given="".join([WHOLE[0], *met, event(7, "end")]))
    assert (code, alerts(out)[0]) == (CODES["HOLD"], [f"HOLD events.surfaced stdin:{line}" for line in range(2, 7)])


def test_the_time_that_judging_takes_is_no_silence(tiny: Path) -> None:
    log = tiny / "rows.jsonl"
    log.write_text("".join(row(n) for n in range(1, 120_000)))
    code, out, _ = watched(tiny, str(log), "--log", "rows", "--json", "--idle", "0s")
    assert (code, alerts(out)[1]["lines"]) == (0, 119_999)


def test_what_the_encoding_cannot_write_is_told_all_the_same(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    code, out, error = watched(tiny, "-", "--log", "rows", given=row(1) + '{"epoch": 2, "kl": "\u00e9"}\n')
    assert (code, error) == (1, "")
    assert "\\xe9" in out


def test_a_person_reads_it_on_eighty_columns(tiny: Path) -> None:
    many = "".join(row(n, 0.6 + n) for n in range(1, 31))
    code, out, _ = watched(tiny, "-", "--log", "rows", given=many)
    assert code == 1
    assert max(map(len, out.splitlines())) <= 80
    assert "30 telemetry.threshold" in out
    assert out.count("next      ") == 20


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["-"], "found no choice"),
        (["-", "--log", "row"], "expected one of --log rows, --stream town, --events; found --log row"),
        (["-", "--events", "--deadline", "5"], "--deadline: expected a duration with its unit"),
        (["udp://127.0.0.1:1", "--events"], "expected tcp://HOST:PORT or listen://HOST:PORT"),
        (["tcp://127.0.0.1", "--events"], "expected tcp://HOST:PORT"),
        (["tcp://ada:secret@127.0.0.1:1", "--events"], "expected tcp://HOST:PORT"),
        (["tcp:127.0.0.1:1", "--events"], "expected tcp://HOST:PORT or listen://HOST:PORT"),
        (["listen:127.0.0.1:1", "--events"], "expected tcp://HOST:PORT or listen://HOST:PORT"),
        ([".", "--events"], "Is a directory"),
    ],
)
def test_requests_that_cannot_be_met(tiny: Path, words: list[str], sentence: str) -> None:
    code, out, error = watched(tiny, *words, given="")
    assert (code, out) == (4, "")
    assert sentence in error
    assert len(error.splitlines()) == 1


def test_a_reader_that_goes_away_is_no_traceback(tiny: Path) -> None:
    log = tiny / "rows.jsonl"
    log.write_text("".join(row(n, 9) for n in range(1, 19)))
    piped = [*command(tiny, str(log), "--log", "rows", "--idle", "1s"), "| head -1"]
    done = run(piped, cwd=tiny, env=environment(PLUGINS), shell=True)
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("closing", "sentence"),
    [(">&-", "standard output"), ("<&-", "standard input"), (">/dev/full", "output: expected to write what was found")],
)
def test_streams_that_are_closed_are_told_in_a_line(tiny: Path, closing: str, sentence: str) -> None:
    done = run([*command(tiny, "-", "--log", "rows"), closing], cwd=tiny, env=environment(PLUGINS), shell=True)
    assert done.returncode == 4
    assert done.stderr.startswith(f"gatecourt: {sentence}")
    assert len(done.stderr.splitlines()) == 1
