"""What ``gatecourt doctor`` prints: versions, extras, isolation. It changes nothing and runs no target."""

from __future__ import annotations

import importlib.metadata
import platform
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import packaging.requirements
import packaging.specifiers

import gatecourt
from gatecourt.core.extras import EXTRAS
from gatecourt.system.drivers.namespaces import available

OK, MISSING, OUTSIDE = "ok", "missing", "outside the tested bounds"
_EXTRAS = (*sorted(set(EXTRAS.values())), "all", "dev")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A package that gatecourt declares: the installed version, or None, and the extra that brings it ('' for none)."""

    package: str
    bounds: str
    extra: str
    installed: str | None

    @property
    def state(self) -> str:
        """``OK``, ``MISSING`` or ``OUTSIDE``."""
        if self.installed is None:
            return MISSING
        inside = packaging.specifiers.SpecifierSet(self.bounds).contains(self.installed, prereleases=True)
        return OK if inside else OUTSIDE


def run(_: object = None) -> int:
    """Prints the report; 0 where the core is complete and within its bounds, else 3."""
    requirements = declared()
    for line in report(requirements):
        print(line)
    return 0 if all(item.state == OK for item in requirements if not item.extra) else 3


def report(requirements: Iterable[Requirement]) -> Iterator[str]:
    """The lines of the report."""
    rows = sorted(requirements, key=lambda item: (item.extra, item.package))
    yield f"gatecourt {gatecourt.__version__}, Python {platform.python_version()}, {platform.platform()}"
    yield f"  run by {sys.executable}"
    if not rows:
        yield "  gatecourt is not installed here (a bare clone): which packages it declares is not known"
    for extra in sorted({item.extra for item in rows}):
        yield f"[{extra}]" if extra else "core"
        for item in (item for item in rows if item.extra == extra):
            yield f"  {item.package:<24} {item.installed or '-':<12} {item.bounds:<16} {item.state}"
        if extra and any(item.extra == extra and item.state == MISSING for item in rows):
            yield f"  to add it: {sys.executable} -m pip install 'gatecourt[{extra}]'"
    yield "isolation of the target's runs"
    for what, state in isolation():
        yield f"  {what:<24} {state}"


def declared() -> list[Requirement]:
    """What the installed gatecourt declares of its core and its extras; empty where it is not installed."""
    try:
        lines = importlib.metadata.requires("gatecourt") or []
    except importlib.metadata.PackageNotFoundError:
        return []
    return [item for line in lines if (item := _requirement(line)) is not None]


def _requirement(line: str) -> Requirement | None:
    stated = packaging.requirements.Requirement(line)
    extra = next((name for name in _EXTRAS if _only_with(stated, name)), "")
    if stated.name == "gatecourt" or extra in ("all", "dev"):
        return None
    return Requirement(stated.name, str(stated.specifier), extra, _installed(stated.name))


def _only_with(stated: packaging.requirements.Requirement, extra: str) -> bool:
    marker = stated.marker
    return marker is not None and marker.evaluate({"extra": extra}) and not marker.evaluate({"extra": ""})


def _installed(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def isolation() -> Iterator[tuple[str, str]]:
    """Each means of keeping a target's runs apart, and whether this machine has it."""
    yield "operating system", platform.system()
    state = "in force: own process ids, /proc and /dev/shm; earlier runs are out of reach"
    yield "namespaces", state if available() else "not to be had: a target can see this user's processes and files"
    yield "libfaketime", shutil.which("faketime") or "not found: the wall clock is moved by environment only"
    yield "node", shutil.which("node") or "not found: Node targets cannot be run"
