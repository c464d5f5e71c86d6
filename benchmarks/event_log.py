"""One pass over an event log, ours against the script that a user would write: ajv on node with hand-split lines.

    python benchmarks/event_log.py [--megabytes 50] [--rounds 3]

Both judge every line of one generated log against one schema and gather the same statistics (counts by category and
level, steps back in time, gaps in the sequence); ours does the rest of its work besides. Each round runs both as whole
processes, one after the other. ajv comes from npm into a temporary folder; without npm the peer is jsonschema-rs over
orjson in Python. What is printed are ratios of medians.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

STRING, NUMBER, COUNT = {"type": "string", "minLength": 1}, {"type": "number"}, {"type": "integer", "minimum": 0}
SIDE = {"enum": ["BUY", "SELL"]}
PAYLOADS: dict[str, dict[str, Any]] = {
    "bar_processed": {"bar_idx": COUNT, "open": NUMBER, "high": NUMBER, "low": NUMBER, "close": NUMBER},
    "signal_generated": {"strategy": STRING, "strength": {"type": "number", "minimum": 0, "maximum": 1}, "side": SIDE},
    "risk_check": {"passed": {"type": "boolean"}, "equity_usd": NUMBER, "drawdown": {"type": "number", "minimum": 0}},
    "order_placed": {"order_id": STRING, "side": SIDE, "size_usd": {"type": "number", "exclusiveMinimum": 0}},
    "order_filled": {"order_id": STRING, "price": NUMBER, "fee_usd": NUMBER, "latency_ms": COUNT},
    "phase_complete": {"phase": STRING, "duration_ms": COUNT},
}
CATEGORY = {"bar": "DATA", "signal": "ORCH", "risk": "RISK", "order": "EXEC", "phase": "SYS"}


LIMIT = 3600
"""Seconds that one process may take."""


def schema() -> dict[str, Any]:
    """Six event types by ``oneOf``, nothing else allowed."""

    def closed(properties: dict[str, Any]) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }

    head = {"ts_ms": COUNT, "seq": COUNT, "run_id": STRING, "category": {"enum": sorted(set(CATEGORY.values()))}}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "oneOf": [
            closed(
                head
                | {
                    "event_type": {"const": kind},
                    "level": {"enum": ["DEBUG", "INFO", "WARN", "ERROR", "CRITICAL"]},
                    "payload": closed(payload),
                }
            )
            for kind, payload in PAYLOADS.items()
        ],
    }


def value(rng: random.Random, name: str, kind: dict[str, Any], place: int) -> Any:
    """Something valid for one key of a payload."""
    if name == "order_id":
        return f"bench_a2_base_{place // 6}"
    if "enum" in kind:
        return rng.choice(kind["enum"])
    if name == "strength":
        return rng.random()
    makers: dict[str, Callable[[], Any]] = {
        "string": lambda: rng.choice(["momentum", "carry", "breakout"]),
        "boolean": lambda: rng.random() < 0.97,
        "integer": lambda: rng.randrange(900),
        "number": lambda: rng.uniform(0.01, 90_000),
    }
    return makers[kind["type"]]()


def events(seed: int) -> Iterator[bytes]:
    """Lines without end; one in a hundred does not meet the schema."""
    rng = random.Random(seed)  # noqa: S311 - a benchmark wants the same numbers again
    time_ms = 1_795_163_637_000
    for place in range(sys.maxsize):
        kind = list(PAYLOADS)[place % len(PAYLOADS)]
        time_ms += rng.randrange(40)
        payload = {name: value(rng, name, schema, place) for name, schema in PAYLOADS[kind].items()}
        event = {
            "ts_ms": time_ms,
            "seq": place,
            "run_id": "bench_run_01",
            "category": CATEGORY[kind.split("_")[0]],
            "event_type": kind,
            "level": "INFO",
            "payload": payload,
        }
        if rng.random() < 0.01:
            payload["unknown"] = None
        yield json.dumps(event, separators=(",", ":")).encode() + b"\n"


def generate(path: Path, size: int) -> None:
    """Write a log of ``size`` bytes, rounded up to a line."""
    with path.open("wb") as stream:
        for line in events(7):
            size -= stream.write(line)
            if size <= 0:
                return


AJV = """
const fs = require('fs'); const Ajv = require('ajv/dist/2020').default;
const [log, schema] = process.argv.slice(-2);
const validate = new Ajv({strict: false}).compile(JSON.parse(fs.readFileSync(schema, 'utf8')));
const categories = {}, levels = {}; let invalid = 0, back = 0, gaps = 0, time = -1, seq = -1, rest = Buffer.alloc(0);
function line(text) {
  let event; try { event = JSON.parse(text); } catch { invalid++; return; }
  if (!validate(event)) invalid++;
  categories[event.category] = (categories[event.category] || 0) + 1;
  levels[event.level] = (levels[event.level] || 0) + 1;
  if (event.ts_ms < time) back++; time = event.ts_ms;
  if (event.seq !== seq + 1) gaps++; seq = event.seq;
}
const file = fs.openSync(log); const chunk = Buffer.alloc(1 << 20);
for (let n; (n = fs.readSync(file, chunk)) > 0;) {
  const data = Buffer.concat([rest, chunk.subarray(0, n)]); let at = 0;
  for (let end; (end = data.indexOf(10, at)) >= 0; at = end + 1) line(data.toString('utf8', at, end));
  rest = Buffer.from(data.subarray(at));
}
console.log(JSON.stringify({invalid, back, gaps, categories, levels}));
"""

PYTHON_PEER = """
import sys, collections, jsonschema_rs, orjson
log, schema = sys.argv[-2:]
validator = jsonschema_rs.validator_for(orjson.loads(open(schema, 'rb').read()))
categories, levels = collections.Counter(), collections.Counter()
invalid = back = gaps = 0; time = seq = -1
for line in open(log, 'rb'):
    event = orjson.loads(line)
    invalid += not validator.is_valid(event)
    categories[event['category']] += 1; levels[event['level']] += 1
    back += event['ts_ms'] < time; time = event['ts_ms']
    gaps += event['seq'] != seq + 1; seq = event['seq']
