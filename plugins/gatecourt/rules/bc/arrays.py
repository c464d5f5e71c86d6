"""Arrays out of an ``.npz`` file that nobody trusts: no pickle is ever loaded, and no header decides about memory.

What a file may cost is known before it is unpacked: the archive's directory says how long each array is, reading stops
there, and an array must be exactly as long as its own header says.
"""

from __future__ import annotations

import io
import pickletools
import struct
import tokenize
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt
from gatecourt.formats.files import open_regular
from gatecourt.mechanisms.bands.figures import counted
from gatecourt.rules.bc.section import SampleLimits

if TYPE_CHECKING:
    import numpy

    Array = numpy.ndarray[Any, numpy.dtype[Any]]

_COMPRESSIONS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_ENCRYPTED = 0x1
_SUFFIX = ".npy"
_DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, EOFError, RuntimeError, ValueError, OverflowError, MemoryError,
    TypeError, SyntaxError, LookupError, AttributeError, tokenize.TokenError,  # a header is a text that numpy evaluates
)  # fmt: skip


def read_arrays(path: Path, name: str, limits: SampleLimits) -> dict[str, Array]:
    """Every array in the file ``path``, called ``name``, by its name without the suffix.

    Raises ``Judged``: ``bc.pickle`` (an array of objects, or a pickle in its place), ``bc.too_large``, ``bc.npz`` (no
    archive, damaged, encrypted, a member twice, or one that is no array), ``artefact.unreadable``.
    """
    try:
        with open_regular(path) as file:
            _refuse_pickle(file.read(512), name)
            with zipfile.ZipFile(file) as archive:
                members = _members(archive, name, limits)
                return {info.filename.removesuffix(_SUFFIX): _array(archive, info, name) for info in members}
    except OSError as error:
        raise Judged(Finding(name, "a readable file", error.strerror or "an error", "artefact.unreadable")) from error
    except _DAMAGE as error:
        observed = "damaged data" if zipfile.is_zipfile(path) else "no zip archive"
        raise Judged(Finding(name, "arrays as numpy.savez writes them", observed, "bc.npz")) from error


def _refuse_pickle(begin: bytes, name: str) -> None:
    """A whole file that is a pickle, which ``numpy.load`` would offer to load; recognised, never loaded."""
    if begin.startswith(b"PK"):
        return
    try:
        first = next(iter(pickletools.genops(begin)))
    except (ValueError, StopIteration, IndexError):
        return
    if first[0].name == "PROTO":
        raise Judged(Finding(name, "arrays as numpy.savez writes them", "a pickle", "bc.pickle"))


def _members(archive: zipfile.ZipFile, name: str, limits: SampleLimits) -> list[zipfile.ZipInfo]:
    members = archive.infolist()
    total = sum(info.file_size for info in members)
    if len(members) > limits.arrays or total > limits.size:
        expected = f"at most {counted(limits.size, 'byte')} in {counted(limits.arrays, 'array')}"
        raise Judged(Finding(name, expected, f"{counted(total, 'byte')} in {len(members)}", "bc.too_large"))
    seen: set[str] = set()
    for info in members:
        what = _unfit(info, seen)
        if what:
            raise Judged(Finding(_where(name, info), "an array, each name once", what, "bc.npz"))
        seen.add(info.filename)
    return members


def _unfit(info: zipfile.ZipInfo, seen: set[str]) -> str:
    if not info.filename.endswith(_SUFFIX):
        return "no array"
    if info.filename in seen:
        return "a second member of this name"
    if info.flag_bits & _ENCRYPTED or info.compress_type not in _COMPRESSIONS:
        return "a member that is encrypted or packed in a way that numpy does not use"
    return ""


def _where(name: str, info: zipfile.ZipInfo) -> str:
    member = excerpt(info.filename.removesuffix(_SUFFIX), 60)
    return f"{name}#/{member[1:-1]}"


def _array(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Array:
    """One array. Its header is read first: only where its length is that of the member is memory taken for it."""
    import numpy as np

    with archive.open(info) as member:
        data = member.read(info.file_size + 1)
    stream, where = io.BytesIO(data), _where(name, info)
    header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
    version = np.lib.format.read_magic(stream)
    if version not in header:
        raise Judged(Finding(where, "an array in the format 1.0 or 2.0", ".".join(map(str, version)), "bc.npz"))
    shape, _, dtype = header[version](stream)
    if dtype.hasobject:
        raise Judged(Finding(where, "an array of numbers", "objects, which only a pickle can hold", "bc.pickle"))
    length = dtype.itemsize
    for extent in shape:
        length *= int(extent)
    if min(shape, default=0) < 0 or length != len(data) - stream.tell():
        observed = f"{counted(len(data) - stream.tell(), 'byte')} for the shape {list(shape)}"
        raise Judged(Finding(where, f"{counted(length, 'byte')} of {dtype.str}", observed, "bc.npz"))
    stream.seek(0)
    found: Array = np.lib.format.read_array(stream, allow_pickle=False)
    return found
