"""Recording and calibrating a baseline of a small learner, and two of its runs held against each other."""

from __future__ import annotations

import datetime
import hashlib
import io
import json
import math
import re
import shutil
import stat
import statistics
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

from gatecourt.cli import main
from gatecourt.commands.baselines import selection
from gatecourt.commands.baselines.samples_from_runs import seeds_after
from gatecourt.commands.baselines.store import with_pin
from gatecourt.core.model import Finding
from gatecourt.mechanisms.bands.custody import read
from gatecourt.mechanisms.bands.reasons import BANDS
from gatecourt.rules.registry import pytest_gatecourt_gates
from tests.bench import PLUGINS, environment, python

LEARNER = """\
import json, pathlib, random, sys

seed, out, level, spread = int(sys.argv[1]), pathlib.Path(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4])
dice = random.Random(seed)
rows = []
for epoch in range(1, 7):
    events = round(level + spread * dice.gauss(0, 1), 6)
    rows.append({"epoch": epoch, "mode": "rollout" if epoch % 2 == 0 else "replay", "events": events, "zero": 0.0})
(out / "telemetry").mkdir()
(out / "telemetry" / "queue.jsonl").write_text("".join(json.dumps(row) + "\\n" for row in rows))
"""

MANIFEST = """\
# A manifest that people wrote: comments and order stay.
[target]
name = "learner"

[court]
roll = ["telemetry"]

[run]
command = ["{python}", "-B", "learn.py", "{seed}", "{out}", "LEVEL", "SPREAD"]
inputs = ["learn.py"]
seed = 7

[telemetry.log.queue]
files = ["telemetry/queue.jsonl"]
identity = { pointers = ["epoch"] }
numbers = ["epoch", "events"]   # what a row has
judged = { pointer = "mode", equals = "rollout" }
bands.events = { relative = "15%" }

[telemetry.log.queue.baseline]
file = "baselines/queue.json"
max_age = "180d"
"""


@pytest.fixture
def learner(tmp_path: Path) -> Path:
    """A target that writes three judged rows of about 40 events each."""
    root = tmp_path / "learner"
    root.mkdir()
    (root / "learn.py").write_text(LEARNER)
    manifest(root)
    return root


def manifest(root: Path, level: str = "40", spread: str = "1.5", **replaced: str) -> None:
    text = MANIFEST.replace("LEVEL", level).replace("SPREAD", spread)
    for old, new in replaced.items():
        assert old in text
        text = text.replace(old, new)
    (root / "gates.toml").write_text(text)


def repin(root: Path, **changes: str) -> None:
    """Changes values in the manifest and keeps the digest that it pins."""
    path = root / "gates.toml"
    for old, new in changes.items():
        assert f'"{old}"' in path.read_text()
        path.write_text(path.read_text().replace(f'"{old}"', f'"{new}"'))


