"""The source scan against a named peer on one generated tree: whole processes, in turn, medians.

The peer is semgrep where there is one (``--semgrep PATH``, or on the PATH, or with ``--install`` from the package
index into a temporary environment), with rules for the same calls; without it ripgrep or grep gives the scale,
which sees lines and no aliases. Prints ratios; a figure of one machine on one day is no goal.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

PLUGINS = Path(__file__).resolve().parent.parent / "plugins"
LIMIT = 3600
"""Seconds that one process may take."""
US = """
import sys
from pathlib import Path
from gatecourt.mechanisms.sourcescan.scanning import scan
root = Path(sys.argv[1])
found = scan({path.relative_to(root).as_posix(): path for path in root.rglob("*.*") if path.is_file()})
print(len(found.uses), len(found.findings))
"""
SEMGREP_RULES = """
rules:
- {id: py-clock, languages: [python], severity: ERROR, message: clock, pattern-either: [
    {pattern: time.time()}, {pattern: time.monotonic()}, {pattern: time.perf_counter()},
    {pattern: datetime.datetime.now(...)}, {pattern: datetime.datetime.utcnow()}, {pattern: datetime.date.today()}]}
- {id: py-random, languages: [python], severity: ERROR, message: random, pattern-either: [
    {pattern: random.random()}, {pattern: random.randint(...)}, {pattern: random.choice(...)},
    {pattern: os.urandom(...)}, {pattern: uuid.uuid4()}, {pattern: secrets.token_hex(...)}]}
- {id: js-clock, languages: [javascript, typescript], severity: ERROR, message: clock, pattern-either: [
    {pattern: Date.now()}, {pattern: new Date()}, {pattern: performance.now()}, {pattern: process.hrtime(...)}]}
- {id: js-random, languages: [javascript, typescript], severity: ERROR, message: random, pattern-either: [
    {pattern: Math.random()}, {pattern: crypto.randomBytes(...)}, {pattern: crypto.randomUUID()}]}
"""
WORDS = (
    r"(time\.(time|monotonic|perf_counter)|datetime\.now|random\.(random|randint|choice)|urandom|uuid4|token_hex"
    r"|Math\.random|Date\.now|new Date|performance\.now|hrtime|randomBytes|randomUUID)\("
)
PYTHON_HEADS = [
    "import math\nimport json\nfrom dataclasses import dataclass\n",
    "import os\nimport sys\nfrom pathlib import Path\n",
    "import datetime as dt\nimport logging\n",
    "import time\nimport random\nfrom datetime import datetime\n",
]
PYTHON_BODY = """

class Step{n}:
    '''Moves the order book by one bar; the time of the bar comes from outside.'''

    def __init__(self, book, clock, rng):
        self.book, self.clock, self.rng = book, clock, rng
        self.count = {{}}

    def apply(self, bars, limit={n}):
        total = 0.0
        for index, bar in enumerate(bars):
            if bar["close"] > limit and index % 7 == 0:
                total += bar["close"] * self.rng.uniform(0, 1)
                self.count[index] = [value for value in (total, bar["open"], limit) if value]
        return round(total, 9), self.clock()
"""
SCRIPT_HEADS = [
    "import { readFileSync } from 'node:fs';\nimport path from 'node:path';\n",
    "import { createHash } from 'node:crypto';\nimport { Ledger } from './ledger.mjs';\n",
    "import { Clock } from './clock.mjs';\n",
]
SCRIPT_BODY = """
export class Step{n} {{
  // takes its time from the clock that it is given
  constructor(book, clock, rng) {{
    Object.assign(this, {{ book, clock, rng, count: new Map() }});
  }}

  apply(bars, limit = {n}) {{
    let total = 0;
    for (const [index, bar] of bars.entries()) {{
      if (bar.close > limit && index % 7 === 0) {{
        total += bar.close * this.rng.next();
        this.count.set(index, [total, bar.open, `limit ${{limit}}`].filter(Boolean));
      }}
    }}
    return [total, this.clock.now()];
  }}
}}
"""
PYTHON_USE = "\n\ndef stamp():\n    return time.time(), random.random(), datetime.now()\n"
SCRIPT_USE = "\nexport const stamp = () => [Date.now(), Math.random(), new Date()];\n"


def main() -> None:
    """Generate the tree, run both in turn, print the ratio."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        lines = generate(tree, options.files)
        peer, command = _peer(options, Path(folder), tree)
        us = [sys.executable, "-c", US, str(tree)]
        ours, theirs = [], []
        for _ in range(options.rounds):
            ours.append(_seconds(us))
            theirs.append(_seconds(command))
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(f"{lines} lines, {options.files} files, {options.rounds} rounds")
    print(f"gatecourt {statistics.median(ours):.2f} s, {peer} {statistics.median(theirs):.2f} s")
    print(f"gatecourt is {ratio:.2f} times as fast as {peer}")


def generate(root: Path, files: int) -> int:
    """A tree half Python, half JavaScript; every eighth file holds uses. The number of lines."""
    chance = random.Random(7)  # noqa: S311 - a benchmark wants the same numbers again
    root.mkdir()
    total = 0
    for number in range(files):
        heads, body, use, suffix = (
            (PYTHON_HEADS, PYTHON_BODY, PYTHON_USE, "py")
            if number % 2
            else (SCRIPT_HEADS, SCRIPT_BODY, SCRIPT_USE, "mjs")
        )
        used = number % 8 < 2
        head = heads[-1] if used else chance.choice(heads)
        text = head + "".join(body.format(n=step) for step in range(chance.randint(8, 24))) + (use if used else "")
        (root / f"module_{number:05}.{suffix}").write_text(text)
        total += text.count("\n")
    return total


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--semgrep", default=shutil.which("semgrep"))
    parser.add_argument("--install", action="store_true", help="install semgrep into a temporary environment")
    parser.add_argument("--tiny", action="store_true", help="inputs that show only that it works")
    options = parser.parse_args()
    if options.tiny:
        options.files, options.rounds, options.semgrep = 16, 1, None
    return options


def _peer(options: argparse.Namespace, folder: Path, tree: Path) -> tuple[str, list[str]]:
    if options.install and not options.semgrep:
        options.semgrep = _installed(folder / "environment")
    if options.semgrep:
        rules = folder / "rules.yml"
        rules.write_text(SEMGREP_RULES)
        quiet = ["--metrics=off", "--disable-version-check", "--quiet", "--no-git-ignore", "--json"]
        return "semgrep", [options.semgrep, "scan", *quiet, "--config", str(rules), str(tree)]
    if tool := shutil.which("rg"):
        return "ripgrep", [tool, "--no-unicode", "-n", WORDS, str(tree)]
    return "grep", ["grep", "-rnE", WORDS, str(tree)]


def _installed(folder: Path) -> str | None:
    venv.create(folder, with_pip=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", "semgrep"], check=False, timeout=LIMIT)  # noqa: S603
    tool = folder / "bin" / "semgrep"
    return str(tool) if tool.exists() else None


def _seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, timeout=LIMIT, stdout=subprocess.DEVNULL, env=_environment())  # noqa: S603
    return time.perf_counter() - start


def _environment() -> dict[str, str]:
    tools = str(Path(sys.executable).parent)
    return {**os.environ, "PYTHONPATH": str(PLUGINS), "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}


if __name__ == "__main__":
    main()
