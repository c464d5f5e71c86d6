"""``gatecourt run -- <pytest arguments>``: judges in a fresh interpreter and gives the verdict's exit code.

What keeps gatecourt's plugin from being loaded at all (``-p no:``, another configuration file, plugin autoload switched
off) makes plain ``pytest`` exit 0 without a verdict. Here it is exit code 3: the plugin must leave a note that it ran,
and the report must be the one of this very session. Older reports are marked as replaced first.
"""

from __future__ import annotations

import configparser
import datetime
import json
import os
import subprocess
import sys
import tempfile
import tomllib
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gatecourt.core.layout import RUN_NOTE
from gatecourt.court.renderers.report import mark_begun
from gatecourt.court.renderers.stored import CODES, UnusableReport, decide, stored_report
from gatecourt.court.renderers.terminal import plain

_BEGUN = "gatecourt run started pytest, which left no verdict; its output says why"
_NOT_LOADED = (
    "STOP: ERROR, gatecourt's plugin did not run: pytest blocked it (-p no:…, PYTEST_DISABLE_PLUGIN_AUTOLOAD), used "
    "another configuration file, or named no target. Take that away, or add --target=PATH"
)


def run(arguments: Sequence[str]) -> int:
    """The exit code of the verdict; 3 where there is none, 1 where the gates passed and pytest failed otherwise."""
    for reports in _report_folders(arguments):
        mark_begun(reports, _BEGUN, uuid.uuid4().hex)
    with tempfile.TemporaryDirectory(prefix="gatecourt-run-") as folder:
        note = Path(folder, "note.json")
        command = [sys.executable, "-P", "-m", "pytest", *arguments]
        ended = subprocess.run(command, env={**os.environ, RUN_NOTE: str(note)}, check=False).returncode  # noqa: S603 - no shell, and the words are the user's
        code, line = _verdict(note)
    print(plain(line))
    if code == 0 and ended != 0:
        print(f"STOP: the gates passed, but pytest ended with exit code {ended}; read its output")
        return 1
    return code


def _verdict(note: Path) -> tuple[int, str]:
    try:
        left: dict[str, Any] = json.loads(note.read_bytes())
    except (OSError, ValueError):
        return CODES["ERROR"], _NOT_LOADED
    path = Path(left["report"])
    try:
        if stored_report(path)["observations"].get("session") != left["session"]:
            return CODES[
                "ERROR"
            ], f"STOP: ERROR, {path} is not the report of this session; choose another --reports=DIR"
        return decide(path, None, None, datetime.datetime.now(datetime.UTC))
    except UnusableReport as error:
        return CODES["ERROR"], f"STOP: ERROR, {error}"


def _report_folders(arguments: Sequence[str]) -> Iterator[Path]:
    """Where an older report may be: the folder named here, and the configured one of every folder upwards."""
    for index, word in enumerate(arguments):
        if word.startswith("--reports="):
            yield Path(word.partition("=")[2])
        elif word == "--reports" and index + 1 < len(arguments):
            yield Path(arguments[index + 1])
    for folder in (Path.cwd(), *Path.cwd().parents):
        yield folder / ".gatecourt"
        if configured := _configured(folder):
            yield folder / configured


def _configured(folder: Path) -> str | None:
    """The value of ``gatecourt_reports`` in a configuration file of pytest in ``folder``."""
    try:
        pytest_table = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]
        found = {**pytest_table, **pytest_table.get("ini_options", {})}.get("gatecourt_reports")
        return found if isinstance(found, str) else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        pass
    for name, section in (("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest")):
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read(folder / name, "utf-8")
            return parser[section]["gatecourt_reports"]
        except (OSError, ValueError, KeyError, configparser.Error):
            continue
    return None
