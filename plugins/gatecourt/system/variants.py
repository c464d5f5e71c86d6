"""Known-bad variants of a target: a fault's edits applied to a copy, never to the original."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from filelock import FileLock

from gatecourt.core.errors import FaultError, ManifestError
from gatecourt.core.model import Run, Subject
from gatecourt.formats.files import subject
from gatecourt.formats.suggestions import did_you_mean
from gatecourt.system.drivers.commands import RUN, CommandSection
from gatecourt.system.drivers.section import RunSection
from gatecourt.system.faults.edits import apply
from gatecourt.system.faults.section import Fault
from gatecourt.system.manifest.loading import Manifest, load
from gatecourt.system.target import DeclaredTarget, Sandbox

if TYPE_CHECKING:
    from gatecourt.system.drivers.runner import RunRequest

S = TypeVar("S", RunSection, CommandSection)
_NOT_COPIED = shutil.ignore_patterns(".git", "faults", "__pycache__", ".venv", "node_modules")


def variant(manifest: Manifest, fault: Fault, sandbox: Sandbox) -> DeclaredTarget:
    """The target under ``fault``. Raises ``FaultError`` where the fault cannot be applied."""
    if fault.on == "artefact":
        _refuse_unknown(fault, manifest)
        return ArtefactVariant(manifest, fault, sandbox)
    copy = sandbox.folder / "variants" / manifest.target.name / fault.id
    root = _once(copy, lambda folder: _edited_tree(manifest, fault, folder))
    try:
        edited = load(root / manifest.path.name, sandbox.gates)
    except ManifestError as error:
        raise FaultError(f"fault {fault.id}: its manifest is not valid: {error}") from error
    _refuse_unknown(fault, edited)
    return DeclaredTarget(_other_commands(edited, fault), sandbox, f"{manifest.target.name}_{fault.id}")


class ArtefactVariant(DeclaredTarget):
    """Judged on an edited copy of what one clean run left; every other run is the clean system's.

    Where a later command goes on with the edited run, it goes on with what the clean system left.
    """

    def __init__(self, manifest: Manifest, fault: Fault, sandbox: Sandbox) -> None:
        super().__init__(manifest, sandbox)
        self.fault = fault

    def artefacts(self) -> Run:
        """The edited copy of what the clean system left."""
        return self.run() if self.manifest.run is not None else self._edited(super().artefacts(), self.fault.id)

    def _perform(self, name: str, request: RunRequest) -> Run:
        """Repetitions, other seeds, perturbed and killed runs, and all of other commands are those of the clean system.

        The plain run is edited once; what another command leaves is edited each time.
        """
        clean = super()._perform(name, request)
        if name != self.fault.of or request.kill or request.ordinal or request.seed is not None or request.perturb:
            return clean
        if name == RUN:
            plain = not (request.on or request.supplied or request.trap)
            return self._edited(clean, self.fault.id) if plain else clean
        return self._edited(clean, f"{self.fault.id}_{clean.work.parent.name}") if clean.work else clean

    def _edited(self, clean: Run, place: str) -> Run:
        folder = self.sandbox.folder / "variants" / self.name / place
        root = _once(folder, lambda copy: _edited_outputs(clean, self.fault, copy))
        files = _subjects(root)
        touched = clean.written | {name for name in files if files[name] != clean.files.get(name)}
        return self._noted(dataclasses.replace(clean, root=root, files=files, written=touched & files.keys()))


def _once(folder: Path, make: Callable[[Path], None]) -> Path:
    folder.parent.mkdir(parents=True, exist_ok=True)
    done = folder.with_name(folder.name + ".done")
    with FileLock(str(folder.with_name(folder.name + ".lock"))):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            make(folder)
            done.touch()
    return folder


def _edited_tree(manifest: Manifest, fault: Fault, folder: Path) -> None:
    shutil.copytree(manifest.root, folder, ignore=_NOT_COPIED)
    apply(fault, folder, folder.parent)


def _edited_outputs(clean: Run, fault: Fault, folder: Path) -> None:
    folder.mkdir()
    for name in clean.files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(clean.path(name), folder / name)
    apply(fault, folder, folder.parent)


def _subjects(root: Path) -> dict[str, Subject]:
    files = sorted(path for path in root.rglob("*") if path.is_file())
    return {found.name: found for found in (subject(path, path.relative_to(root).as_posix()) for path in files)}


def _refuse_unknown(fault: Fault, manifest: Manifest) -> None:
    if fault.of == RUN or fault.of in manifest.commands:
        return
    declared = f"declared are {', '.join(sorted(manifest.commands)) or 'none'}"
    hint = did_you_mean(fault.of, manifest.commands) or declared
    raise FaultError(f"fault {fault.id}: of = {fault.of!r} is no declared command; {hint}")


def _other_commands(manifest: Manifest, fault: Fault) -> Manifest:
    run = manifest.run and _other(manifest.run, RUN, fault)
    commands = {name: _other(section, name, fault) for name, section in manifest.commands.items()}
    return dataclasses.replace(manifest, run=run, commands=commands)


def _other(section: S, name: str, fault: Fault) -> S:
    section = dataclasses.replace(section, env={**section.env, **fault.environment})
    replaced = fault.command if name == fault.of else None
    return dataclasses.replace(section, command=replaced, steps=()) if replaced else section
