"""Records how long a system's commands, and the gates over it, take on this machine: a baseline for ``throughput``.

python benchmarks/record_throughput.py fixtures/treasure/gates.toml --by NAME --machine "2 cores, idle" [--times 7]
    [--junit TIMES.xml] --to fixtures/treasure/perf/baseline.json

Do it on an idle machine. TIMES.xml is what ``pytest -p no:xdist --junitxml=TIMES.xml`` wrote in a session over the same
system; the gates that ``[throughput] gates`` names are taken from it.
"""

from __future__ import annotations

import argparse
import datetime
import functools
import tempfile
from pathlib import Path

from gatecourt.rules.registry import pytest_gatecourt_gates
from gatecourt.rules.throughput import recording, unit
from gatecourt.rules.throughput.recorded import Custody, text_of
from gatecourt.rules.throughput.section import ThroughputSection
from gatecourt.system.manifest.loading import load
from gatecourt.system.target import DeclaredTarget, Sandbox


def main() -> None:
    """Measures and writes."""
    options = _options()
    gates = {spec.marker: spec for spec in pytest_gatecourt_gates()}
    manifest = load(options.manifest, gates)
    section: ThroughputSection = manifest.section(gates["throughput"])
    with tempfile.TemporaryDirectory(prefix="gatecourt-record-") as folder:
        target = DeclaredTarget(manifest, Sandbox(Path(folder), gates))
        samples = {
            name: recording.samples_of(functools.partial(_seconds, target, name), unit.measure, options.times)
            for name in section.commands
        }
    timed = recording.gates_of(options.junit, unit.measure()) if options.junit else {}
    custody = Custody(datetime.datetime.now(datetime.UTC).date().isoformat(), options.by, options.machine)
    made = recording.record(custody, samples, {name: timed[name] for name in section.gates if name in timed})
    options.to.parent.mkdir(parents=True, exist_ok=True)
    options.to.write_text(text_of(made), "utf-8")
    print(f"{options.to}: {len(made.commands)} commands, {len(made.gates)} gates")


def _seconds(target: DeclaredTarget, name: str, number: int) -> float:
    return target.command(name, values={"repetition": str(number)}).seconds


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("manifest", type=Path)
    parser.add_argument("--by", required=True, help="who records, and answers for it")
    parser.add_argument("--machine", required=True, help="what machine, and how busy")
    parser.add_argument("--times", type=int, default=7, help="runs of each command")
    parser.add_argument("--junit", type=Path, help="report of a session, for the times of gates")
    parser.add_argument("--to", type=Path, required=True, help="file to write")
    return parser.parse_args()


if __name__ == "__main__":
    main()
