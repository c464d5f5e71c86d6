"""Two runs compared, against ``diff``, ``cmp`` and deepdiff, in turn on the same files: medians and their ratios.

python benchmarks/difference.py [--megabytes 200] [--rounds 5]
"""

from __future__ import annotations

import argparse
import json
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gatecourt.rules.determinism.files import first_divergence
from gatecourt.rules.determinism.section import Mask

CLOCK = Mask("*.jsonl", "/ts_ms", "integer", "wall clock")
Candidate = Callable[[], object]
LIMIT = 3600
"""Seconds that one process may take."""


def event(number: int, clock: int, qty: float) -> str:
    """One line as a trading engine's log has them, about 200 bytes."""
    record = {
        "seq": number,
        "ts_ms": clock + number,
        "run_id": "bench_0001",
        "category": "EXEC",
        "event_type": "order_filled",
        "level": "INFO",
        "payload": {
            "order_id": f"ord_{number:09d}",
            "symbol": "BTC/USDT",
            "qty": qty,
            "price": 50000 + number % 977 / 8,
        },
    }
    return json.dumps(record, separators=(",", ":")) + "\n"


def write_log(path: Path, megabytes: int, clock: int, *, differs: bool = False) -> None:
    """A log of the given size; with ``differs`` the last event but one has another quantity."""
    events = megabytes * 1_000_000 // len(event(500_000, clock, 0.25))
    with path.open("w") as stream:
        stream.writelines(event(n, clock, 0.5 if differs and n == events - 2 else 0.25) for n in range(events))


def write_document(path: Path, last: float) -> None:
    """A report of about 1 MB; only the last trade depends on ``last``."""
    trades = [{"id": n, "side": "BUY", "pnl": n / 7, "tags": ["a", "b"], "fills": {"qty": 1.5}} for n in range(13_000)]
    trades[-1]["pnl"] = last
    path.write_text(json.dumps({"trades": trades}))


def medians(candidates: dict[str, Candidate], rounds: int) -> dict[str, float]:
    """Seconds of each candidate, all of them in turn in every round."""
    seconds: dict[str, list[float]] = {name: [] for name in candidates}
    for _ in range(rounds):
        for name, candidate in candidates.items():
            start = time.perf_counter()
            candidate()
            seconds[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in seconds.items()}


def tool(name: str, left: Path, right: Path) -> Candidate:
    """A program of the system as a candidate."""
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is not installed")
    command = [found, str(left), str(right)]
    keys: dict[str, Any] = {"stdout": subprocess.DEVNULL, "check": False}
    return lambda: subprocess.run(command, timeout=LIMIT, **keys)  # noqa: S603 - fixed programs


def deepdiff_of(left: Path, right: Path) -> Candidate:
    """deepdiff on two parsed documents, reading included."""
    from deepdiff import DeepDiff

    return lambda: DeepDiff(json.loads(left.read_bytes()), json.loads(right.read_bytes()))


def identical_logs(folder: Path, megabytes: int, rounds: int) -> None:
    """Goal: within 2 times of diff."""
    left, right = folder / "left.jsonl", folder / "right.jsonl"
    write_log(left, megabytes, 1_700_000_000_000)
    shutil.copyfile(left, right)
    found = medians(
        {
            "ours": lambda: first_divergence(left, right, "log.jsonl"),
            "diff": tool("diff", left, right),
            "cmp": tool("cmp", left, right),
        },
        rounds,
    )
    print(
        f"identical logs, {megabytes} MB: {found['ours'] / found['diff']:.2f} times the time of diff (goal: at most 2)"
    )
    print(f"                        {found['ours'] / found['cmp']:.2f} times the time of cmp")


def masked_logs(folder: Path, megabytes: int, rounds: int) -> None:
    """Goal: at least 60 MB/s a core."""
    left, right = folder / "left.jsonl", folder / "right.jsonl"
    write_log(left, megabytes, 1_700_000_000_000)
    write_log(right, megabytes, 1_800_000_000_000, differs=True)
    divergence = first_divergence(left, right, "log.jsonl", [CLOCK]).divergence
    if divergence is None or divergence.pointer != "/payload/qty":
        raise SystemExit("the masked logs were not told apart where they differ")
    found = medians({"ours": lambda: first_divergence(left, right, "log.jsonl", [CLOCK])}, max(rounds // 2, 1))
    print(f"masked logs, {megabytes} MB: {left.stat().st_size / 1e6 / found['ours']:.0f} MB/s (goal: at least 60)")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory of this process so far: {peak:.0f} MB")


def documents(folder: Path, rounds: int) -> None:
    """Goal: at least 30 times faster than deepdiff."""
    left, right = folder / "left.json", folder / "right.json"
    write_document(left, 1.0)
    write_document(right, 2.0)
    ours = medians({"ours": lambda: first_divergence(left, right, "report.json")}, rounds)["ours"]
    theirs = medians({"deepdiff": deepdiff_of(left, right)}, max(rounds // 2, 1))["deepdiff"]
    size = left.stat().st_size / 1e6
    print(f"documents, {size:.1f} MB: {theirs / ours:.0f} times as fast as deepdiff (goal: at least 30)")


def main() -> int:
    """Print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tiny", action="store_true", help="inputs that show only that it works")
    options = parser.parse_args()
    if options.tiny:
        options.megabytes, options.rounds = 1, 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        identical_logs(folder, options.megabytes, options.rounds)
        masked_logs(folder, options.megabytes, options.rounds)
        documents(folder, options.rounds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
