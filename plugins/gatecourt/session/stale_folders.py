"""Temporary folders of sessions: named after the machine and process that own them, swept when that has died."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
import time
import zlib
from pathlib import Path

_HOUR = 3600.0


def new_folder(below: Path) -> Path:
    """A fresh folder of this process."""
    return Path(tempfile.mkdtemp(prefix=f"{_prefix()}{os.getpid()}-", dir=below))


def sweep(below: Path) -> None:
    """Delete this user's folders of this machine that are older than an hour and whose process is dead."""
    for folder in below.glob(f"{_prefix()}*-*"):
        try:
            state = folder.lstat()
            owner = int(folder.name.removeprefix(_prefix()).partition("-")[0])
            old = time.time() - state.st_mtime > _HOUR and state.st_uid == os.getuid()
            if old and not folder.is_symlink() and not _alive(owner):
                shutil.rmtree(folder, ignore_errors=True)
        except (OSError, ValueError):
            continue


def _prefix() -> str:
    return f"gatecourt-{zlib.crc32(platform.node().encode()):08x}-"


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