@pytest.fixture
def say(learner: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Runs a command over the learner's log and gives exit code, output and errors."""

    def call(command: str, *words: str, log: str = "queue") -> tuple[int, str, str]:
        code = main([command, "--target", str(learner), "--log", log, *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return call


SIGNED = ("--author", "night desk", "--reason", "first recording")
Say = Callable[..., tuple[int, str, str]]


def stored(root: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((root / "baselines/queue.json").read_bytes())
    return found


def pin(root: Path) -> str:
    found = tomllib.loads((root / "gates.toml").read_text())["telemetry"]["log"]["queue"]["baseline"]
    return str(found["sha256"])


def test_a_recording_is_signed_pinned_and_shown(learner: Path, say: Say) -> None:
    before = (learner / "gates.toml").read_text()
    code, out, err = say("record", *SIGNED, "--seeds", "5")
    assert (code, err) == (0, "")
    found = stored(learner)
    assert found["seeds"] == [8, 9, 10, 11, 12]
    assert (found["by"], found["reason"], found["target"], found["log"], found["command"]) == (
        "night desk",
        "first recording",
        "learner",
        "queue",
        "run",
    )
    assert len(found["metrics"]["events"]["samples"]) == 5
    assert found["metrics"]["events"]["value"] == pytest.approx(40, rel=0.1)
    assert found["noise"] is None
    assert found["previous"] is None
    assert pin(learner) in out
    after = (learner / "gates.toml").read_text()
    assert after.replace(f'sha256 = "{pin(learner)}"\n', "") == before
    page = (learner / "baselines/queue.md").read_text()
    assert "| `events` | mean | - |" in page
    assert "night desk" in page
    assert [path.name for path in (learner / "baselines").iterdir() if path.name.startswith(".")] == []


def test_the_recorded_statistic_is_that_of_the_judged_rows_alone(learner: Path, say: Say) -> None:
    assert say("record", *SIGNED, "--seeds", "5")[0] == 0
    import random

    dice = random.Random(8)
    rows = [round(40 + 1.5 * dice.gauss(0, 1), 6) for _ in range(6)]
    assert stored(learner)["metrics"]["events"]["samples"][0] == pytest.approx(sum(rows[1::2]) / 3, abs=1e-10)


def test_a_second_recording_names_the_first_and_shows_what_changed(learner: Path, say: Say) -> None:
    assert say("record", *SIGNED, "--seeds", "5")[0] == 0
    first = pin(learner)
    repin(learner, **{"40": "50"})
    code, out, _ = say("record", "--author", "day desk", "--reason", "more queues", "--seeds", "5")
    assert code == 0
    assert stored(learner)["previous"] == first
    assert "next: gatecourt calibrate" in out
    page = learner / "baselines/queue.md"
    row = next(line for line in page.read_text().splitlines() if "`events`" in line)
    _, _, _, old, new, change, *_ = (cell.strip() for cell in row.split("|"))
    assert float(new) / float(old) - 1 == pytest.approx(float(change.rstrip("%")) / 100, abs=1e-3)
    assert float(change.rstrip("%")) == pytest.approx(25, abs=3)
    assert say("calibrate", "--author", "day desk")[0] == 0
    assert f"| {old} | {new} | {change} |" in page.read_text()


def test_calibration_stores_twenty_other_seeds_beside_the_baseline(learner: Path, say: Say) -> None:
    assert say("record", *SIGNED, "--seeds", "5")[0] == 0
    recorded, first = stored(learner), pin(learner)
    code, out, err = say("calibrate", "--author", "night desk")
    assert (code, err) == (0, "")
    found = stored(learner)
    assert found["noise"]["seeds"] == list(range(13, 33))
    assert len(found["noise"]["samples"]["events"]) == 20
    assert found["previous"] == first != pin(learner)
    assert {key: found[key] for key in ("recorded_at", "by", "metrics", "seeds")} == {
        key: recorded[key] for key in ("recorded_at", "by", "metrics", "seeds")
    }
    assert "cannot carry" not in out
    assert "| yes |" in (learner / "baselines/queue.md").read_text()


def test_a_metric_that_cannot_carry_its_band_is_named(learner: Path, say: Say) -> None:
    manifest(learner, spread="12")
    assert say("record", *SIGNED, "--seeds", "5")[0] == 0
    code, out, _ = say("calibrate", "--author", "night desk")
    assert code == 0
    assert "events has more noise than its band allows" in out
    assert "| no |" in (learner / "baselines/queue.md").read_text()


def test_a_system_that_has_moved_is_not_calibrated(learner: Path, say: Say) -> None:
    assert say("record", *SIGNED, "--seeds", "5")[0] == 0
    kept = stored(learner)
    repin(learner, **{"40": "50"})
    code, _, err = say("calibrate", "--author", "night desk")
    assert code == 4
    assert "events: its value has changed since the baseline was recorded" in err
    assert stored(learner) == kept


def test_runs_that_do_not_differ_are_no_calibration(learner: Path, say: Say) -> None:
    manifest(learner, spread="0")
    assert say("record", *SIGNED, "--seeds", "5")[0] == 0
    code, _, err = say("calibrate", "--author", "night desk")
    assert code == 4
    assert "does the command use its seed?" in err


def test_a_rewritten_baseline_is_not_calibrated_but_can_be_recorded_anew(learner: Path, say: Say) -> None:
    assert say("record", *SIGNED, "--seeds", "5")[0] == 0
    path = learner / "baselines/queue.json"
    path.write_text(path.read_text().replace("night desk", "somebody"))
    code, _, err = say("calibrate", "--author", "night desk")
    assert code == 4
    assert "band.baseline_rewritten" in err
    code, out, _ = say("record", *SIGNED, "--seeds", "5")
    assert code == 0
    assert "before: baselines/queue.json" in out
    assert "band.baseline_rewritten" in out


@pytest.mark.parametrize(
    ("command", "words", "told"),
    [
        ("record", ("--author", " ", "--reason", "x"), "--author: expected a text"),
        ("record", (*SIGNED, "--seeds", "4"), "--seeds 4: expected at least 5"),
        ("record", ("--author", "x"), "--reason"),
        ("record", (*SIGNED, "--seeds", "many"), "--seeds"),
        ("calibrate", ("--author", "x", "--seeds", "19"), "--seeds 19: expected at least 20"),
        ("calibrate", ("--author", "x"), "band.no_baseline"),
        ("compare", ("nowhere", "nothing"), "nowhere: expected a log"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(say: Say, command: str, words: tuple[str, ...], told: str) -> None:
    code, out, err = say(command, *words)
    assert (code, out) == (4, "")
    assert told in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("replaced", "told"),
    [
        ({'"{seed}", ': '"3", '}, "run.seed: no command holds {seed}; pass it"),
        ({"seed = 7\n": "", '"{seed}", ': '"3", '}, "a command that holds {seed}"),
        ({'numbers = ["epoch", "events"]': 'origin = "target"\nnumbers = ["epoch", "events"]'}, "no command writes it"),
        ({"judged = {": 'of = "train"\njudged = {'}, "no command is called 'train'"),
        ({'numbers = ["epoch", "events"]': 'numbers = ["epoch", "wages"]'}, "seed 8: telemetry/queue.jsonl:1#/wages"),
        ({'equals = "rollout"': 'equals = "mixed"'}, "telemetry.no_judged_row"),
        ({"bands.events": "bands.meals"}, "band.metric_missing"),
        ({'learn.py", "': 'gone.py", "'}, "run.exit_code"),
        ({'roll = ["telemetry"]': "roll = []"}, "telemetry"),
    ],
)
def test_a_manifest_that_cannot_be_recorded_from_is_told(
    learner: Path, say: Say, replaced: dict[str, str], told: str
) -> None:
    manifest(learner, **replaced)
    code, out, err = say("record", *SIGNED, "--seeds", "5")
    assert (code, out) == (4, "")
    assert told in err
    assert not (learner / "baselines").exists()


def test_a_log_without_a_name_or_without_bands_is_told(learner: Path, say: Say) -> None:
    assert "--log other: expected one of queue" in say("record", *SIGNED, log="other")[2]
    text = (learner / "gates.toml").read_text().partition("[telemetry.log.queue.baseline]")[0]
    (learner / "gates.toml").write_text(text.replace('bands.events = { relative = "15%" }\n', ""))
    assert "--log queue: expected a log with bands, found a log without bands; " in say("record", *SIGNED)[2]


@pytest.mark.parametrize("asked", ["other", "plain"])
def test_logs_without_bands_are_not_offered(learner: Path, say: Say, asked: str) -> None:
    with (learner / "gates.toml").open("a") as stream:
        stream.write('[telemetry.log.plain]\nfiles = ["p"]\nnumbers = ["n"]\nidentity = { pointers = ["n"] }\n')
    code, _, err = say("record", *SIGNED, log=asked)
    assert code == 4
    assert f"--log {asked}: expected one of queue, found {'a log without' if asked == 'plain' else 'no such'}" in err


# --- two runs


def log(path: Path, *events: Any) -> str:
    rows = [{"epoch": at, "mode": "rollout", "events": value} for at, value in enumerate(events, 1)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


@pytest.fixture(scope="module")
def recorded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A learner with a baseline and its noise, to be copied."""
    root = tmp_path_factory.mktemp("once")
    (root / "learn.py").write_text(LEARNER)
    manifest(root)
    about = ("--target", str(root), "--log", "queue")
    assert main(["record", *about, *SIGNED, "--seeds", "5"]) == 0
    assert main(["calibrate", *about, "--author", "night desk"]) == 0
    return root


@pytest.fixture
def calibrated(learner: Path, recorded_once: Path) -> Path:
    """The learner with a baseline and its noise."""
    shutil.copytree(recorded_once, learner, dirs_exist_ok=True)
    return learner


@pytest.mark.parametrize(
    ("value", "code", "outcome"),
    [(40, 0, "inside"), (34, 0, "inside"), (46, 0, "inside"), (46.1, 1, "outside"), (33.9, 1, "outside")],
)
def test_two_logs_are_compared_under_the_bands(
    calibrated: Path, say: Say, tmp_path: Path, value: float, code: int, outcome: str
) -> None:
    found, out, _ = say("compare", log(tmp_path / "a.jsonl", 40, 40), log(tmp_path / "b.jsonl", value, value))
    assert found == code
    row = next(line for line in out.splitlines() if line.startswith("events"))
    assert row.endswith(outcome)
    assert all(len(line) <= 80 for line in out.splitlines() if str(tmp_path) not in line)
    assert out.splitlines()[-1].startswith("PASS" if code == 0 else "FAIL")


@pytest.mark.parametrize(("share", "code"), [(0.95, 2), (1.05, 1)])
def test_two_single_runs_differ_by_more_than_one_and_a_mean(
    calibrated: Path, say: Say, tmp_path: Path, share: float, code: int
) -> None:
    repin(calibrated, **{"15%": "0.1%"})
    samples = stored(calibrated)["noise"]["samples"]["events"]
    reach = stats.t.ppf(0.995, 19) * statistics.stdev(samples) * math.sqrt(2)
    found, out, _ = say("compare", log(tmp_path / "a.jsonl", 40), log(tmp_path / "b.jsonl", 40 + share * reach))
    assert found == code
    assert ("band.narrower_than_noise" if code == 2 else "band.outside") in out.replace("\n   ", " ")


def test_the_floor_of_a_band_stands_in_the_table(calibrated: Path, say: Say, tmp_path: Path) -> None:
    path = calibrated / "gates.toml"
    path.write_text(path.read_text().replace('relative = "15%"', 'relative = "0%", floor = 0.125'))
    code, out, _ = say("compare", log(tmp_path / "a.jsonl", 40), log(tmp_path / "b.jsonl", 40.1))
    assert code == 0
    assert re.search(r"^events +40 +40\.1 +\+0\.25% +0% or 0\.125 .* inside$", out, re.MULTILINE)


def test_long_names_give_way_on_eighty_columns(calibrated: Path, say: Say, tmp_path: Path) -> None:
    path, name = calibrated / "gates.toml", "events_of_every_neighbourhood"
    path.write_text(
        path.read_text()
        .replace("bands.events", f"bands.{name}")
        .replace('"15%"', '"12.5%", floor = 0.000125, calibrated = false')
        .replace('"events"]', f'"{name}"]')
    )
    for place, value in (("a", 4000.123456), ("b", 4111.987654)):
        text = Path(log(tmp_path / f"{place}.jsonl", value)).read_text()
        (tmp_path / f"{place}.jsonl").write_text(text.replace('"events"', f'"{name}"'))
    out = say("compare", str(tmp_path / "a.jsonl"), str(tmp_path / "b.jsonl"))[1]
    table = [line for line in out.splitlines() if line.startswith(("metric", "events"))]
    assert [len(line) <= 80 for line in table] == [True, True]
    assert re.match(r"events\w*…\w*hood +4000", table[1])


def test_folders_of_runs_are_compared_by_the_log_in_them(calibrated: Path, say: Say, tmp_path: Path) -> None:
    log(tmp_path / "a/telemetry/queue.jsonl", 40)
    log(tmp_path / "b/telemetry/queue.jsonl", 41)
    assert say("compare", str(tmp_path / "a"), str(tmp_path / "b"))[0] == 0
    (tmp_path / "c").mkdir()
    code, _, err = say("compare", str(tmp_path / "a"), str(tmp_path / "c"))
    assert code == 4
    assert "c: expected one log below this folder that matches telemetry/queue.jsonl, found none; " in err
    assert err.endswith("or give the log file itself\n")
    code, _, err = say("calibrate", "--author", "x", "--from", str(tmp_path / "c"))
    assert code == 4


def test_without_noise_a_comparison_inside_the_band_is_held(learner: Path, say: Say, tmp_path: Path) -> None:
    code, out, _ = say("compare", log(tmp_path / "a.jsonl", 40), log(tmp_path / "b.jsonl", 41))
    assert code == 2
    assert "band.not_calibrated" in out
    assert "band.no_baseline" in out


@pytest.mark.parametrize(
    ("events", "code", "rule"),
    [
        (("40",), 1, "telemetry.not_a_number"),
        ((True,), 1, "telemetry.not_a_number"),
        ((float("nan"),), 1, "json.not_finite"),
        ((), None, "telemetry.empty_log"),
    ],
)
def test_a_log_with_a_defect_never_passes(
    calibrated: Path, say: Say, tmp_path: Path, events: tuple[Any, ...], code: int | None, rule: str
) -> None:
    found, out, _ = say("compare", log(tmp_path / "a.jsonl", 40), log(tmp_path / "b.jsonl", *events))
    assert rule in out.replace("\n   ", "")
    assert found == code if code is not None else found in (1, 2)


def test_a_baseline_of_zero_is_held(calibrated: Path, say: Say, tmp_path: Path) -> None:
    code, out, _ = say("compare", log(tmp_path / "a.jsonl", 0), log(tmp_path / "b.jsonl", 0))
    assert code == 2
    assert "band.baseline_zero" in out


# --- from logs that there are


@pytest.fixture
def found(learner: Path) -> Path:
    """The learner as a system that is not run: its manifest has no [run], its logs are there."""
    text = (learner / "gates.toml").read_text()
    head, _, rest = text.partition("[run]")
    head = head.replace('"learner"', '"learner"\nartefacts = ["telemetry/*.jsonl"]')
    (learner / "gates.toml").write_text(head + rest[rest.index("[telemetry.") :])
    return learner


def logs(folder: Path, number: int, level: float = 40, name: str = "{}.jsonl") -> list[str]:
    """Logs of so many runs, 20 at most, that differ a little."""
    spread = [level * (1 + (place * 7 % 20 - 9.5) / 300) for place in range(number)]
    return [log(folder / name.format(place), value, value + 1) for place, value in enumerate(spread)]


def digest(path: str) -> str:
    return f"sha256:{hashlib.sha256(Path(path).read_bytes()).hexdigest()}"


def custody(root: Path) -> tuple[Finding, ...]:
    selected = selection.select(str(root), "queue", {gate.marker: gate for gate in pytest_gatecourt_gates()})
    return read(selected.section, root, "learner", "queue", datetime.datetime.now(datetime.UTC)).findings


def test_a_system_that_is_not_run_is_recorded_and_calibrated_from_its_logs(found: Path, say: Say) -> None:
    first, further = logs(found / "runs/a", 5), logs(found / "runs/b", 20, 40.01)
    code, out, err = say("record", *SIGNED, "--from", *first)
    assert (code, err) == (0, "")
    assert "next: gatecourt calibrate measures its noise, from at least 20 other logs" in out
    kept = stored(found)
    assert kept["sources"] == [{"name": f"runs/a/{n}.jsonl", "sha256": digest(first[n])} for n in range(5)]
    assert "seeds" not in kept
    assert (kept["command"], kept["noise"], len(kept["metrics"]["events"]["samples"])) == (None, None, 5)
    assert kept["metrics"]["events"]["samples"][0] == pytest.approx(40 * (1 - 9.5 / 300) + 0.5)
    assert say("calibrate", "--author", "night desk", *(word for one in further for word in ("--from", one)))[0] == 0
    noise = stored(found)["noise"]
    assert [source["sha256"] for source in noise["sources"]] == [digest(one) for one in further]
    assert "seeds" not in noise
    assert custody(found) == ()
    assert say("compare", first[0], first[1])[0] == 0
    page = (found / "baselines/queue.md").read_text()
    assert "from 5 logs (`runs/a/0.jsonl` to `runs/a/4.jsonl`)." in page
    assert "from 20 logs (`runs/b/0.jsonl` to `runs/b/19.jsonl`)." in page
    assert "| yes |" in page


def test_noise_of_seeds_is_measured_from_logs_too(learner: Path, say: Say, tmp_path: Path) -> None:
    assert say("record", *SIGNED, "--seeds", "5")[0] == 0
    assert say("calibrate", "--author", "x", "--from", *logs(tmp_path / "b", 20))[0] == 0
    assert stored(learner)["seeds"] == [8, 9, 10, 11, 12]
    assert len(stored(learner)["noise"]["sources"]) == 20
    assert custody(learner) == ()


def test_folders_of_runs_are_recorded_by_the_log_in_them(found: Path, say: Say, tmp_path: Path) -> None:
    logs(tmp_path / "runs", 5, name="{}/telemetry/queue.jsonl")
    assert say("record", *SIGNED, "--from", *(str(tmp_path / f"runs/{n}") for n in range(5)))[0] == 0
    assert [source["name"] for source in stored(found)["sources"]] == [f"{n}/telemetry/queue.jsonl" for n in range(5)]
    assert str(tmp_path) not in (found / "baselines/queue.json").read_text()


def test_one_run_is_one_sample(found: Path, say: Say, tmp_path: Path) -> None:
    names = logs(tmp_path / "a", 5)
    copy = shutil.copy(names[0], tmp_path / "copy.jsonl")
    for again in (names[0], str(copy)):
        code, _, err = say("record", *SIGNED, "--from", *names, again)
        assert code == 4
        assert f"{again}: expected a run of its own, found the bytes of {names[0]}" in err
        assert not (found / "baselines").exists()
    assert say("record", *SIGNED, "--from", *names)[0] == 0
    kept = stored(found)
    code, _, err = say("calibrate", "--author", "x", "--from", *logs(tmp_path / "b", 19, 41), str(copy))
    assert code == 4
    assert "copy.jsonl: expected a run of its own, found the bytes of 0.jsonl, which the baseline was recorded" in err
    assert stored(found) == kept


@pytest.mark.parametrize(
    ("command", "number", "told"),
    [
        ("record", 4, "--from: expected at least 5 logs, the number in the manifest; found 4 logs"),
        ("record", 1, "found 1 log\n"),
        (
            "calibrate",
            19,
            "--from: expected at least 20 logs, because fewer do not show the noise; found 19 logs",
        ),
    ],
)
def test_too_few_logs_are_told(found: Path, say: Say, tmp_path: Path, command: str, number: int, told: str) -> None:
    code, _, err = say(command, "--author", "x", "--reason", "y", "--from", *logs(tmp_path / "a", number))
    assert code == 4
    assert told in err
    assert not (found / "baselines").exists()


def test_logs_of_another_system_or_without_chance_are_no_calibration(found: Path, say: Say, tmp_path: Path) -> None:
    assert say("record", *SIGNED, "--from", *logs(tmp_path / "a", 5))[0] == 0
    code, _, err = say("calibrate", "--author", "x", "--from", *logs(tmp_path / "b", 20, 50))
    assert (code, "events: its value has changed since the baseline was recorded" in err) == (4, True)
    same = [log(tmp_path / f"c/{place}.jsonl", *[40] * (place + 1)) for place in range(20)]
    code, _, err = say("calibrate", "--author", "x", "--from", *same)
    assert (code, "no metric differs from log to log" in err) == (4, True)
    assert stored(found)["noise"] is None


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"epoch": 1, "mode": "rollout", "events": NaN}\n', "odd.jsonl:1#/events: expected"),
        ('{"epoch": 1, "mode": "replay", "events": 4}\n', "telemetry.no_judged_row"),
        ("", "telemetry.empty_log"),
        (None, "odd.jsonl: expected a log, or the folder of a run, found nothing"),
    ],
)
def test_a_log_with_a_defect_is_no_sample(found: Path, say: Say, tmp_path: Path, text: str | None, told: str) -> None:
    odd = tmp_path / "odd.jsonl"
    if text is not None:
        odd.write_text(text)
    code, out, err = say("record", *SIGNED, "--from", *logs(tmp_path / "a", 5), str(odd))
    assert (code, out) == (4, "")
    assert told in err
    assert not (found / "baselines").exists()


def test_logs_stand_in_the_place_of_seeds_and_not_beside_them(found: Path, say: Say, tmp_path: Path) -> None:
    code, _, err = say("record", *SIGNED, "--seeds", "20", "--from", *logs(tmp_path / "a", 5))
    assert (code, "not allowed with" in err) == (4, True)
    code, _, err = say("record", *SIGNED)
    assert (code, "expected [run], found none; give the logs of existing runs with --from" in err) == (4, True)


def test_what_is_to_be_done_without_a_baseline_is_right_for_every_system() -> None:
    steps = {reason.code: reason.next_action for reason in BANDS}
    for code in ("band.no_baseline", "band.not_calibrated", "band.baseline_format"):
        assert "--from" in steps[code]
        assert "run" in steps[code]


# --- parts


def test_further_seeds_are_new_ones() -> None:
    assert seeds_after(7, 3) == (8, 9, 10)
    assert seeds_after(7, 2, (8, 9, 30)) == (31, 32)


def test_a_pin_keeps_the_style_of_the_manifest(tmp_path: Path) -> None:
    text = '[a]\r\nx = 1 # why\r\n[telemetry]\r\nlog.q = { a = ["x"], baseline = { file = "b", sha256 = "old" } }\r\n'
    path = tmp_path / "gates.toml"
    path.write_bytes(text.encode())
    assert with_pin(path, "q", "new") == text.replace('"old"', '"new"')


SCATTERED = """\
[telemetry.log.q]
files = ["x"]
[telemetry.log.q.baseline]
file = "q.json"
[commands.a]
x = 1
[telemetry.log.r.baseline]
file = "r.json" # the other
"""


@pytest.mark.parametrize("log", ["q", "r"])
def test_a_pin_finds_its_table_among_scattered_ones(tmp_path: Path, log: str) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(SCATTERED)
    found = tomllib.loads(with_pin(path, log, "new"))["telemetry"]["log"]
    assert {name: part["baseline"].get("sha256") for name, part in found.items()} == {"q": None, "r": None, log: "new"}


def test_a_soak_that_shares_the_baseline_is_pinned_with_it(tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    soaks = '[telemetry.soak.s.baseline]\nfile = "q.json"\n[telemetry.soak.t.baseline]\nfile = "t.json"\n'
    path.write_text(SCATTERED + soaks)
    found = tomllib.loads(with_pin(path, "q", "new"))["telemetry"]
    assert [found["log"]["q"]["baseline"]["sha256"], found["soak"]["s"]["baseline"]["sha256"]] == ["new", "new"]
    assert "sha256" not in found["soak"]["t"]["baseline"]


def test_an_interrupted_recording_writes_nothing(learner: Path, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(words: str) -> None:
        if words.endswith("seed 10"):
            raise KeyboardInterrupt

    monkeypatch.setattr("gatecourt.commands.baselines.commands._progress", interrupt)
    before = (learner / "gates.toml").read_text()
    code, _, err = say("record", *SIGNED, "--seeds", "5")
    assert code == 4
    assert "nothing was written" in err
    assert (learner / "gates.toml").read_text() == before
    assert not (learner / "baselines").exists()


def test_rights_of_the_manifest_are_kept(learner: Path, say: Say) -> None:
    (learner / "gates.toml").chmod(0o640)
    assert say("record", *SIGNED, "--seeds", "5")[0] == 0
    assert stat.S_IMODE((learner / "gates.toml").stat().st_mode) == 0o640
    assert stat.S_IMODE((learner / "baselines/queue.json").stat().st_mode) & 0o400


def test_a_comparison_is_told_in_any_encoding(
    calibrated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log(tmp_path / "é.jsonl", 40)
    written = io.BytesIO()
    output = io.TextIOWrapper(written, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", output)
    told = str(tmp_path / "é.jsonl")
    assert main(["compare", "--target", str(calibrated), "--log", "queue", told, told]) == 0
    output.flush()
    assert b"\\xe9.jsonl" in b"".join(part.strip() for part in written.getvalue().splitlines())


@pytest.mark.parametrize("words", [[], ["record"], ["calibrate"], ["compare"], ["watch"], ["verdict"], ["schema"]])
def test_help_is_plain_text(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*words, "--help"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("usage: gatecourt")
    assert "`" not in out


def test_scipy_is_not_imported_before_noise_is_judged() -> None:
    script = "from gatecourt.mechanisms.bands import checks, custody; import sys; print('scipy' in sys.modules)"
    done = python("-c", script, env=environment(PLUGINS))
    assert (done.stdout, done.stderr) == ("False\n", "")
