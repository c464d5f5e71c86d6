"""``gatecourt``: the commands that need no pytest session."""

from __future__ import annotations

import argparse
import datetime
import io
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from gatecourt.core.errors import GatecourtError
from gatecourt.court.renderers.stored import decide
from gatecourt.court.renderers.terminal import plain, plain_lines

_CODES = (
    "Exit codes: 0 PASS, 1 FAIL, 2 HOLD, 3 ERROR, 4 usage or unusable file, "
    "5 incomplete, partial, stale or about another commit."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; a usage error is 4, as everywhere in the suite."""
    parser = argparse.ArgumentParser(
        prog="gatecourt", description="The commands of gatecourt that need no pytest session.", epilog=_CODES
    )
    commands = parser.add_subparsers(dest="command", required=True)
    verdict = commands.add_parser("verdict", help="give the verdict of a stored court report as an exit code")
    verdict.add_argument("report", type=Path, help="path of court_report.json")
    verdict.add_argument("--commit", help="the commit that the report must be about")
    verdict.add_argument("--max-age", metavar="DURATION", help='how old the report may be, such as "1h"')
    verdict.add_argument("--allow-superseded", action="store_true", help="read a report that a newer session replaced")
    verdict.set_defaults(run=_verdict)
    run = commands.add_parser("run", help="judge with pytest in a fresh interpreter and give the verdict's exit code")
    run.add_argument("arguments", nargs=argparse.REMAINDER, metavar="-- PYTEST ARGUMENTS")
    run.set_defaults(run=_run)
    schema = commands.add_parser("schema", help="print the JSON Schema of gates.toml, for editors")
    schema.set_defaults(run=_schema)
    doctor = commands.add_parser("doctor", help="show versions, extras and the isolation that runs can have here")
    doctor.set_defaults(run=_doctor)
    _add_baselines(commands)
    _add_watch(commands)
    try:
        options = parser.parse_args(arguments)
    except SystemExit as stop:
        return 4 if stop.code else 0
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for characters that its encoding cannot write
    try:
        return _flushed(_run_command(options))
    except BrokenPipeError:
        _silence_output()
        return 0  # the reader has closed the pipe


def _run_command(options: argparse.Namespace) -> int:
    try:
        code: int = options.run(options)
    except GatecourtError as error:
        print(plain_lines(f"gatecourt: {error}"), file=sys.stderr)
        return 4
    except BrokenPipeError:
        raise
    except OSError as error:
        return _write_error(error)
    except KeyboardInterrupt:
        return 130  # as a shell does: interrupted before there was a result
    return code


def _flushed(code: int) -> int:
    """``code``, or 4 where the output could not be written. Raises ``BrokenPipeError`` where the reader is gone."""
    if sys.stdout is None:
        return code
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        if code == 4:  # that has been printed already
            _silence_output()
            return 4
        return _write_error(error)
    return code


def _write_error(error: OSError) -> int:
    _silence_output()
    print(f"gatecourt: {error.filename or 'output'}: {error.strerror or error}", file=sys.stderr)
    return 4


def _silence_output() -> None:
    # Python's own last flush must not fail once more.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _add_baselines(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    record = commands.add_parser("record", help="record a log's baseline from several runs, and pin it")
    calibrate = commands.add_parser("calibrate", help="measure the noise of a recorded baseline from further runs")
    compare = commands.add_parser("compare", help="compare the logs of two runs under the bands of a log")
    compare.add_argument("first", metavar="A", help="a log, or the output folder of a run")
    compare.add_argument("second", metavar="B", help="the log, or the output folder, of the other run")
    for command in (record, calibrate, compare):
        command.add_argument("--target", required=True, metavar="PATH", help="the gates.toml, or a reference system")
        command.add_argument("--log", required=True, metavar="NAME", help="NAME of a [telemetry.log.NAME] with bands")
        command.set_defaults(run=_baselines)
    for command in (record, calibrate):
        command.add_argument("--author", required=True, help="who is responsible for it")
        runs = command.add_mutually_exclusive_group()
        runs.add_argument("--seeds", type=int, metavar="N", help="runs, each with its own seed (20)")
        runs.add_argument(
            "--from",
            action="extend",
            nargs="+",
            dest="logs",
            metavar="LOG",
            help="instead of running: logs, or output folders, of earlier runs; each is one sample",
        )
    record.add_argument("--reason", required=True, help="why it is recorded")
    calibrate.add_argument("--reason", default="the noise of the baseline", help="why it is measured")


def _add_watch(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    watch = commands.add_parser("watch", help="follow a growing log: alerts as they come, a verdict at the end")
    watch.add_argument(
        "source",
        help="a file, - for standard input, tcp://HOST:PORT to connect to, or listen://HOST:PORT to be connected to",
    )
    watch.add_argument("--target", required=True, metavar="PATH", help="the gates.toml, or a reference system")
    rules = watch.add_mutually_exclusive_group()
    rules.add_argument("--log", metavar="NAME", help="by the rules of [telemetry.log.NAME]")
    rules.add_argument("--stream", metavar="NAME", help="by the rules of [telemetry.stream.NAME]")
    rules.add_argument("--events", action="store_true", help="by the rules of [events]")
    watch.add_argument("--json", action="store_true", help="one JSON object a line instead of text")
    watch.add_argument("--deadline", metavar="DURATION", help='stop after so long, such as "10 min"')
    watch.add_argument("--idle", metavar="DURATION", help='stop when no line came for so long, such as "30s"')
    watch.set_defaults(run=_watch)


def _watch(options: argparse.Namespace) -> int:
    from gatecourt.commands.watch.command import run

    return run(options)


def _baselines(options: argparse.Namespace) -> int:
    from gatecourt.commands.baselines import commands

    runs = {"record": commands.run_record, "calibrate": commands.run_calibrate, "compare": commands.run_compare}
    return runs[options.command](options)


def _verdict(options: argparse.Namespace) -> int:
    now = datetime.datetime.now(datetime.UTC)
    allow = options.allow_superseded
    code, line = decide(options.report, options.commit, options.max_age, now, allow_superseded=allow)
    print(plain(line))
    return code


def _run(options: argparse.Namespace) -> int:
    from gatecourt.commands.run.command import run

    return run([word for index, word in enumerate(options.arguments) if index or word != "--"])


def _doctor(_: argparse.Namespace) -> int:
    from gatecourt.commands.doctor.command import run

    return run()


def _schema(_: argparse.Namespace) -> int:
    from gatecourt.rules.registry import pytest_gatecourt_gates
    from gatecourt.system.manifest.json_schema import manifest_schema
    from gatecourt.system.manifest.loading import section_types

    print(json.dumps(manifest_schema(section_types(pytest_gatecourt_gates())), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
