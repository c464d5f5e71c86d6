"""One attempt at a run: prepare its folders, start its commands, look at what there is then."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gatecourt.core.errors import Judged
from gatecourt.core.model import Finding
from gatecourt.formats.patterns import select
from gatecourt.system.drivers import isolation, judge_inputs, kill_points, perturbation, record, resume
from gatecourt.system.drivers import trap as trapped
from gatecourt.system.drivers.isolation import Input
from gatecourt.system.drivers.output_tail import Redaction, with_last_lines
from gatecourt.system.drivers.perturbation import Environment
from gatecourt.system.drivers.process import KEPT_BYTES, Command, Outcome, execute, signal_name
from gatecourt.system.drivers.record import WORK, Record
from gatecourt.system.drivers.request import RunRequest, argv, pasted, template_values
from gatecourt.system.drivers.resume import Contents
from gatecourt.system.drivers.workdirs import Places, keep, places, remove, reserved

_SHOWN = 10
_LARGEST_STDOUT = 256 * 1024 * 1024
"""Bytes of a command's standard output that are kept as an output of the run."""


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
        supplied = {name: Path(text) for name, text in self.request.supplied.items() if Path(text).is_absolute()}
        return Redaction({**supplied, **folders, "root": Path(self.values["root"])}, self.environment.secrets)


def perform(request: RunRequest, inputs: Sequence[Input], base: Path, folder: Path) -> Record:
    """Make the run and remember it, whatever its end was. On one ground one run is made at a time."""
    remove(folder)
    logs = folder / "logs"
    logs.mkdir(parents=True)
    ground = base / resume.ground(request.earlier, request.section.ground)
    where = places(ground, request.perturb)
    with reserved(ground, where):
        try:
            prepared = _prepared(request, where, logs)
            found = _observed(prepared, inputs, _clock(ground, request.perturb))
        except Judged as judged:
            found = Record(out=WORK, failure=judged.finding)
        keep(where.work, folder / WORK)
        trapped.relocate(logs, where.work, folder / WORK)
    resume.note_ground(folder, ground.relative_to(base).as_posix())
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
def _clock(ground: Path, perturb: Sequence[str]) -> Iterator[None]:
    """Note the last second in which a plain run was under way on its ground; for another start time, begin after it."""
    noted = ground / "second"
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
    contents = _contents(prepared, inputs)
    _make_folders(prepared)
    before = isolation.neighbours(prepared.request.root, inputs)
    judged = judge_inputs.states(prepared.request.root)
    mark = prepared.logs / "started"
    with clock:
        mark.touch()
        outcome = _steps(prepared)
    _keep_stdout(prepared, outcome)
    after = isolation.neighbours(prepared.request.root, inputs)
    seen = [*isolation.changed_inputs(inputs), *isolation.new_neighbours(before, after)]
    known = {item.name for item in inputs}
    seen += [note for note in judge_inputs.changed(prepared.request.root, judged) if note.where not in known]
    look = _left_by_kill if outcome.killed else _judged_outputs
    found = look(prepared, contents, mark.stat().st_mtime_ns)
    return replace(
        found,
        exit_code=outcome.exit_code,
        stdout_tail=prepared.redaction.tail(outcome.stdout),
        stderr_tail=prepared.redaction.tail(outcome.stderr),
        seconds=outcome.seconds,
        peak_bytes=outcome.peak_bytes,
        observations=kill_points.observations(prepared.out, outcome.killed) if outcome.killed else {},
        notes=(*seen, *found.notes, *_left(prepared, outcome), *perturbation.without_effect(prepared.request.perturb)),
    )


def _contents(prepared: _Prepared, inputs: Sequence[Input]) -> Contents:
    earlier, work = prepared.request.earlier, prepared.where.work
    remembered = record.load(earlier) if earlier else None
    if earlier is None or remembered is None:
        return Contents(isolation.copy_in(inputs, work))
    return resume.continued(earlier, remembered, inputs, work)


def _make_folders(prepared: _Prepared) -> None:
    section, work = prepared.request.section, prepared.where.work
    for key, name in (("out", section.out), ("cwd", section.cwd)):
        try:
            (work / name).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            observed = f"{name}: {error.strerror}; an input lies there"
            where = section.key(key)
            raise Judged(Finding(where, "a place for a folder", observed, "run.input_refused")) from error


def _steps(prepared: _Prepared) -> Outcome:
    """Run the steps in order. Raises ``Judged`` for the first that does not end well; returns the last one run."""
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
        if whole.killed:
            break
    return whole


