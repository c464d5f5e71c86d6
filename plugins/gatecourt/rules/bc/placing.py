"""Resolves a path from a document to a file below the target's root and inside the dataset's folder."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.excerpt import excerpt
from gatecourt.rules.bc.section import BcSection

_RULE = "bc.outside"


def name_of(section: BcSection, reported: object, where: str) -> str:
    """The name below the target's root of the path ``reported`` at ``where``.

    Raises ``Judged``: ``bc.entry`` for what is no path, ``bc.outside`` for one that is absolute, climbs or does not
    begin with the folder that is cut.
    """
    if not isinstance(reported, str) or not reported or "\0" in reported:
        raise Judged(Finding(where, "a path", excerpt(reported), "bc.entry"))
    path = PurePosixPath(reported)
    if path.is_absolute() or ".." in path.parts or "\\" in reported or reported[1:2] == ":":
        raise Judged(Finding(where, "a path inside the dataset's folder", excerpt(reported), _RULE))
    if section.cut:
        if not path.is_relative_to(section.cut):
            raise Judged(Finding(where, f"a path below {section.cut}", excerpt(reported), _RULE))
        path = path.relative_to(section.cut)
    return posixpath.normpath(posixpath.join(section.root, path))


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder ``name`` below the target's ``root``, in which all files of one version have to lie."""

    root: Path
    name: str

    @property
    def path(self) -> Path:
        """The folder on disk."""
        return self.root / self.name

    def require(self, where: str) -> None:
        """Raise ``Judged`` (``bc.missing``, ``bc.outside``) where it is no folder below the root."""
        if not self.path.is_dir():
            raise Judged(Finding(where, "a folder", f"none at {self.name}", "bc.missing"))
        if not self.path.resolve().is_relative_to(self.root.resolve()):
            raise Judged(Finding(where, "a folder below the target's root", "a link that leads out of it", _RULE))

    def locate(self, name: str, where: str) -> Path:
        """The plain file ``name``, as named at ``where``. Raises ``Judged`` (``bc.missing``, ``bc.outside``)."""
        if not PurePosixPath(name).is_relative_to(self.name):
            raise Judged(Finding(where, f"a file in {self.name}", excerpt(name), _RULE))
        path = self.root / name
        try:
            inside = path.resolve(strict=True).is_relative_to(self.path.resolve())
        except (OSError, RuntimeError) as error:
            observed = f"no such file: {name}" if isinstance(error, FileNotFoundError) else f"no way to reach {name}"
            raise Judged(Finding(where, "a file that is there", observed, "bc.missing")) from error
        if not inside:
            raise Judged(Finding(where, f"a file in {self.name}", "a link that leads out of it", _RULE))
        if not path.is_file():
            raise Judged(Finding(where, "a plain file", f"something else at {name}", "bc.missing"))
        return path
