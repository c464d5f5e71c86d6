"""The beginning of a session, before anything can fail: what is refused, and the end of every older report.

Called as soon as pytest knows the options, before any conftest is imported. From then on a usage error, a conftest that
cannot be imported or a manifest that is invalid leaves no older GO behind.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shlex
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from filelock import FileLock, Timeout

from gatecourt.core.layout import RUN_NOTE
from gatecourt.court.renderers.report import mark_begun
from gatecourt.session.own_libraries import protect_own_libraries
from gatecourt.session.selection import typed_options, typed_selection

UNWRITABLE = 3
SESSION_ID = pytest.StashKey[str]()
_LOCK = pytest.StashKey[FileLock]()
_BEGUN = "a session began and did not end; its output says why"
_SHOWS_ONLY = {
    "help": "--help",
    "version": "--version",
    "markers": "--markers",
    "showfixtures": "--fixtures",
    "show_fixtures_per_test": "--fixtures-per-test",
    "collectonly": "--collect-only",
    "setupplan": "--setup-plan",
    "cacheshow": "--cache-show",
}


def begin(config: pytest.Config) -> None:
    """Refuses what would judge nothing without being typed, and marks older reports as replaced.

    Raises ``UsageError``; ends the process with exit code 3 and one line where nothing can be written.
    """
    if _is_worker() or SESSION_ID in config.stash:
        return
    options = _effective_options(config)
    _refuse_hidden_overrides(config, options)
    if not (options.target or config.getini("gatecourt_targets")):
        return
    if _only_shows(config, options):
        return
    _refuse_other_target(config, options)
    protect_own_libraries([config.rootpath, config.invocation_params.dir, *_target_folders(config, options)])
    config.stash[SESSION_ID] = session = uuid.uuid4().hex
    keep_full = typed_selection(config)
    own, *others = dict.fromkeys(_report_folders(config, options))
    if own.is_dir():
        claim(config, own)
        with writing(own):
            mark_begun(own, _BEGUN, session, keep_full=keep_full)
    for folder in others:
        # A session that holds the other folder has marked it already, and goes on there.
        with writing(folder), contextlib.suppress(Timeout):
            if (folder / "court_report.json").is_file():
                with FileLock(folder / ".gatecourt.lock", timeout=0):
                    mark_begun(folder, _BEGUN, session, keep_full=keep_full)
    note_report(own, session)


def claim(config: pytest.Config, folder: Path) -> None:
    """Keeps other sessions out of the reports folder. Raises ``UsageError`` where another one writes there."""
    if _LOCK in config.stash and Path(config.stash[_LOCK].lock_file).parent == folder:
        return
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / ".gatecourt.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise pytest.UsageError(
                f"{folder}: another session is writing its reports here; wait for it, or add --reports=DIR"
            ) from None
    config.stash[_LOCK] = lock


def release(config: pytest.Config) -> None:
    """Lets other sessions write the reports folder."""
    if lock := config.stash.get(_LOCK, None):
        lock.release()


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Ends the process with one line and exit code 3 where ``path`` cannot be written."""
    try:
        yield
    except OSError as error:
        stop(unwritable(path, error))


def unwritable(path: Path, error: OSError) -> str:
    """The line for people about a path that cannot be written."""
    reason = error.strerror or str(error)
    return f"gatecourt: {error.filename or path}: {reason}; free or unlock it, or choose another folder (--reports=DIR)"


def stop(line: str) -> NoReturn:
    """Ends the session with one line and exit code 3."""
    print(line, file=sys.stderr)
    pytest.exit(line, returncode=UNWRITABLE)


def note_report(folder: Path, session: str) -> None:
    """Leaves a note for ``gatecourt run``: that this code was loaded, and where the session's report is."""
    if path := os.environ.get(RUN_NOTE):
        with contextlib.suppress(OSError):
            Path(path).write_text(json.dumps({"report": str(folder / "court_report.json"), "session": session}))


def _is_worker() -> bool:
    # pytest-xdist sets the variable before it reads the options; a session started by a test of a worker has it too,
    # but is started as a program of its own.
    return "PYTEST_XDIST_WORKER" in os.environ and sys.argv[:1] == ["-c"]


def _effective_options(config: pytest.Config) -> argparse.Namespace:
    words = [*shlex.split(os.environ.get("PYTEST_ADDOPTS", "")), *config.getini("addopts")]
    return config._parser.parse_known_args([*words, *config.invocation_params.args])


def _only_shows(config: pytest.Config, options: argparse.Namespace) -> bool:
    """Whether pytest was asked to show something and run nothing. Raises ``UsageError`` where nobody typed that."""
    typed = typed_options(config)
    for name, flag in _SHOWS_ONLY.items():
        if getattr(options, name, None):
            if not getattr(typed, name, None):
                raise pytest.UsageError(f"{flag} from addopts or the environment would run no check; remove it")
            return True
    return False


def _refuse_hidden_overrides(config: pytest.Config, options: argparse.Namespace) -> None:
    typed = typed_options(config).override_ini or []
    for override in options.override_ini or []:
        if override.startswith("gatecourt_") and override not in typed:
            raise pytest.UsageError(f"-o {override} from addopts or the environment changes what is judged; remove it")


def _refuse_other_target(config: pytest.Config, options: argparse.Namespace) -> None:
    typed = typed_options(config).target
    hidden = [name for name in options.target if name not in typed]
    if hidden and config.getini("gatecourt_targets"):
        raise pytest.UsageError(
            f"--target={hidden[0]} from addopts or the environment replaces the configured gatecourt_targets; remove it"
        )


def _target_folders(config: pytest.Config, options: argparse.Namespace) -> list[Path]:
    named = [Path(config.invocation_params.dir, name) for name in options.target]
    named += [config.rootpath / name for name in config.getini("gatecourt_targets")]
    return [path if path.is_dir() else path.parent for path in named]


def _report_folders(config: pytest.Config, options: argparse.Namespace) -> Iterator[Path]:
    """The folder of this session, then the one that it would use without ``--reports``."""
    if options.reports:
        yield Path(config.invocation_params.dir, options.reports)
    yield config.rootpath / (config.getini("gatecourt_reports") or ".gatecourt")
