"""One attempt at a run: prepare its folders, start its commands, look at what there is then."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gatecourt.drivers import isolation, perturbation, trapped
from gatecourt.drivers.isolation import Copy, Input
from gatecourt.drivers.perturbation import Environment
from gatecourt.drivers.places import Places, keep, places, remove, reserved
from gatecourt.drivers.process import Command, Outcome, execute, signal_name
from gatecourt.drivers.record import Record
from gatecourt.drivers.request import RunRequest, argv, template_values
from gatecourt.drivers.section import RunSection
from gatecourt.drivers.tails import Redaction, last_words
from gatecourt.errors import Judged
from gatecourt.model import Finding
from gatecourt.patterns import select

_SHOWN = 10


@dataclass(frozen=True)
class _Prepared:
    """A run that is ready to start: where, with which template values and variables."""

    request: RunRequest
    where: Places
    logs: Path
    values: Mapping[str, str]
    environment: Environment

    @property
    def out(self) -> Path:
        return Path(self.values["out"])

    @property
    def redaction(self) -> Redaction:
        folders = {"work": self.where.work, "out": self.out, "tmp": self.where.tmp, "home": self.where.home}
        if self.out == self.where.work:
            del folders["out"]
        return Redaction({**folders, "root": Path(self.values["root"])}, self.environment.secrets)


def perform(request: RunRequest, inputs: Sequence[Input], base: Path, folder: Path) -> Record:
    """Make the run and remember it, whatever its end was. One target makes one run at a time."""
    remove(folder)
    logs = folder / "logs"
    logs.mkdir(parents=True)
    where = places(base, request.perturb)
    with reserved(base, where):
        try:
            prepared = _prepared(request, where, logs)
            found = _observed(prepared, inputs, _clock(base, request.perturb))
        except Judged as judged:
            found = Record(out="work", failure=judged.finding)
        keep(where.work, folder / "work")
        trapped.relocate(logs, where.work, folder / "work")
    found.write(folder)
    return found


def _prepared(request: RunRequest, where: Places, logs: Path) -> _Prepared:
    values = template_values(request, where)
    environment = perturbation.environment(request.section, where, request.perturb, values, request.extra_env)
    if request.trap is not None:
        root, inherited = request.root.resolve(), environment.variables
        trap = trapped.variables(request.trap, logs, root, where.work, inherited)
        environment = replace(environment, variables={**inherited, **trap})
    return _Prepared(request, where, logs, values, environment)


@contextlib.contextmanager
def _clock(base: Path, perturb: Sequence[str]) -> Iterator[None]:
    """Note the last second in which a plain run was under way; for another start time, begin after it."""
    noted = base / "second"
    last = int(noted.read_text()) if noted.exists() else 0
    patience = time.monotonic() + 1.5  # a clock that is set back is not waited for
    while "start_time" in perturb and time.time() < last + 1 and time.monotonic() < patience:
        time.sleep(0.01)
    try:
        yield
    finally:
        if "start_time" not in perturb:
            noted.write_text(str(int(time.time())))


def _observed(prepared: _Prepared, inputs: Sequence[Input], clock: contextlib.AbstractContextManager[None]) -> Record:
    """Copy in, run, look at what there is then."""
    copies = isolation.copy_in(inputs, prepared.where.work)
    _make_folders(prepared)
    before = isolation.neighbours(prepared.request.root, inputs)
    mark = prepared.logs / "started"
    with clock:
        mark.touch()
        outcome = _steps(prepared)
    after = isolation.neighbours(prepared.request.root, inputs)
    seen = [*isolation.changed_inputs(inputs), *isolation.new_neighbours(before, after)]
    found = _judged_outputs(prepared, copies, mark.stat().st_mtime_ns)
    return replace(
        found,
        exit_code=outcome.exit_code,
        stdout_tail=prepared.redaction.tail(outcome.stdout),
        stderr_tail=prepared.redaction.tail(outcome.stderr),
        seconds=outcome.seconds,
        peak_bytes=outcome.peak_bytes,
        notes=(*seen, *found.notes, *_left(outcome), *perturbation.without_effect(prepared.request.perturb)),
    )


def _make_folders(prepared: _Prepared) -> None:
    section, work = prepared.request.section, prepared.where.work
    for key, name in (("run.out", section.out), ("run.cwd", section.cwd)):
        try:
            (work / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            observed = f"{name}: {error.strerror}; an input lies there"
            raise Judged(Finding(key, "a place for a folder", observed, "run.input_refused")) from error


def _steps(prepared: _Prepared) -> Outcome:
    """Run the steps in order. Raises ``Judged`` for the first that does not end well; returns the last."""
    section = prepared.request.section
    left = float(section.deadline)
    whole = Outcome()
    for number, words in enumerate(section.argument_lists):
        outcome = _step(prepared, number, words[0].replace("{python}", "python"), left)
        left -= outcome.seconds
        whole = replace(
            outcome,
            seconds=whole.seconds + outcome.seconds,
            peak_bytes=max(whole.peak_bytes, outcome.peak_bytes),
            left=whole.left or outcome.left,
        )
    return whole


def _step(prepared: _Prepared, number: int, program: str, seconds: float) -> Outcome:
    request, where = prepared.request, prepared.where
    key = request.section.key_of(number)
    logs = prepared.logs / str(number)
    logs.mkdir()
    command = Command(
        argv=argv(request, number, prepared.values),
        cwd=where.work / request.section.cwd,
        environment=prepared.environment.variables,
        deadline=max(seconds, 0.0),
        logs=logs,
        umask=perturbation.umask(request.perturb),
        cpus=perturbation.cpus(request.perturb),
    )
    outcome = execute(command)
    for name in ("stdout", "stderr"):
        prepared.redaction.file(logs / name)
    if bad := _bad_end(request.section, key, program, outcome, prepared.redaction):
        raise Judged(bad)
    return outcome


def _bad_end(section: RunSection, key: str, program: str, outcome: Outcome, redaction: Redaction) -> Finding | None:
    """The finding for a command that did not end as declared, or None."""
    if outcome.broken:
        return Finding(key, "a run under supervision", "the supervising process was lost", "run.supervision_lost")
    if outcome.failure is not None:
        return Finding(key, f"a program {program!r} to start", outcome.failure, "run.command_not_found")
    said = last_words(outcome, redaction)
    if outcome.timed_out:
        expected = f"an end within {section.deadline.normalize():f} s (run.deadline)"
        return Finding(key, expected, f"{program} was still running and was ended; {said}", "run.deadline")
    code = outcome.exit_code
    if code is not None and code < 0:
        return Finding(key, _wanted(section), f"{program} was ended by {signal_name(code)}; {said}", "run.signal")
    if code != section.exit_code:
        return Finding(key, _wanted(section), f"{program} gave exit code {code}; {said}", "run.exit_code")
    return None


def _wanted(section: RunSection) -> str:
    return f"exit code {section.exit_code}"


def _judged_outputs(prepared: _Prepared, copies: Mapping[str, Copy], started: int) -> Record:
    section = prepared.request.section
    found, notes = isolation.outputs(prepared.out, copies, started)
    if not found and not notes:
        raise Judged(Finding("run.out", "at least one file in the output folder", "none", "run.no_output"))
    for place, pattern in enumerate(section.outputs):
        if not select(found, [pattern]):
            raise Judged(_output_missing(place, pattern, sorted(found)))
    if prepared.out != prepared.where.work:
        notes += isolation.changed_copies(copies, prepared.out)
    times = {name: (prepared.out / name).stat().st_mtime_ns for name in found}
    out = (Path("work") / section.out).as_posix()
    return Record(out=out, files=found, times=times, notes=tuple(notes))


def _output_missing(place: int, pattern: str, written: Sequence[str]) -> Finding:
    shown = ", ".join(written[:_SHOWN]) or "nothing"
    more = f" and {len(written) - _SHOWN} more" if len(written) > _SHOWN else ""
    expected = f"a file that matches {pattern!r}"
    return Finding(f"run.outputs[{place}]", expected, f"the run wrote {shown}{more}", "run.output_missing")


def _left(outcome: Outcome) -> list[Finding]:
    if not outcome.left:
        return []
    expected = "no process left when the command has ended"
    return [Finding("run", expected, "some were left, and were ended", "run.process_left")]
