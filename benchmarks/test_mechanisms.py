"""The suite's own speed under pytest-benchmark: the mechanisms that a session spends its time in.

    pytest -c benchmarks/pytest.ini benchmarks --benchmark-storage=reports/benchmarks --benchmark-save=before
    pytest -c benchmarks/pytest.ini benchmarks --benchmark-storage=reports/benchmarks \
        --benchmark-compare --benchmark-compare-fail=median:200%

The first line is for the commit that is compared with, the second for the one that is judged, on the same machine and
as idle: pytest-benchmark compares seconds. Slower by the given share is a failure.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from gatecourt.core.model import Run, Subject
from gatecourt.rules.archive import contents
from gatecourt.rules.archive.section import ArchiveSection
from gatecourt.rules.determinism.files import first_divergence
from gatecourt.rules.determinism.section import Mask
from gatecourt.rules.replay.parameters import recorded
from gatecourt.rules.replay.section import Parameter, ReplaySection
from gatecourt.rules.throughput import unit

LINES = 20_000


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An event log of about 3 MB, the parameters of the run in its first line."""
    path = tmp_path_factory.mktemp("log") / "run.jsonl"
    events = [
        {"seq": n, "type": "order_filled" if n else "run_start", "data": {"id": n, "seed": 7}} for n in range(LINES)
    ]
    path.write_text("".join(json.dumps({**event, "pad": "x" * 80}) + "\n" for event in events))
    return path


def test_unit(benchmark: BenchmarkFixture) -> None:
    """What everything else can be held against."""
    benchmark(unit.workload)


def test_parameters_of_a_log(benchmark: BenchmarkFixture, log: Path) -> None:
    """Finding the two lines that tell what a run depends on."""
    section = ReplaySection("*.jsonl", "/type", {"seed": Parameter("run_start", "/data/seed", "integer")})
    run = Run(log.parent, {log.name: Subject(log.name, "0" * 64, log.stat().st_size)})
    assert benchmark(recorded, section, run).require() == {"seed": "7"}


def test_archive_opened_again(benchmark: BenchmarkFixture, log: Path, tmp_path: Path) -> None:
    """Reading a tar.gz to its end, every member digested."""
    data = log.read_bytes()
    path = tmp_path / "day.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for name in ("a", "b"):
            header = tarfile.TarInfo(name)
            header.size = len(data)
            tar.addfile(header, io.BytesIO(data))
    subject = Subject(path.name, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)

    def opened() -> int:
        contents.forget()
        return len(contents.read(path, subject, ArchiveSection(("*.tar.gz",))).members)

    assert benchmark(opened) == 2


def test_equal_logs_compared_under_a_mask(benchmark: BenchmarkFixture, log: Path) -> None:
    """Two runs' logs, each record looked at."""
    mask = Mask("*.jsonl", "/data/id", "integer", "drawn anew in each run")
    assert benchmark(first_divergence, log, log, "run.jsonl", [mask]).divergence is None