print(orjson.dumps(dict(invalid=invalid, back=back, gaps=gaps, categories=categories, levels=levels)).decode())
"""


def ours(log: Path, schema_path: Path) -> dict[str, Any]:
    """One pass with everything that the gate asks for."""
    from gatecourt.rules.events import section as keys
    from gatecourt.rules.events.scan import scan
    from gatecourt.rules.events.schema import LineSchema

    section = keys.EventsSection(
        logs=("*.jsonl",),
        schema=schema_path.name,
        dialect={
            "bench": keys.Dialect(
                time="/ts_ms",
                type="/event_type",
                sequence="/seq",
                run="/run_id",
                category="/category",
                level="/level",
                payload="/payload",
            )
        },
        minimum=keys.CountZones(100, 10),
        error_rate=keys.RateZones(Decimal("0.05"), Decimal("0.10")),
        complete=keys.Completion(event="run_complete"),
        lifecycle={"run": keys.Pair("run_start", "run_complete")},
        orders=keys.Orders(("order_placed",), ("order_filled",), "/order_id"),
        slow=keys.Slow("/duration_ms", "ms", Decimal(1)),
        cascade=keys.Cascade(50, 3, {"data gap": keys.EventCondition("DATA", "gap")}),
        surface={"breach": keys.EventCondition("RISK", "breach")},
    )
    log_summary = scan(log, log.name, section, LineSchema(schema_path, schema_path.name))
    found = {name: sum(map(weight, told)) for name, told in log_summary.findings.items()}
    return {
        "invalid": found.get("schema", 0),
        "back": found.get("clock", 0),
        "gaps": found.get("sequence", 0),
        "categories": log_summary.by_category(),
        "levels": log_summary.by_level(),
    }


def weight(finding: Any) -> int:
    """How many findings one stands for."""
    words = finding.observed.split(" more like these")
    return int(words[0]) if len(words) == 2 else 1


def peer(folder: Path, *, local: bool = False) -> tuple[str, list[str]]:
    """The name and the command of the peer; with ``local`` the one that needs no installation."""
    npm, node = (None, None) if local else (shutil.which("npm"), shutil.which("node"))
    if npm and node:
        command = [npm, "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), "ajv@8"]
        installed = subprocess.run(command, check=False, timeout=LIMIT, capture_output=True)  # noqa: S603 - our words
        if installed.returncode == 0:
            (folder / "peer.js").write_text(AJV)
            return "ajv 8 on node, hand-split lines", [node, str(folder / "peer.js")]
    (folder / "peer.py").write_text(PYTHON_PEER)
    return "jsonschema-rs over orjson (without npm)", [sys.executable, str(folder / "peer.py")]


def timed(command: Sequence[str]) -> tuple[float, dict[str, Any]]:
    """Seconds of wall time and the answer of one process."""
    before = time.perf_counter()
    done = subprocess.run(command, check=True, timeout=LIMIT, capture_output=True)  # noqa: S603 - our own commands
    return time.perf_counter() - before, json.loads(done.stdout)


def main() -> None:
    """Generate, run in turn, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--ours", nargs=2, type=Path, metavar=("LOG", "SCHEMA"), help=argparse.SUPPRESS)
    parser.add_argument("--tiny", action="store_true", help="inputs that show only that it works")
    options = parser.parse_args()
    if options.tiny:
        options.megabytes, options.rounds = 1, 1
    if options.ours:
        print(json.dumps(ours(*options.ours)))
        return
    with tempfile.TemporaryDirectory() as name:
        compare(Path(name), options.megabytes, options.rounds, local=options.tiny)


def compare(folder: Path, megabytes: int, rounds: int, *, local: bool = False) -> None:
    """Run both on one log and print the ratio."""
    log, schema_path = folder / "log.jsonl", folder / "schema.json"
    generate(log, megabytes * 1_000_000)
    schema_path.write_text(json.dumps(schema()))
    name, command = peer(folder, local=local)
    commands = {"ours": [sys.executable, __file__, "--ours"], "peer": command}
    times: dict[str, list[float]] = {who: [] for who in commands}
    answers: dict[str, dict[str, Any]] = {}
    for _ in range(rounds):
        for who in commands:
            seconds, answers[who] = timed([*commands[who], str(log), str(schema_path)])
            times[who].append(seconds)
    ratio = statistics.median(times["peer"]) / statistics.median(times["ours"])
    print(f"{megabytes} MB, 1 % of the lines invalid, six event types by oneOf")
    print(f"{rounds} rounds, whole processes, wall time, medians")
    print(f"peer: {name}; {os.cpu_count()} cores, both on one")
    print(f"same answer: {answers['ours'] == answers['peer']} ({answers['ours']['invalid']} invalid lines)")
    print(f"ours is {ratio:.2f} times as fast as the peer")


if __name__ == "__main__":
    main()
