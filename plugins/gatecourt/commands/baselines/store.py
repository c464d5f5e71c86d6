"""A baseline's file, the page beside it, and its digest in the manifest: each written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tomllib
from pathlib import Path
from typing import Any

from gatecourt.commands.baselines.selection import BaselineTarget, Refused
from gatecourt.court.evidence import write_durably


def write(selected: BaselineTarget, text: str, page: str) -> str:
    """Writes the baseline, its page and, last of all, the digest that the manifest pins; returns this digest.

    If it is interrupted, the manifest still pins the old file, and the next run reports that. Raises ``Refused``.
    """
    data = text.encode()
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    manifest = selected.manifest.path.resolve()
    pinned = with_pin(manifest, selected.name, digest)
    try:
        selected.path.parent.mkdir(parents=True, exist_ok=True)
        _replace(selected.path, data)
        _replace(page_path(selected.path), page.encode())
        _replace(manifest, pinned.encode())
    except OSError as error:
        raise Refused(f"{error.filename}: {error.strerror}") from error
    return digest


def page_path(path: Path) -> Path:
    """The page for people beside a baseline."""
    return path.with_suffix(".md")


def with_pin(manifest: Path, log: str, digest: str) -> str:
    """The manifest's text with the digest of the log's baseline, wherever [telemetry] names it, all else as it stands.

    Raises ``Refused`` where the text is laid out in a way in which the digest cannot be put into it.
    """
    import tomlkit

    # Bytes first: reading as text would turn the line ends of the file into others.
    text = manifest.read_bytes().decode("utf-8")
    document: Any = tomlkit.parse(text)
    _pin(document, log, digest)
    pinned = tomlkit.dumps(document)
    wanted = tomllib.loads(text)
    _pin(wanted, log, digest)
    if tomllib.loads(pinned) != wanted:
        raise Refused(f"{manifest.name}: write [telemetry.log.{log}.baseline] as a table of its own; it is not pinned")
    return pinned


def _pin(document: Any, log: str, digest: str) -> None:
    telemetry = document["telemetry"]
    file = telemetry["log"][log]["baseline"]["file"]
    for kind in ("log", "soak"):
        for name in telemetry.get(kind, {}):
            if telemetry[kind][name].get("baseline", {}).get("file") == file:
                telemetry[kind][name]["baseline"]["sha256"] = digest


def _replace(path: Path, data: bytes) -> None:
    mask = os.umask(0)
    os.umask(mask)
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o666 & ~mask
    write_durably(path, data)
    path.chmod(mode)
