"""Lines that come over TCP, from a server that is connected to or from clients that connect, or over a pipe."""

from __future__ import annotations

import os
import select
import socket
import time
from collections.abc import Iterator

from gatecourt.commands.watch.sources.pieces import Cutter, LogChange, NoData, Piece, Stop

_AT_ONCE = 1 << 16


def follow_server(host: str, port: int, stop: Stop, interval: float = 0.1) -> Iterator[Piece]:
    """Every line that a server sends; it is connected to again whenever it goes away, until ``stop()`` is true."""
    absent = f"no server listens at {f'[{host}]' if ':' in host else host}:{port}"
    while True:
        try:
            connection = socket.create_connection((host, port), timeout=max(interval, 1.0))
        except OSError:
            connection = None
        if connection is not None:
            absent = ""
            with connection:
                yield from _received(connection, stop, interval)
        if stop():
            yield LogChange("ended", absent=absent)
            return
        yield NoData(absent)
        time.sleep(interval)


def follow_clients(listener: socket.socket, stop: Stop, interval: float = 0.1) -> Iterator[Piece]:
    """Every line that clients of the listening socket send, one client after the other, until ``stop()`` is true."""
    listener.settimeout(interval)
    absent = "no client connected"
    while True:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            if stop():
                yield LogChange("ended", absent=absent)
                return
            yield NoData(absent)
            continue
        absent = ""
        with connection:
            yield from _received(connection, stop, interval)


def _received(connection: socket.socket, stop: Stop, interval: float) -> Iterator[Piece]:
    """What one peer sends until it goes away, or until ``stop()`` is true while no line comes.

    A line that is not finished when ``stop()`` is true is not given.
    """
    connection.settimeout(interval)
    cutter = Cutter()
    while True:
        try:
            data = connection.recv(_AT_ONCE)
        except TimeoutError:
            if stop():
                return
            yield NoData()
            continue
        except OSError:
            data = b""
        if not data:
            break
        yield from cutter.take(data)
    yield LogChange("disconnected", cutter.cut_off())


def follow_descriptor(descriptor: int, stop: Stop, interval: float = 0.1) -> Iterator[Piece]:
    """Every line that comes over an open file descriptor, such as 0 for standard input, until its end.

    A line that is not finished when ``stop()`` is true is not given.
    """
    cutter = Cutter()
    while True:
        ready, _, _ = select.select([descriptor], [], [], interval)
        data = os.read(descriptor, _AT_ONCE) if ready else None
        if data:
            yield from cutter.take(data)
        elif data == b"" or stop():
            yield LogChange("ended", b"" if data is None else cutter.cut_off())
            return
        else:
            yield NoData()
