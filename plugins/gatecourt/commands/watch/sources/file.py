"""A growing file, followed by its name: through rotation by rename, through truncation, and before it exists.

Truncation is seen by the file's length. A file that was cut and has grown beyond where it was read within one interval
looks like one that merely grew, and one that came and was renamed within it is never seen; the order of its lines
shows both.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import BinaryIO

from gatecourt.commands.watch.sources.pieces import Cutter, LogChange, NoData, Piece, Stop
from gatecourt.formats.files import open_regular

NO_FILE = "no such file"
_AT_ONCE = 1 << 20


def follow_file(path: Path, stop: Stop, interval: float = 0.1) -> Iterator[Piece]:
    """Every line of ``path`` from its start, as it comes, until ``stop()`` is true while no line comes.

    A line that is not finished then is not given. ``interval`` is in seconds. Raises ``OSError`` for what is
    there but no readable plain file; once a file was followed, only when ``stop()`` is true: a successor may yet come.
    """
    begun = False
    while True:
        try:
            stream = open_regular(path)
        except FileNotFoundError:
            absent = "" if begun else NO_FILE
            if stop():
                yield LogChange("ended", absent=absent)
                return
            yield from _pause(interval, absent)
            continue
        except OSError:
            if not begun or stop():
                raise
            yield from _pause(interval)
            continue
        begun = True
        with stream:
            if not (yield from _followed(stream, path, stop, interval)):
                return


def _followed(stream: BinaryIO, path: Path, stop: Stop, interval: float) -> Generator[Piece, None, bool]:
    """Follows one file. Returns whether another one stands under its name now."""
    cutter = Cutter()
    while True:
        while data := stream.read(_AT_ONCE):
            yield from cutter.take(data)
        if _shrunk(stream):
            yield LogChange("truncated", cutter.cut_off())
            stream.seek(0)
        elif _replaced(stream, path):
            # A writer may have written between the last read and the rename.
            yield from cutter.take(stream.read())
            yield LogChange("rotated", cutter.cut_off())
            return True
        elif stop():
            yield LogChange("ended")
            return False
        else:
            yield from _pause(interval)


def _pause(interval: float, absent: str = "") -> Iterator[Piece]:
    yield NoData(absent)
    time.sleep(interval)


def _shrunk(stream: BinaryIO) -> bool:
    return os.fstat(stream.fileno()).st_size < stream.tell()


def _replaced(stream: BinaryIO, path: Path) -> bool:
    """Whether another file stands under the name; while none does, the old one is still followed."""
    try:
        named = path.stat()
    except OSError:
        return False
    held = os.fstat(stream.fileno())
    return (named.st_dev, named.st_ino) != (held.st_dev, held.st_ino)
