"""A log of telemetry rows judged, against a user's own script: orjson, jsonschema-rs and comparisons, in turn.

python benchmarks/telemetry_log.py [--rows 100000] [--rounds 5]

Both read every line, hold it against the town's row schema and compare two metrics with a bound; the suite's reader
also refuses what is no strict JSON, follows the identity of the rows, and keeps statistics, thresholds and summary.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from gatecourt.formats.files import Source, subject
from gatecourt.formats.json_schema import compile_schema
from gatecourt.rules.telemetry.reading import follow
from gatecourt.rules.telemetry.section import Identity, JudgedRows, LogSection, Threshold

TOWN = Path(__file__).parents[1] / "fixtures" / "townlet"
SCHEMA = "spec/telemetry_row.schema.json"
LIMIT = 3600
"""Seconds that one process may take."""
BOUNDS = {"kl_divergence": "0.5", "grad_norm": "5"}


def write_log(path: Path, rows: int) -> None:
    """One run of the town's learner, its rows repeated under running numbers."""
    words = ["train", "--config", "configs/scenarios/control.yaml", "--seed", "1", "--out", str(path.parent)]
    command = [sys.executable, "-B", "-m", "town", *words]
    subprocess.run(command, cwd=TOWN, check=True, timeout=LIMIT)  # noqa: S603 - fixed words
    made = [json.loads(line) for line in (path.parent / "telemetry/control.jsonl").read_text().splitlines()]
    with path.open("w") as stream:
        for number in range(rows):
            row = {**made[number % len(made)], "epoch": float(number + 1), "log_stream_offset": float(number + 1)}
            stream.write(json.dumps(row, separators=(",", ":")) + "\n")


def own_script(path: Path) -> int:
    """What a careful user writes: the same schema, the same bounds, the number of rows that break either."""
    import jsonschema_rs
    import orjson

    validator = jsonschema_rs.validator_for(orjson.loads((TOWN / SCHEMA).read_bytes()))
    bounds = {name: float(most) for name, most in BOUNDS.items()}
    bad = 0
    with path.open("rb") as stream:
        for line in stream:
            row = orjson.loads(line)
            bad += not validator.is_valid(row) or any(row[name] > most for name, most in bounds.items())
    return bad


def suite(path: Path) -> int:
    """The gate's own way through the log."""
    log = LogSection(
        files=(path.name,),
        identity=Identity(("epoch",), step={"epoch": Decimal(1)}),
        schema=SCHEMA,
        judged=JudgedRows("data_mode", "rollout"),
        thresholds={name: Threshold(at_most=Decimal(most), scope="all") for name, most in BOUNDS.items()},
    )
    source = Source(path, subject(path, path.name))
    return len(follow(source, log, compile_schema(TOWN, SCHEMA).validator).every())


def main() -> None:
    """Prints both medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tiny", action="store_true", help="inputs that show only that it works")
    options = parser.parse_args()
    if options.tiny:
        options.rows, options.rounds = 200, 1
    candidates: dict[str, Callable[[Path], int]] = {"own script": own_script, "gatecourt": suite}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.jsonl")
        write_log(path, options.rows)
        seconds: dict[str, list[float]] = {name: [] for name in candidates}
        for _ in range(options.rounds):
            for name, candidate in candidates.items():
                start = time.perf_counter()
                assert candidate(path) == 0  # both must have seen a clean log, or they did other work
                seconds[name].append(time.perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    for name, median in medians.items():
        print(f"{name:12} {options.rows / median:10.0f} rows/s  {medians['own script'] / median:5.2f} x own script")


if __name__ == "__main__":
    main()