def _keep_stdout(prepared: _Prepared, outcome: Outcome) -> None:
    """Put the standard output of the last command beside its outputs. Raises ``Judged`` (``run.output_refused``)."""
    section = prepared.request.section
    if section.stdout is None:
        return
    if outcome.stdout.total > _LARGEST_STDOUT:
        expected, observed = f"at most {_LARGEST_STDOUT} bytes", f"{outcome.stdout.total} bytes"
        raise Judged(Finding(section.key("stdout"), expected, observed, "run.output_refused"))
    file = prepared.out / section.stdout
    printed = prepared.logs / str(len(section.argument_lists) - 1) / "stdout"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with printed.open("rb") as source, file.open("xb") as copy:
            shutil.copyfileobj(source, copy)
    except OSError as error:
        observed = f"{section.stdout}: {error.strerror}"
        raise Judged(
            Finding(section.key("stdout"), "a place for a new file", observed, "run.output_refused")
        ) from error


def _step(prepared: _Prepared, number: int, program: str, seconds: float) -> Outcome:
    request, where = prepared.request, prepared.where
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
        kill=kill_points.watched(request.kill, prepared.out) if request.kill else None,
        kept=KEPT_BYTES if request.section.stdout is None else _LARGEST_STDOUT,
        hidden=prepared.logs.parents[1],
        shown=(prepared.logs, *_supplied(request, prepared.logs.parents[1])),
    )
    outcome = execute(command)
    for name in ("stdout", "stderr"):
        prepared.redaction.file(logs / name)
    if bad := _bad_end(request, number, program, outcome, prepared.redaction):
        raise Judged(bad)
    return outcome


def _supplied(request: RunRequest, runs: Path) -> list[Path]:
    """What the asker hands over out of earlier runs: all that the command may see of them."""
    paths = [Path(text) for text in request.supplied.values()]
    return [path for path in paths if path.is_relative_to(runs) and path.exists()]


def _bad_end(request: RunRequest, step: int, program: str, outcome: Outcome, redaction: Redaction) -> Finding | None:
    """The finding for a command that did not end as declared, or None."""
    section, key = request.section, request.section.key_of(step)
    if outcome.killed:
        return None
    if outcome.broken:
        return Finding(key, "a run under supervision", "the supervising process was lost", "run.supervision_lost")
    if outcome.failure is not None:
        return Finding(key, f"a program {program!r} to start", outcome.failure, "run.command_not_found")
    code, line = outcome.exit_code, redaction.apply(pasted(request, step))
    if outcome.timed_out:
        expected = f"an end within {section.deadline.normalize():f} s ({section.key('deadline')}) of: {line}"
        observed = with_last_lines(outcome, redaction, f"{program} was still running and was ended")
        return Finding(key, expected, observed, "run.deadline")
    expected = f"exit code {section.exit_code} of: {line}"
    if code is not None and code < 0:
        observed = with_last_lines(outcome, redaction, f"{program} was ended by {signal_name(code)}")
        return Finding(key, expected, observed, "run.signal")
    if code != section.exit_code:
        observed = with_last_lines(outcome, redaction, f"{program} ended with exit code {code}")
        return Finding(key, expected, observed, "run.exit_code")
    return None


def _judged_outputs(prepared: _Prepared, contents: Contents, started: int) -> Record:
    section, point = prepared.request.section, prepared.request.kill
    found = _outputs(prepared, contents, started)
    if point is not None:
        raise Judged(kill_points.missed(section, point, prepared.out, sorted(found.files)))
    if section.always_writes and not found.files and not found.notes:
        raise Judged(Finding(section.key("out"), "at least one file in the output folder", "none", "run.no_output"))
    for place, pattern in enumerate(section.outputs):
        if not select(found.written, [pattern]):
            raise Judged(_output_missing(section.key(f"outputs[{place}]"), pattern, sorted(found.written)))
    return found


def _left_by_kill(prepared: _Prepared, contents: Contents, started: int) -> Record:
    """What a killed run left is no output to be judged, but what it wrote beside its outputs is reported."""
    found = _outputs(prepared, contents, started)
    return replace(found, notes=tuple(note for note in found.notes if note.rule == "run.input_copy_changed"))


def _outputs(prepared: _Prepared, contents: Contents, started: int) -> Record:
    out = prepared.out
    found, notes = isolation.outputs(out, contents.copies, started, contents.inherited)
    if out != prepared.where.work:
        notes += isolation.changed_copies(contents.copies, out)
    times = {name: (out / name).stat().st_mtime_ns for name in found}
    written = isolation.written(out, found, contents.inherited)
    relative = (Path(WORK) / prepared.request.section.out).as_posix()
    return Record(out=relative, files=found, times=times, written=written, notes=tuple(notes))


def _output_missing(key: str, pattern: str, written: Sequence[str]) -> Finding:
    shown = ", ".join(written[:_SHOWN]) or "nothing"
    more = f" and {len(written) - _SHOWN} more" if len(written) > _SHOWN else ""
    expected = f"a file that matches {pattern!r}"
    return Finding(key, expected, f"the run wrote {shown}{more}", "run.output_missing")


def _left(prepared: _Prepared, outcome: Outcome) -> list[Finding]:
    if not outcome.left:
        return []
    expected = "no process left when the command has ended"
    return [Finding(prepared.request.section.at, expected, "some were left, and were ended", "run.process_left")]
