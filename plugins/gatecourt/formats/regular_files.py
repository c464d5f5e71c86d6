"""Regular files: what is judged is a file at rest, never a pipe or a device that may not answer."""

from __future__ import annotations

import errno
from io import BufferedReader
from pathlib import Path


def open_regular(path: Path) -> BufferedReader:
    """A plain file opened for reading. Raises ``OSError``, also for a pipe, a device or a folder."""
    if path.exists() and not path.is_file() and not path.is_dir():
        raise OSError(errno.EINVAL, "not a regular file")
    return path.open("rb")
