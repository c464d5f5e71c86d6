"""One session of the suite: which targets it judges, where it keeps its files, where reports go."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from gatecourt.core.errors import GatecourtError, ManifestError, ManifestErrors
from gatecourt.core.gatespec import GateSpec, reasons_of
from gatecourt.core.layout import GATES, manifest_path
from gatecourt.core.reasons import COURT_REASONS, Reasons
from gatecourt.court.evidence import Spool
from gatecourt.court.provenance import Provenance
from gatecourt.court.renderers.report import ReportsFolder, court_files
from gatecourt.court.verdict import CheckId, RollCall, TargetRoll, judge
from gatecourt.session.begin import writing
from gatecourt.session.stale_folders import new_folder, sweep
from gatecourt.system.declared_checks import check_ids, check_names
from gatecourt.system.faults.section import Fault
from gatecourt.system.manifest.loading import Manifest, load


@dataclass(frozen=True)
class Case:
    """What is judged: a system as it is, or a variant of it, which only the gate that its fault names judges."""

    manifest: Manifest
    fault: Fault | None = None

    @property
    def name(self) -> str:
        """The system's name; of a variant, with the fault's id behind an ``@``."""
        return f"{self.manifest.target.name}@{self.fault.id}" if self.fault else self.manifest.target.name

    def includes(self, gate: str) -> bool:
        """Whether checks of ``gate`` are collected for this case."""
        return gate == self.fault.gate if self.fault else gate in self.manifest.court.roll

    def includes_check(self, check: str) -> bool:
        """Whether this check is judged: of a variant only the one that its fault names, with any parameter."""
        if self.fault is None or self.fault.check is None:
            return True
        named = f"{self.fault.gate}.{self.fault.check}"
        return named in (check, check.partition("[")[0])


@dataclass
class GateSession:
    """What the parts of the plugin share. ``folder`` is the session's own temporary folder, one for all workers."""

    config: pytest.Config
    gates: dict[str, GateSpec]
    reasons: Reasons
    cases: dict[str, Case]
    folder: Path
    reports: Path

    @property
    def spool(self) -> Spool:
        """Where workers put their records."""
        return Spool(self.folder / "spool")

    @property
    def rolls(self) -> list[TargetRoll]:
        """What must be judged, target by target, sorted by name."""
        return [target_roll(case.manifest, self.gates) for _, case in sorted(self.cases.items()) if case.fault is None]

    def reasons_for(self, case: Case, gate: str) -> Reasons:
        """The register of the session, with the reason codes that the target's own section of ``gate`` declares."""
        section = case.manifest.sections.get(gate)
        return self.reasons.with_more(self.gates[gate].section_reasons(section)) if section else self.reasons

    @property
    def proof(self) -> bool:
        """Whether the session proves faults rather than judges systems."""
        return bool(self.config.getoption("--prove"))

    @property
    def high(self) -> bool:
        """Whether the long lists of kill points and the like are wanted."""
        return bool(self.config.getoption("--effort") == "high")

    @property
    def declared(self) -> frozenset[CheckId]:
        """Every check that the rolls demand, whatever this session collects of them."""
        return frozenset(
            CheckId(name, gate.marker, check)
            for name, case in self.cases.items()
            for gate in self.gates.values()
            if case.fault is None and case.includes(gate.marker)
            for check in check_ids(
                gate,
                case.manifest.section(gate),
                not_applicable=case.manifest.not_applicable(gate),
                high=self.high,
            )
        )

    @property
    def worker(self) -> bool:
        """Whether this process is a worker of pytest-xdist."""
        return hasattr(self.config, "workerinput")

    def close(self) -> None:
        """Removes the session's folder; the controller calls it last."""
        shutil.rmtree(self.folder, ignore_errors=True)


SESSION = pytest.StashKey[GateSession]()


