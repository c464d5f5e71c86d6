"""``gatecourt watch``: follows a source under the rules that the command line selects."""

from __future__ import annotations

import argparse
import contextlib
import re
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TextIO
from urllib.parse import urlsplit

from gatecourt.commands.watch.judge import EventsWatch, LineJudge, RowsWatch, StreamWatch
from gatecourt.commands.watch.output import JsonOutput, TextOutput
from gatecourt.commands.watch.session import NEVER_CAME, TimeLimits, WatchRun
from gatecourt.commands.watch.sources.connection import follow_clients, follow_descriptor, follow_server
from gatecourt.commands.watch.sources.file import follow_file
from gatecourt.commands.watch.sources.pieces import Piece
from gatecourt.core.errors import GatecourtError, Judged
from gatecourt.core.gatespec import reasons_of
from gatecourt.core.layout import manifest_path
from gatecourt.court.renderers.stored import CODES
from gatecourt.formats.files import open_regular
from gatecourt.formats.quantities import parse_seconds
from gatecourt.rules.events.gate import EVENTS
from gatecourt.rules.events.section import EventsSection
from gatecourt.rules.registry import pytest_gatecourt_gates
from gatecourt.rules.telemetry.section import TelemetrySection
from gatecourt.system.manifest.loading import load
from gatecourt.system.target import DeclaredTarget, Sandbox

_ADDRESS = re.compile(r"(tcp|listen):|.*://", re.IGNORECASE | re.DOTALL)
"""What is meant as an address, be it a wrong one; a file of such a name is reached as ``./tcp:name``."""


class Refused(GatecourtError):
    """A request that cannot be met: what stands in its way, in one line."""


def run(options: argparse.Namespace) -> int:
    """Follows the source to its end; returns the exit code of the verdict. Raises ``GatecourtError``."""
    gates = {gate.marker: gate for gate in pytest_gatecourt_gates()}
    manifest = load(manifest_path(Path(options.target)), gates)
    reasons = reasons_of(gates.values(), NEVER_CAME)
    label = _label(options.source)
    limits = TimeLimits(_duration("--deadline", options.deadline), _duration("--idle", options.idle))
    output = JsonOutput(_output()) if options.json else TextOutput(_output())
    with tempfile.TemporaryDirectory(prefix="gatecourt-watch-") as folder, _interruptible():
        target = DeclaredTarget(manifest, Sandbox(Path(folder), gates))
        try:
            judge = _judge(options, target, label)
            with _pieces(options.source, limits) as pieces:
                output.began(options.source)
                outcome = WatchRun(label, judge, reasons, output, limits).run(pieces)
        except Judged as judged:
            raise Refused(str(judged)) from judged
        except BrokenPipeError:
            raise
        except OSError as error:
            raise Refused(f"{options.source}: expected something to follow, {error.strerror or error}") from error
    return CODES[outcome.verdict]


def _output() -> TextIO:
    """Standard output. Raises ``Refused`` where it is closed."""
    output: TextIO | None = sys.stdout
    if output is None:
        raise Refused("standard output: expected it open, found it closed")
    return output


def _duration(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    try:
        return float(parse_seconds(text))
    except ValueError as error:
        raise Refused(f"{option}: {error}") from error


def _label(source: str) -> str:
    return {"-": "stdin"}.get(source, source if _ADDRESS.match(source) else Path(source).name)


def _judge(options: argparse.Namespace, target: DeclaredTarget, label: str) -> LineJudge:
    """The selected rules, or the only ones that there are. Raises ``Refused`` and ``Judged``."""
    choices = _choices(target, label)
    asked = [f"--{kind} {name}" for kind in ("log", "stream") if (name := getattr(options, kind))]
    asked += ["--events"] if options.events else []
    if not asked and len(choices) == 1:
        asked = list(choices)
    if not asked or asked[0] not in choices:
        known = ", ".join(choices) or "[telemetry] or [events] in the manifest, which has neither"
        found = f"found {asked[0]}" if asked else "found no choice"
        raise Refused(f"{target.manifest.path}: expected one of {known}; {found}")
    return choices[asked[0]]()


def _choices(target: DeclaredTarget, label: str) -> dict[str, Callable[[], LineJudge]]:
    """What the manifest has rules for, by the option that chooses it."""
    found: dict[str, Callable[[], LineJudge]] = {}
    for section in target.manifest.sections.values():
        if isinstance(section, TelemetrySection):
            for name, log in section.log.items():
                found[f"--log {name}"] = partial(RowsWatch, name, log, target, label)
            for name, stream in section.stream.items():
                found[f"--stream {name}"] = partial(StreamWatch, stream, target.root, label)
        elif isinstance(section, EventsSection):
            found["--events"] = partial(
                EventsWatch, section, target.root, label, target.manifest.not_applicable(EVENTS)
            )
    return found


@contextlib.contextmanager
def _pieces(source: str, limits: TimeLimits) -> Iterator[Iterator[Piece]]:
    """What comes of the source. Raises ``Refused`` for an address that is none, ``OSError`` where it cannot be had."""
    if source == "-":
        given: TextIO | None = sys.stdin
        if given is None:
            raise Refused("standard input: expected it open, found it closed")
        yield follow_descriptor(given.fileno(), limits.stop)
    elif not _ADDRESS.match(source):
        with contextlib.suppress(FileNotFoundError):
            open_regular(Path(source)).close()
        yield follow_file(Path(source), limits.stop)
    else:
        scheme, host, port = _address(source)
        if scheme == "tcp":
            yield follow_server(host, port, limits.stop)
        else:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            with socket.create_server((host, port), family=family) as listener:
                yield follow_clients(listener, limits.stop)


def _address(source: str) -> tuple[str, str, int]:
    parts = urlsplit(source)
    try:
        port = parts.port
    except ValueError:
        port = None
    plain = parts.path in ("", "/") and not (parts.query or parts.fragment or "@" in parts.netloc)
    if parts.scheme not in ("tcp", "listen") or not parts.hostname or port is None or not plain:
        raise Refused(f"{source}: expected tcp://HOST:PORT or listen://HOST:PORT")
    return parts.scheme, parts.hostname, port


@contextlib.contextmanager
def _interruptible() -> Iterator[None]:
    """SIGINT and SIGTERM end the watch with a verdict, also where a shell's background job inherits SIGINT ignored."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
