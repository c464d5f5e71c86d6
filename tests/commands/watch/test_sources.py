"""What is still being written is followed whole: every line once, through rotation, truncation and reconnection."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatecourt.commands.watch.sources.connection import follow_clients, follow_descriptor, follow_server
from gatecourt.commands.watch.sources.file import follow_file
from gatecourt.commands.watch.sources.pieces import LONGEST, Cutter, Lines, LogChange, NoData, Piece

INTERVAL = 0.01


def text(pieces: list[Piece]) -> bytes:
    return b"".join(piece.block for piece in pieces if isinstance(piece, Lines))


def turns(pieces: list[Piece]) -> list[tuple[str, bytes]]:
    return [(piece.kind, piece.unfinished) for piece in pieces if isinstance(piece, LogChange)]


def followed(path: Path, *acts: Callable[[], object]) -> list[Piece]:
    """The pieces that come where each act is done in a silence of its own, and then nothing more."""
    left, pieces = list(acts), []
    for piece in follow_file(path, lambda: not left, INTERVAL):
        pieces.append(piece)
        if isinstance(piece, NoData) and left:
            left.pop(0)()
    return pieces


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as stream:
        stream.write(data)


@given(st.lists(st.binary(max_size=12)))
def test_cut_behind_the_last_newline_nothing_is_lost(parts: list[bytes]) -> None:
    cutter = Cutter()
    blocks = [lines.block for part in parts for lines in cutter.take(part)]
    assert all(block.endswith(b"\n") for block in blocks if block)
    rest = cutter.cut_off()
    assert b"\n" not in rest
    assert b"".join(blocks) + rest == b"".join(parts)
    assert cutter.cut_off() == b""


def test_a_line_without_end_fills_no_memory_and_stops_nobody(tmp_path: Path) -> None:
    cutter, part = Cutter(), b"x" * (LONGEST // 4)
    assert [len(list(cutter.take(part))) for _ in range(9)] == [1] * 9  # a piece each, so that somebody sees the clock
    assert len(cutter.cut_off()) == LONGEST
    log = tmp_path / "log"
    log.write_bytes(b"x")
    for number, piece in enumerate(follow_file(log, lambda: False, INTERVAL)):
        append(log, b"x")
        if number == 9:
            break
        assert piece in (Lines(b""), NoData())


def test_lines_come_as_they_are_finished(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\ntw")
    pieces = followed(log, lambda: append(log, b"o\nthr"), lambda: append(log, b"ee\nhal"))
    assert text(pieces) == b"one\ntwo\nthree\n"
    assert turns(pieces) == [("ended", b"")]


def test_a_file_that_comes_later(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert text(followed(log, lambda: append(log, b"one\n"), lambda: None)) == b"one\n"
    assert turns(followed(tmp_path / "never")) == [("ended", b"")]


def lacking(pieces: list[Piece]) -> list[str]:
    return [piece.absent for piece in pieces if isinstance(piece, NoData | LogChange)]


def test_what_never_was_there_is_said(tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert lacking(followed(log, lambda: None)) == ["no such file", "no such file"]
    assert lacking(followed(log, log.touch, lambda: None)) == ["no such file", "", ""]
    lost = followed(log, log.unlink, lambda: None)
    assert lacking(lost) == ["", "", ""]  # it was there: its name alone has gone


def test_rotation_by_rename(tmp_path: Path) -> None:
    log, old = tmp_path / "log", tmp_path / "log.1"
    log.write_bytes(b"one\n")

    def rotate() -> None:
        log.rename(old)
        append(old, b"two\ncut")

    def renew() -> None:
        append(old, b"!\nhalf")
        log.write_bytes(b"three\n")

    pieces = followed(log, rotate, renew, lambda: None)
    assert text(pieces) == b"one\ntwo\ncut!\nthree\n"
    assert turns(pieces) == [("rotated", b"half"), ("ended", b"")]


def test_a_name_that_is_no_file_for_a_while(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\n")

    def lose() -> None:
        log.unlink()
        log.mkdir()

    def renew() -> None:
        log.rmdir()
        log.write_bytes(b"two\n")

    assert text(followed(log, lose, lambda: None, renew, lambda: None)) == b"one\ntwo\n"
    with pytest.raises(IsADirectoryError):  # nobody may take what was seen before for the whole
        followed(log, lose, lambda: None)


def test_truncation(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"one\ntwo\nhalf")

    def cut() -> None:
        log.write_bytes(b"new\n")

    pieces = followed(log, cut, lambda: None)
    assert text(pieces) == b"one\ntwo\nnew\n"
    assert turns(pieces) == [("truncated", b"half"), ("ended", b"")]


def test_a_thousand_rows_a_second_through_rotations(tmp_path: Path) -> None:
    log, total = tmp_path / "log", 1000
    log.touch()
    done = threading.Event()

    def write() -> None:
        time.sleep(5 * INTERVAL)  # what was rotated away before anybody looked is not followed
        for number in range(total):
            append(log, f"{number}\n".encode())
            if number % 300 == 299:
                log.rename(tmp_path / f"log.{number}")
                log.touch()
                time.sleep(5 * INTERVAL)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    pieces = list(follow_file(log, done.is_set, INTERVAL))
    writer.join()
    assert text(pieces).split() == [str(number).encode() for number in range(total)]
    assert [kind for kind, _ in turns(pieces)] == ["rotated", "rotated", "rotated", "ended"]


@contextlib.contextmanager
def listening() -> Iterator[tuple[socket.socket, int]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener, listener.getsockname()[1]


def test_clients_one_after_the_other() -> None:
    with listening() as (listener, port):

        def send() -> None:
            for data in (b"one\ntw", b"three\n"):
                with socket.create_connection(("127.0.0.1", port)) as connection:
                    connection.sendall(data)

        sender = threading.Thread(target=send)
        sender.start()
        pieces = list(follow_clients(listener, lambda: not sender.is_alive(), INTERVAL))
        sender.join()
    assert text(pieces) == b"one\nthree\n"
    assert turns(pieces)[:2] == [("disconnected", b"tw"), ("disconnected", b"")]
    assert turns(pieces)[-1] == ("ended", b"")


def test_a_server_that_goes_away_is_connected_to_again() -> None:
    with listening() as (listener, port):

        def serve() -> None:
            for data in (b"one\n", b"two\n"):
                connection, _ = listener.accept()
                with connection:
                    connection.sendall(data)

        server = threading.Thread(target=serve)
        server.start()
        pieces = list(follow_server("127.0.0.1", port, lambda: not server.is_alive(), INTERVAL))
        server.join()
    assert text(pieces) == b"one\ntwo\n"


def test_a_server_that_is_not_there() -> None:
    with listening() as (_, port):
        pass
    asked = iter([False, False, True])
    pieces = list(follow_server("127.0.0.1", port, lambda: next(asked), INTERVAL))
    assert turns(pieces) == [("ended", b"")]
    assert lacking(pieces) == [f"no server listens at 127.0.0.1:{port}"] * 3


def test_a_peer_that_went_away_is_not_one_that_never_came() -> None:
    with listening() as (listener, port):
        assert lacking(list(follow_clients(listener, lambda: True, INTERVAL))) == ["no client connected"]
        socket.create_connection(("127.0.0.1", port)).close()
        asked = iter([False, True])
        assert set(lacking(list(follow_clients(listener, lambda: next(asked), INTERVAL)))) == {""}


def test_a_pipe_to_its_end() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"one\ntw")
    os.close(writer)
    pieces = list(follow_descriptor(reader, lambda: False, INTERVAL))
    os.close(reader)
    assert text(pieces) == b"one\n"
    assert turns(pieces) == [("ended", b"tw")]


def test_a_line_on_its_way_at_the_end_of_patience_is_left_to_its_writer() -> None:
    reader, writer = os.pipe()
    os.write(writer, b"one\ntw")
    pieces = list(follow_descriptor(reader, lambda: True, INTERVAL))
    os.close(reader)
    os.close(writer)
    assert (text(pieces), turns(pieces)) == (b"one\n", [("ended", b"")])
    with listening() as (listener, port), socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(b"one\ntw")
        pieces = list(follow_clients(listener, lambda: True, INTERVAL))
    assert (text(pieces), turns(pieces)) == (b"one\n", [("ended", b"")])
