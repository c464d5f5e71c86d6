"""Known-bad variants of a target: a fault's edits applied to a copy, never to the original."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from filelock import FileLock

from gatecourt.canon import subject
from gatecourt.drivers.section import RunSection
from gatecourt.errors import FaultError, ManifestError
from gatecourt.faults.edits import apply
from gatecourt.faults.section import Fault
from gatecourt.manifest.loading import Manifest, load
from gatecourt.model import Run, Subject
from gatecourt.target import DeclaredTarget, Sandbox

_NOT_COPIED = shutil.ignore_patterns(".git", "faults", "__pycache__", ".venv", "node_modules")


def variant(manifest: Manifest, fault: Fault, sandbox: Sandbox) -> DeclaredTarget:
    """The target under ``fault``. Raises ``FaultError`` where the fault cannot be applied."""
    if fault.on == "artefact":
        return ArtefactVariant(manifest, fault, sandbox)
    copy = sandbox.folder / "variants" / manifest.target.name / fault.id
    root = _once(copy, lambda folder: _edited_tree(manifest, fault, folder))
    try:
        edited = load(root / manifest.path.name, sandbox.gates)
    except ManifestError as error:
        raise FaultError(f"fault {fault.id}: its manifest is not valid: {error}") from error
    return DeclaredTarget(
        dataclasses.replace(edited, run=_other_run(edited.run, fault)), sandbox, f"{manifest.target.name}_{fault.id}"
    )


class ArtefactVariant(DeclaredTarget):
    """Judged on an edited copy of a clean run's outputs; every other run is the clean system's."""

    def __init__(self, manifest: Manifest, fault: Fault, sandbox: Sandbox) -> None:
        super().__init__(manifest, sandbox)
        self.fault = fault

    def artefacts(self) -> Run:
        """The edited copy of what the clean system left."""
        return self._edited(super().artefacts())

    def run(
        self, *, again: bool = False, seed: int | None = None, perturb: Iterable[str] = (), trap: str | None = None
    ) -> Run:
        """The first plain run is edited; repetitions, other seeds and perturbed runs are not."""
        clean = super().run(again=again, seed=seed, perturb=perturb, trap=trap)
        plain = not again and seed is None and not tuple(perturb) and trap is None
        return self._edited(clean) if plain else clean

    def _edited(self, clean: Run) -> Run:
        folder = self.sandbox.folder / "variants" / self.name / self.fault.id
        root = _once(folder, lambda copy: _edited_outputs(clean, self.fault, copy))
        return self._noted(dataclasses.replace(clean, root=root, files=_subjects(root)))


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


def _other_run(run: RunSection | None, fault: Fault) -> RunSection | None:
    if run is None or not (fault.command or fault.environment):
        return run
    run = dataclasses.replace(run, env={**run.env, **fault.environment})
    return dataclasses.replace(run, command=fault.command, steps=()) if fault.command else run