def open_session(config: pytest.Config) -> GateSession | None:
    """The session, or None where no target is named or no gate can be collected.

    Raises ``UsageError`` with every problem of every manifest.
    """
    named = [_manifest_path(name, config.invocation_params.dir) for name in config.getoption("--target")]
    named = named or [config.rootpath / name for name in config.getini("gatecourt_targets")]
    if not named:
        return None
    gates = registered_gates(config)
    if not _collects_gates(config, gates.values()):
        if config.getoption("--target"):
            raise pytest.UsageError("--target: none of the paths beside it holds a gate; remove them")
        return None
    try:
        reasons = reasons_of(gates.values())
    except ValueError as error:
        raise pytest.UsageError(str(error)) from error
    try:
        manifests = _load(named, gates)
    except ManifestError as error:
        _replace_old_report(config, error)
        raise pytest.UsageError(f"\n{error}") from error
    _refuse_gates_of_targets(gates.values(), manifests.values())
    cases = {case.name: case for case in _cases(manifests, config.getoption("--prove"), gates)}
    session = GateSession(config, gates, reasons, cases, _session_folder(config), reports_folder(config))
    _collect_gates(config, session)
    return session


def _refuse_gates_of_targets(gates: Iterable[GateSpec], manifests: Iterable[Manifest]) -> None:
    """Raises ``UsageError`` where a gate lies in the tree that it would judge: the target would judge itself."""
    roots = [manifest.root.resolve() for manifest in manifests]
    for gate in gates:
        module = gate.module.resolve()
        if any(module.is_relative_to(root) for root in roots) and gate.module.parent != GATES:
            raise pytest.UsageError(
                f"gate {gate.marker!r} lies in the target's own folder ({module.name}); "
                "move it out, into a plugin that is installed or named with -p"
            )


def registered_gates(config: pytest.Config) -> dict[str, GateSpec]:
    """Every gate that a plugin or conftest registers, by marker, sorted. Raises ``UsageError`` on a name used twice."""
    gates: dict[str, GateSpec] = {}
    for spec in (spec for specs in config.hook.pytest_gatecourt_gates() for spec in specs):
        if spec.marker in gates:
            raise pytest.UsageError(
                f"gate {spec.marker!r} is registered twice: by {gates[spec.marker].module} and by {spec.module}; "
                "give one of them another marker"
            )
        gates[spec.marker] = spec
    return dict(sorted(gates.items()))


def reports_folder(config: pytest.Config) -> Path:
    """``--reports``, else the ini value, else ``.gatecourt`` below the root folder."""
    if given := config.getoption("--reports"):
        return Path(config.invocation_params.dir, given)
    return config.rootpath / (config.getini("gatecourt_reports") or ".gatecourt")


def _manifest_path(name: str, folder: Path) -> Path:
    path = Path(folder, name)
    return path if "/" in name and not path.is_dir() else manifest_path(path)


def _collects_gates(config: pytest.Config, gates: Iterable[GateSpec]) -> bool:
    """Whether any gate can be collected: by default, or because a path that the user named covers its module."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS:
        return True
    return any(_covers(argument, gate.module, config) for argument in config.args for gate in gates)


def _collect_gates(config: pytest.Config, session: GateSession) -> None:
    """Makes pytest collect the gates that some case includes, where the user named no paths."""
    if config.args_source is pytest.Config.ArgsSource.ARGS:
        return
    cases = session.cases.values()
    included = [gate for gate in session.gates.values() if any(case.includes(gate.marker) for case in cases)]
    modules = sorted({str(gate.module) for gate in included if gate.module.exists()})
    # A target typed at the prompt is all the user wants judged; one in the configuration joins the project's tests.
    own = [] if config.getoption("--target") else _without(config.args, session.gates.values())
    config.args = [*own, *modules]


def _without(args: list[str], gates: Iterable[GateSpec]) -> list[str]:
    """The arguments that do not merely name a folder which the gates' modules fill."""
    folders = {gate.module.parent for gate in gates}
    return [argument for argument in args if Path(argument).resolve() not in folders]


