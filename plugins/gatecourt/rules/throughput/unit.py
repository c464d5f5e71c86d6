"""The unit of recorded times, so that those of one machine can be compared with those of another.

One unit is the wall-clock time of one round of ``workload``: the median of ``ROUNDS`` rounds in a fresh Python process
of a session of its own, the cyclic collector off. A round builds 1500 small records, writes them as JSON with sorted
keys, reads them again, adds up a product of floats, sorts by two keys, and digests the text. It is about what a small
system in Python does with its data; disks, starting processes and other languages are not in it.
"""

from __future__ import annotations

import gc
import hashlib
import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

NAME = "gatecourt/unit/1"
"""Changes whenever the workload does: times in other units cannot be compared."""

ROUNDS = 9
_RECORDS = 1500


def workload() -> tuple[str, float, int]:
    """One round. The result is the same everywhere; it is returned so that nothing of the work can be left out."""
    written = [_record(number) for number in range(_RECORDS)]
    text = json.dumps(written, sort_keys=True)
    rows: list[dict[str, Any]] = json.loads(text)
    total = 0.0
    for row in rows:
        total += row["qty"] * row["price"]
    rows.sort(key=lambda row: (row["price"], -row["seq"]))
    return hashlib.sha256(text.encode()).hexdigest(), total, rows[0]["seq"]


def _record(number: int) -> dict[str, Any]:
    side = "BUY" if number % 2 else "SELL"
    return {"seq": number, "qty": number / 4, "price": 40_000 + number % 977 / 8, "side": side, "tags": ["a", side]}


def measure() -> float:
    """One unit on this machine at this moment, in seconds.

    It is measured as commands are run: a scheduler shares a busy machine out among sessions before it does so among
    the processes of one, and this process is in a session with whatever else was started beside it.
    """
    command = [sys.executable, "-I", "-S", __file__]
    finished = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, start_new_session=True)  # noqa: S603 - this file
    return float(finished.stdout)


def median_round(clock: Callable[[], float] = time.perf_counter) -> float:
    """The median of the rounds in this process, in what ``clock`` counts."""
    was = gc.isenabled()
    gc.disable()
    try:
        return statistics.median(_timed(clock) for _ in range(ROUNDS))
    finally:
        if was:
            gc.enable()


def _timed(clock: Callable[[], float]) -> float:
    began = clock()
    workload()
    return clock() - began


if __name__ == "__main__":
    print(median_round())
