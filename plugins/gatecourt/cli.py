"""``gatecourt``: the commands that need no pytest session."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gatecourt.errors import GatecourtError
from gatecourt.renderers.stored import decide

_CODES = (
    "Exit codes: 0 PASS, 1 FAIL, 2 HOLD, 3 ERROR, 4 usage or unusable file, "
    "5 roll incomplete, partial, stale or about another commit."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; a usage error is 4, as everywhere in the suite."""
    parser = argparse.ArgumentParser(prog="gatecourt", description=__doc__, epilog=_CODES)
    commands = parser.add_subparsers(dest="command", required=True)
    verdict = commands.add_parser("verdict", help="say what a stored court report decided, as an exit code")
    verdict.add_argument("report", type=Path, help="path of court_report.json")
    verdict.add_argument("--commit", help="the commit that the report must be about")
    verdict.add_argument("--max-age", metavar="DURATION", help='how old the report may be, such as "1h"')
    verdict.set_defaults(run=_verdict)
    schema = commands.add_parser("schema", help="print the JSON Schema of gates.toml, for editors")
    schema.set_defaults(run=_schema)
    try:
        options = parser.parse_args(arguments)
    except SystemExit as stop:
        return 4 if stop.code else 0
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough; Python's own last flush must not find the closed pipe either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except GatecourtError as error:
        print(f"gatecourt: {error}", file=sys.stderr)
        return 4
    return code


def _verdict(options: argparse.Namespace) -> int:
    code, line = decide(options.report, options.commit, options.max_age, datetime.datetime.now(datetime.UTC))
    print(line)
    return code


def _schema(_: argparse.Namespace) -> int:
    from gatecourt.manifest.json_schema import manifest_schema
    from gatecourt.manifest.loading import section_types
    from gatecourt.registry import pytest_gatecourt_gates

    print(json.dumps(manifest_schema(section_types(pytest_gatecourt_gates())), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
