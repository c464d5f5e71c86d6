"""``python -m tests.mutants``: one-place changes to our own code, drawn from a printed seed: does a test notice?

Each change is made in a copy of this tree. There the tests run that import the changed module or lie in the folder
that mirrors it, and with ``--faults`` also the sample of the faults of the changed gate. A change that none of them
notices has survived. What is done is kept in ``reports/mutants/``: the same command goes on where it was stopped.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.bench import ROOT, environment, run
from tests.campaign.ledger import Ledger

PART = "mutant"
PACKAGE = Path("plugins/gatecourt")
LIMIT = 900.0
"""Seconds for the tests of one change; a change that makes them take longer is noticed."""
SLOW = ("tests/session/test_proof.py", "tests/test_installations.py", "tests/test_benchmarks.py")
FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ADDING = {"append", "extend", "add", "update"}


@dataclass(frozen=True)
class Mutant:
    """One change: the file below the root, the number of the place in it, what it is."""

    file: str
    place: int
    line: int
    change: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line} {self.change}"


def change_of(node: ast.AST) -> tuple[str, ast.AST] | None:
    """What can be changed at ``node``: its name and the new node; None where nothing is."""
    return _changed_expression(node) if isinstance(node, ast.expr) else _changed_statement(node)


def _changed_expression(node: ast.expr) -> tuple[str, ast.AST] | None:
    match node:
        case ast.Compare(ops=[operator]) if type(operator) in FLIPPED:
            return "comparison flipped", ast.Compare(node.left, [FLIPPED[type(operator)]()], node.comparators)
        case ast.BoolOp():
            return "and <-> or", ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        case ast.Constant(value=bool() as value):
            return f"{value} -> {not value}", ast.Constant(not value)
        case ast.Constant(value=int() as value):
            return f"{value} -> {value + 1}", ast.Constant(value + 1)
    return None


def _changed_statement(node: ast.AST) -> tuple[str, ast.AST] | None:
    match node:
        case ast.Continue():
            return "continue -> break", ast.Break()
        case ast.Return(value=ast.expr() as value) if not _is_none(value):
            return "return value dropped", ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Yield() | ast.YieldFrom()):
            return "yield dropped", ast.Expr(ast.IfExp(ast.Constant(False), node.value, ast.Constant(None)))
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr=name))) if name in ADDING:
            return f"{name} dropped", ast.Pass()
        case ast.AugAssign(op=ast.Add()):
            return "addition dropped", ast.Pass()
    return None


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


class _Walk(ast.NodeTransformer):
    """Visits the places of a module in their order; changes the one with the number ``wanted``."""

    def __init__(self, wanted: int | None = None) -> None:
        self.found: list[tuple[int, str]] = []
        self._wanted = wanted

    def visit(self, node: ast.AST) -> ast.AST:
        """Changes ``node``, or looks at what is in it; an annotation decides nothing and is left alone."""
        if changed := change_of(node):
            self.found.append((getattr(node, "lineno", 0), changed[0]))
            if len(self.found) - 1 == self._wanted:
                return ast.copy_location(changed[1], node)
        if isinstance(node, ast.arg):
            return node
        if isinstance(node, ast.AnnAssign):
            node.value = self.visit(node.value) if node.value else None  # type: ignore[assignment]  # an expression
            return node
        return self.generic_visit(node)


def places(source: str) -> list[tuple[int, str]]:
    """Line and change of each place of a module, in the order of their numbers."""
    walk = _Walk()
    walk.visit(ast.parse(source))
    return walk.found


def mutated(source: str, place: int) -> str:
    """The module with the change at ``place``."""
    return ast.unparse(ast.fix_missing_locations(_Walk(place).visit(ast.parse(source)))) + "\n"


def draw(root: Path, seed: int, count: int) -> list[Mutant]:
    """``count`` changes, the same for one seed and one state of the code."""
    modules = sorted((root / PACKAGE).rglob("*.py"))
    every = [
        Mutant(path.relative_to(root).as_posix(), number, line, change)
        for path in modules
        for number, (line, change) in enumerate(places(path.read_text()))
    ]
    return random.Random(seed).sample(every, min(count, len(every)))


def own_tests(root: Path, file: str) -> list[str]:
    """The test modules that import the module, and those of the folder that mirrors it (or the nearest above it)."""
    module = ".".join(Path(file).relative_to("plugins").with_suffix("").parts).removesuffix(".__init__")
    head, _, name = module.rpartition(".")
    wanted = re.compile(rf"{re.escape(module)}\b|from {re.escape(head)} import .*\b{re.escape(name)}\b")
    named = {path for path in (root / "tests").rglob("test_*.py") if wanted.search(path.read_text())}
    mirror = root / "tests" / Path(file).relative_to(PACKAGE).parent
    while not (found := sorted(mirror.glob("**/test_*.py"))):
        mirror = mirror.parent
    chosen = named | set(found if mirror != root / "tests" or not named else ())
    return sorted(name for path in chosen if (name := path.relative_to(root).as_posix()) not in SLOW)


def judge(root: Path, mutant: Mutant, *, faults: bool) -> tuple[bool, str]:
    """Whether the change is noticed in the copy at ``root``, and by what. The copy is as before afterwards."""
    path = root / mutant.file
    source = path.read_text()
    path.write_text(mutated(source, mutant.place))
    try:
        noticed = _by_tests(root, mutant)
        gate = re.match(r"plugins/gatecourt/rules/(\w+)/", mutant.file)
        if not noticed and faults and gate:
            noticed = _by_faults(root, gate[1])
    finally:
        path.write_text(source)
    if noticed.startswith("tests/") and _pytest(root, "-c", "tests/pytest.ini", noticed).returncode:
        return False, f"undecided: {noticed} fails without the change"
    return (True, f"killed by {noticed}") if noticed else (False, "survived")


def _by_tests(root: Path, mutant: Mutant) -> str:
    try:
        done = _pytest(root, "-x", "--timeout=120", "-rfE", "-c", "tests/pytest.ini", *own_tests(root, mutant.file))
    except subprocess.TimeoutExpired:
        return f"the limit of {LIMIT:.0f} s"
    if done.returncode == 0:
        return ""
    failed = re.search(r"^(?:FAILED|ERROR) (tests/\S+::\S+?)(?: - |$)", done.stdout, re.MULTILINE)
    return failed[1] if failed else "the import"


def _by_faults(root: Path, gate: str) -> str:
    try:
        done = _pytest(root, "--prove=sample", "-m", gate)
    except subprocess.TimeoutExpired:
        return f"the limit of {LIMIT:.0f} s"
    return f"the faults of {gate}" if done.returncode else ""


def _pytest(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", *words]
    return run(command, cwd=root, env=environment(root / "plugins"), limit=LIMIT)


def campaign(ledger: Ledger, drawn: list[Mutant], seed: int, *, faults: bool) -> Iterator[str]:
    """Judges what is open, and gives a line for each."""
    items = {f"{seed}/{mutant}/{mutant.place}": mutant for mutant in drawn}
    left = ledger.open_items(PART, items)
    if not left:
        return
    with tempfile.TemporaryDirectory(prefix="gatecourt-mutants-") as folder:
        root = Path(folder) / "tree"
        skipped = shutil.ignore_patterns(".*", "reports", "__pycache__", "dist")
        shutil.copytree(ROOT, root, ignore=skipped, symlinks=True)
        for item in left:
            noticed, detail = judge(root, items[item], faults=faults)
            ledger.note(PART, item, good=noticed, told=detail)
            yield f"{items[item]}: {detail}"


def main() -> int:
    """0 where every change has been judged."""
    parser = argparse.ArgumentParser(prog="mutants", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="what the changes are drawn from")
    parser.add_argument("--count", type=int, default=100, help="how many changes")
    parser.add_argument("--faults", action="store_true", help="what no test notices is held against the faults")
    parser.add_argument("--fresh", action="store_true", help="begin again")
    options = parser.parse_args()
    path = ROOT / "reports" / "mutants" / f"{options.seed}.jsonl"
    if options.fresh:
        path.unlink(missing_ok=True)
    print(f"seed {options.seed}, {options.count} changes, ledger {path}", flush=True)
    ledger, drawn = Ledger(path), draw(ROOT, options.seed, options.count)
    for line in campaign(ledger, drawn, options.seed, faults=options.faults):
        print(line, flush=True)
    rows = ledger.of(PART, [f"{options.seed}/{mutant}/{mutant.place}" for mutant in drawn])
    print(f"\n{sum(row['good'] for row in rows)} of {len(rows)} changes noticed; not noticed:")
    for row in rows:
        if not row["good"]:
            print(f"  {row['item']}: {row['told']}")
    return 0 if len(rows) == len(drawn) else 1


if __name__ == "__main__":
    sys.exit(main())