def _covers(argument: str, module: Path, config: pytest.Config) -> bool:
    path = Path(config.invocation_params.dir, argument.split("::", 1)[0]).resolve()
    return module.is_relative_to(path)


def _load(paths: list[Path], gates: dict[str, GateSpec]) -> dict[str, Manifest]:
    """The manifests by target name. Raises ``ManifestError`` with every problem of every manifest."""
    manifests: dict[str, Manifest] = {}
    errors: list[ManifestError] = []
    for path in paths:
        try:
            manifest = load(path, gates)
        except ManifestError as error:
            errors.append(error)
            continue
        if other := manifests.get(manifest.target.name):
            problem = f"target.name: {manifest.target.name!r} is the name of {other.path} too; rename one"
            errors.append(ManifestError(str(path), [problem]))
        manifests[manifest.target.name] = manifest
    if errors:
        raise ManifestErrors(errors)
    return manifests


def _replace_old_report(config: pytest.Config, error: ManifestError) -> None:
    # A session that cannot begin is still the newest: the report may not show an older PASS.
    if not hasattr(config, "workerinput") and not config.option.collectonly:
        nothing = judge([], [], RollCall(frozenset(), frozenset()))
        observed = {**Provenance().as_json(), "problems": str(error).splitlines()}
        with writing(reports_folder(config)):
            try:
                ReportsFolder(reports_folder(config)).replace(court_files(nothing, Reasons(COURT_REASONS), observed))
            except GatecourtError as trouble:
                raise pytest.UsageError(f"\n{error}\n{trouble}") from error


def target_roll(manifest: Manifest, gates: Mapping[str, GateSpec]) -> TargetRoll:
    """The roll of a system, and what does not apply to it: gates, and checks of its gates.

    A gate of which no check applies is itself not applicable, and no longer on the roll.
    """
    court = manifest.court
    checks = {name: manifest.not_applicable(gates[name]) for name in court.roll}
    empty = {name: _one_reason(reasons) for name, reasons in checks.items() if _none_applies(gates[name], reasons)}
    listed = {f"{name}.{check}": reason for name, reasons in checks.items() for check, reason in reasons.items()}
    return TargetRoll(
        manifest.target.name,
        tuple(name for name in court.roll if name not in empty),
        {**court.gates_not_applicable, **empty, **listed},
        manifest.sha256,
    )


def _none_applies(gate: GateSpec, not_applicable: Mapping[str, str]) -> bool:
    names = check_names(gate)
    return bool(names) and all(name in not_applicable for name in names)


def _one_reason(reasons: Mapping[str, str]) -> str:
    given = list(dict.fromkeys(reasons.values()))
    return given[0] if len(given) == 1 else "none of its checks applies"


def _cases(manifests: dict[str, Manifest], prove: str | None, gates: Mapping[str, GateSpec]) -> Iterator[Case]:
    for manifest in manifests.values():
        yield Case(manifest)
        if prove:
            yield from (Case(manifest, fault) for fault in _faults(manifest, prove, gates))


def _faults(manifest: Manifest, prove: str, gates: Mapping[str, GateSpec]) -> list[Fault]:
    from gatecourt.system.faults.loading import load_faults  # only a proof pays for the readers of faults
    from gatecourt.system.faults.selection import choose

    try:
        faults = load_faults(manifest.root / "faults", gates, manifest.sections)
        return choose(faults, prove)
    except GatecourtError as error:
        raise pytest.UsageError(f"\n{error}") from error


def _session_folder(config: pytest.Config) -> Path:
    given = getattr(config, "workerinput", {}).get("gatecourt_folder")
    if given:
        return Path(given)
    with writing(Path(tempfile.gettempdir())):
        sweep(Path(tempfile.gettempdir()))
        return new_folder(Path(tempfile.gettempdir()))
