"""Named commands: what they inherit, how one goes on with another's work folder, and how one is killed on purpose."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.errors import FaultError, Judged, ManifestError
from gatecourt.core.model import KillPoint, Run
from gatecourt.formats.patterns import select
from gatecourt.mechanisms.entropy.reading import read_trap
from gatecourt.system.drivers import process
from gatecourt.system.drivers.kill_points import watched
from gatecourt.system.drivers.process import Command, execute
from gatecourt.system.drivers.supervise import Point
from gatecourt.system.faults.section import Edit, Fault
from gatecourt.system.manifest.json_schema import manifest_schema
from gatecourt.system.manifest.loading import Manifest, load, section_types
from gatecourt.system.target import DeclaredTarget, Sandbox
from gatecourt.system.variants import variant
from tests.system.drivers.test_process import working_in

HEAD = '[target]\nname = "town"\n[court]\nroll = []\n'
RUN = """
[run]
command = ["{python}", "engine.py", "{out}", "--seed", "{seed}"]
inputs = ["engine.py", "spec/*.json"]
seed = 7
values = { dataset = "spec/{run_id}.json" }
env = { MODE = "plain", TZ = "UTC" }
"""
ENGINE = """
import os, pathlib, sys
out = pathlib.Path(sys.argv[1])
(out / "told.txt").write_text(" ".join([*sys.argv[1:], os.environ["MODE"], os.environ["TZ"], os.getcwd()]))
(out / "kept.txt").write_text("kept")
"""
APPEND = """
import pathlib, sys
out = pathlib.Path(sys.argv[1])
with (out / "told.txt").open("a") as file:
    file.write("+")
(out / "new.txt").write_text("new")
"""
SLOW = """
import pathlib, sys, time
log = pathlib.Path(sys.argv[1]) / "logs" / "run_1.jsonl"
log.parent.mkdir(exist_ok=True)
with log.open("a") as file:
    for n in range(log.read_bytes().count(b"\\n"), int(sys.argv[2])):
        file.write("{}\\n")
        file.flush()
        time.sleep(0.002)
"""
WAL = """
import os, pathlib, sqlite3, sys
base = sqlite3.connect(pathlib.Path(sys.argv[1]) / "a.db", isolation_level=None)
base.execute("PRAGMA journal_mode = WAL")
base.execute("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY)")
for n in range(base.execute("SELECT count(*) FROM t").fetchone()[0], int(sys.argv[2])):
    base.execute("INSERT INTO t VALUES (?)", (n,))
if len(sys.argv) > 3:
    with open(sys.argv[1] + "/ready", "w") as file: file.write("x\\n")
    import time; time.sleep(60)
base.close()
"""
Town = Callable[..., DeclaredTarget]


@pytest.fixture
def manifest(tmp_path: Path) -> Callable[..., Manifest]:
    def written(commands: str = "", run: str = RUN, **programs: str) -> Manifest:
        root = tmp_path / "town"
        shutil.rmtree(root, ignore_errors=True)
        (root / "spec").mkdir(parents=True)
        (root / "spec" / "run.json").write_text("{}")
        for name, text in {"engine": ENGINE, **programs}.items():
            (root / f"{name}.py").write_text(text)
        (root / "gates.toml").write_text(HEAD + run + commands)
        return load(root / "gates.toml", {})

    return written


@pytest.fixture
def sandbox(tmp_path: Path) -> Sandbox:
    (tmp_path / "box").mkdir()
    return Sandbox(tmp_path / "box", {})


@pytest.fixture
def town(manifest: Callable[..., Manifest], sandbox: Sandbox) -> Town:
    return lambda *given, **programs: DeclaredTarget(manifest(*given, **programs), sandbox)


def problems(manifest: Callable[..., Manifest], commands: str, run: str = RUN) -> list[str]:
    with pytest.raises(ManifestError) as caught:
        manifest(commands, run)
    return caught.value.problems


def table(name: str, *words: str, more: str = "") -> str:
    return f"[commands.{name}]\ncommand = {json.dumps(['{python}', *words])}\n{more}\n"


def rule(asked: Callable[[], object]) -> tuple[str, str, str]:
    with pytest.raises(Judged) as caught:
        asked()
    found = caught.value.finding
    return found.rule, found.where, found.observed


def text(run: Run, name: str) -> str:
    return run.path(name).read_text()


SHOW = table("show", "{root}/engine.py", "{out}", "{seed}", "{dataset}", more='env = { MODE = "loud" }')
APPENDS = table("append", "{root}/append.py", "{out}")


class TestSection:
    def test_a_command_stands_on_the_ground_of_run(self, town: Town) -> None:
        run = town(SHOW).command("show")
        here = str(run.root.parents[3])
        assert text(run, "told.txt").replace(here, "HERE") == "HERE/work/out 7 spec/run.json loud UTC HERE/work"
        assert sorted(path.name for path in run.work.rglob("*.json")) == ["run.json"]  # type: ignore[union-attr]

    def test_what_it_gives_itself_stands_above(self, town: Town) -> None:
        more = 'seed = 9\nvalues = { dataset = "own" }\nexit_code = 3\ndeadline = "5s"'
        run = town(
            table("other", "-c", "import sys; print(*sys.argv[1:]); sys.exit(3)", "{seed}", "{dataset}", more=more)
        ).command("other")
        assert (run.stdout_tail, run.exit_code, run.files, run.written) == ("9 own\n", 3, {}, frozenset())

    @pytest.mark.parametrize(
        ("commands", "beginning", "part"),
        [
            (table("a", "x", "{datset}"), "commands.a.command[2]: ", 'did you mean "dataset"?'),
            ('[commands.a]\nsteps = [["x"], ["y", "{log}"]]', "commands.a.steps[1][1]: ", "{log}, which has no value"),
            (table("a", more='env = { A = "{nope}" }'), "commands.a.env.A: ", "no value"),
            (table("a", more='env = { A = "env:1" }'), "commands.a.env.A: ", "expected env:NAME"),
            (table("a", more='env = { "A=" = "1" }'), "commands.a.env: ", "cannot name"),
            (table("a", more='values = { out = "x" }'), "commands.a.values.out: ", "taken"),
            (table("a", more='outputs = ["../x"]'), "commands.a.outputs[0]: ", "without '..'"),
            (table("a", more='needs = ["out"]'), "commands.a.needs[0]: ", "taken"),
            (table("a", more='needs = ["log", "dataset"]'), "commands.a.needs[1]: ", "declared value already"),
            (table("a", more='needs = ["a-b"]'), "commands.a.needs[0]: ", "letters"),
            (table("a", more="exit_code = 256"), "commands.a.exit_code: ", "from 0 to 255"),
            (table("a", more='deadline = "0s"'), "commands.a.deadline: ", "more than 0"),
            ("[commands.a]\n", "commands.a: ", "exactly one of command and steps"),
            (table("a", more='cwd = "x"'), "commands.a.cwd: ", "known key"),
            (table("run"), "commands.run: ", "other than 'run'"),
            (table("dry-run"), "commands.dry-run: ", "lower-case letters"),
        ],
    )
    def test_each_problem_is_told_with_its_key(
        self, manifest: Callable[..., Manifest], commands: str, beginning: str, part: str
    ) -> None:
        [sentence] = problems(manifest, commands)
        assert sentence.startswith(beginning)
        assert part in sentence

    def test_what_is_wrong_with_run_is_told_once(self, manifest: Callable[..., Manifest]) -> None:
        broken = RUN.replace('TZ = "UTC"', 'TZ = "{zone}"').replace("{run_id}", "{nope}")
        told = problems(manifest, table("a", "{dataset}") + table("b", "{log}"), broken)
        assert [each.split(":")[0] for each in told] == ["run.env.TZ", "run.values.dataset", "commands.b.command[1]"]

    def test_commands_need_run(self, manifest: Callable[..., Manifest]) -> None:
        [sentence] = problems(manifest, table("a"), "")
        assert sentence.startswith("commands: ")
        assert sentence.endswith("write [run]")

    def test_a_seed_that_reaches_no_command(self, manifest: Callable[..., Manifest]) -> None:
        unused = RUN.replace(', "--seed", "{seed}"', "")
        sentence = "run.seed: no command holds {seed}; pass it to the command that draws by it, or remove the seed"
        assert problems(manifest, table("a", "x"), unused) == [sentence]
        for more in ('env = { SEED = "{seed}" }', 'values = { drawn = "s{seed}" }'):
            assert manifest(table("a", "x", more=more), unused).run.seed == 7
        assert manifest(table("a", "{seed}"), unused).run.seed == 7
        assert manifest('[commands.a]\nsteps = [["x"], ["y", "{seed}"]]', unused).run.seed == 7

    def test_a_seed_of_the_command_alone(self, manifest: Callable[..., Manifest]) -> None:
        seedless = RUN.replace("seed = 7", "").replace(', "--seed", "{seed}"', "")
        assert manifest(table("a", "{seed}", more="seed = 1"), seedless).commands["a"].seed == 1
        assert problems(manifest, table("a", "{seed}"), seedless)[0].startswith("commands.a.command[1]: ")

    def test_editors_are_told_of_the_table(self) -> None:
        schema = manifest_schema(section_types([]))
        assert "commands" in schema["properties"]  # type: ignore[operator]


class TestAsking:
    def test_which_commands_there_are(self, town: Town) -> None:
        target = town(SHOW)
        assert [target.has_command(name) for name in ("run", "show", "append")] == [True, True, False]
        expected = ("run.command_unknown", "commands.apend", "declared: show")
        assert rule(lambda: target.command("apend")) == expected

    def test_run_is_the_command_of_run(self, town: Town) -> None:
        target = town(SHOW)
        assert target.command("run").root == target.run().root
        assert target.command("run", again=True).root == target.run(again=True).root
        assert target.run().written == {"told.txt", "kept.txt"}
        assert target.run().peak_bytes > 1_000_000

    def test_without_run_there_is_no_command(self, manifest: Callable[..., Manifest], sandbox: Sandbox) -> None:
        target = DeclaredTarget(manifest("", ""), sandbox)
        assert not target.has_command("run")
        assert rule(lambda: target.command("show"))[0] == "run.not_declared"

    def test_values_of_the_asker(self, town: Town, tmp_path: Path) -> None:
        code = "import sys; print(*sys.argv[1:])"
        target = town(table("say", "-c", code, "{log}", "{dataset}", more='needs = ["log"]'))
        log = tmp_path / "secret_place.jsonl"
        log.write_text("1")
        first = target.command("say", values={"log": str(log), "dataset": "mine"})
        assert first.stdout_tail == "{log} mine\n"
        assert target.command("say", values={"dataset": "mine", "log": str(log)}).root == first.root
        log.write_text("2")
        assert target.command("say", values={"log": str(log), "dataset": "mine"}).root != first.root
        missing = ("run.template", "commands.say.needs[0]", "{log}; the gate supplies {lg}")
        assert rule(lambda: target.command("say", values={"lg": "x"})) == missing
        with pytest.raises(ValueError, match="'out' is the suite's own"):
            target.command("say", values={"log": "x", "out": "x"})

    def test_a_bad_end_is_told_with_the_commands_key(self, town: Town) -> None:
        hang = '[commands.hang]\nsteps = [["{python}", "-c", "import time; time.sleep(60)"]]\ndeadline = "0.3s"'
        target = town(
            table("bad", "-c", "raise SystemExit(4)") + table("dumb", "-c", "pass", more='outputs = ["a"]') + hang
        )
        assert rule(lambda: target.command("bad"))[:2] == ("run.exit_code", "commands.bad.command")
        assert rule(lambda: target.command("dumb"))[:2] == ("run.output_missing", "commands.dumb.outputs[0]")
        assert rule(lambda: target.command("hang"))[:2] == ("run.deadline", "commands.hang.steps[0]")

    def test_two_commands_with_the_same_words_are_told_apart(self, town: Town) -> None:
        target = town(table("a", "-c", "raise SystemExit(4)") + table("b", "-c", "raise SystemExit(4)"))
        assert [rule(lambda name=name: target.command(name))[1] for name in "ab"] == [  # type: ignore[misc]
            "commands.a.command",
            "commands.b.command",
        ]

    def test_what_a_command_says_is_an_output_where_it_is_asked_for(self, town: Town) -> None:
        says = "import sys; sys.stdout.write('x' * 5_000_000 + chr(10))"
        target = town(table("say", "-c", says, more='stdout = "logs/said.txt"\noutputs = ["logs/*.txt"]'))
        run = target.command("say")
        assert text(run, "logs/said.txt") == "x" * 5_000_000 + "\n"
        assert "logs/said.txt" in run.written

    def test_what_a_command_says_replaces_no_file_of_its_own(self, town: Town) -> None:
        more = 'stdout = "told.txt"'
        target = town(table("say", "{root}/engine.py", "{out}", more=more))
        assert rule(lambda: target.command("say"))[:2] == ("run.output_refused", "commands.say.stdout")

    def test_what_a_command_says_stays_in_its_folder(self, manifest: Callable[..., Manifest]) -> None:
        told = problems(manifest, table("say", "-c", "pass", more='stdout = "../said.txt"'))
        assert told == ["commands.say.stdout: expected a path inside the output folder, found '../said.txt'"]

    def test_a_command_with_another_seed(self, town: Town) -> None:
        target = town(SHOW)
        assert text(target.command("show"), "told.txt").split()[1] == "7"
        assert text(target.command("show", seed=8), "told.txt").split()[1] == "8"

    @pytest.mark.parametrize("parallel", [True, False])
    def test_only_parallel_commands_run_beside_others(self, town: Town, parallel: bool) -> None:
        waits = "import pathlib, sys, time; p = pathlib.Path(sys.argv[1]); time.sleep(.3); (p / 'w').write_text('')"
        words, more = ("-c", waits, "{out}"), f"parallel = {str(parallel).lower()}"
        target = town(table("one", *words, more=more) + table("two", *words, more=more))
        with ThreadPoolExecutor(2) as pool:
            ends = [run.path("w").stat().st_mtime for run in pool.map(target.command, ("one", "two"))]
        assert (abs(ends[0] - ends[1]) < 0.3) == parallel

    def test_many_parallel_runs_leave_each_other_alone(self, town: Town) -> None:
        words = (
            "-c",
            "import pathlib, sys; (pathlib.Path(sys.argv[1]) / 'w').write_text(sys.argv[2])",
            "{out}",
            "{seed}",
        )
        names = [f"c{number}" for number in range(4)]
        target = town("".join(table(name, *words, more="parallel = true") for name in names))
        asked = [(name, seed) for seed in range(6) for name in names]
        with ThreadPoolExecutor(4) as pool:
            runs = pool.map(lambda pair: target.command(pair[0], seed=pair[1]), asked)
            assert [text(run, "w") for run in runs] == [str(seed) for _, seed in asked]

    def test_a_run_goes_on_where_the_parallel_one_was(self, town: Town) -> None:
        parallel = SHOW.replace("[commands.show]", "[commands.show]\nparallel = true")
        target = town(parallel + table("more", "{root}/engine.py", "{out}", "again"), append=APPEND)
        first = target.command("show")
        folder = text(first, "told.txt").split()[-1]
        assert folder.endswith("/beside/show/work")
        assert text(target.command("more", on=first), "told.txt").split()[-1] == folder
        assert text(target.command("more"), "told.txt").split()[-1].endswith("/town/work")

    def test_a_trapped_command(self, town: Town) -> None:
        target = town(table("look", "{root}/look.py"), look="import time\ntime.time()\n")
        run = target.command("look", trap="shallow")
        assert ("look.py", 2) in {(read.name, read.line) for read in read_trap(run.trap, [target.root, run.work]).reads}


class TestContinuing:
    def test_all_outputs_and_those_that_the_command_wrote(self, town: Town) -> None:
        target = town(APPENDS, append=APPEND)
        first = target.run()
        before = text(first, "told.txt")
        second = target.command("append", on=first)
        assert sorted(second.files) == ["kept.txt", "new.txt", "told.txt"]
        assert second.written == {"new.txt", "told.txt"}
        assert text(second, "told.txt") == f"{before}+"
        assert text(target.run(), "told.txt") == before
        assert (second.notes, target.take_notes()) == ((), [])
        assert second.path("kept.txt").stat().st_ino != first.path("kept.txt").stat().st_ino

    def test_a_chain_and_its_memory(self, town: Town) -> None:
        target = town(APPENDS, append=APPEND)
        once = target.command("append", on=target.run())
        twice = target.command("append", on=once)
        assert text(twice, "told.txt").endswith("++")
        assert target.command("append", on=once).root == twice.root
        assert target.command("append", on=once, again=True).root != twice.root
        other = target.command("append", on=target.run(again=True))
        assert (other.root != once.root, text(other, "told.txt")) == (True, text(once, "told.txt"))

    def test_the_same_bytes_written_again_are_written(self, town: Town) -> None:
        code = "import os,sys; os.chdir(sys.argv[1]); open('kept.txt', 'w').write('kept')"
        target = town(table("same", "-c", code, "{out}"))
        assert target.command("same", on=target.run()).written == {"kept.txt"}

    def test_what_must_be_written_must_be_written_anew(self, town: Town) -> None:
        target = town(table("idle", "-c", "pass", more='outputs = ["told.txt"]'))
        expected = ("run.output_missing", "commands.idle.outputs[0]", "the run wrote nothing")
        assert rule(lambda: target.command("idle", on=target.run())) == expected

    def test_an_old_file_is_told_unless_it_was_inherited(self, town: Town) -> None:
        code = "import os,sys; os.chdir(sys.argv[1])\nfor name in sys.argv[2:]: open(name, 'a'); os.utime(name, (1, 1))"
        target = town(table("old", "-c", code, "{out}", "kept.txt", "fresh.txt") + table("idle", "-c", "pass"))
        aged = target.command("old", on=target.run())
        assert [(note.where, note.rule) for note in aged.notes] == [("fresh.txt", "run.output_older")]
        assert aged.written == {"kept.txt"}
        assert target.command("idle", on=aged).notes == ()

    def test_inputs_are_those_that_the_earlier_run_had(self, town: Town) -> None:
        change = "open('spec/run.json', 'a').write(' ')"
        target = town(table("change", "-c", change) + table("read", "-c", "print(open('spec/run.json').read())"))
        changed = target.command("change")
        assert [note.rule for note in changed.notes] == ["run.input_copy_changed"]
        after = target.command("read", on=changed)
        assert (after.stdout_tail, after.notes) == ("{} \n", ())
        assert [note.rule for note in target.command("change", on=changed).notes] == ["run.input_copy_changed"]

    def test_with_the_whole_work_folder_as_output(self, town: Town) -> None:
        whole = RUN.replace("seed = 7", 'seed = 7\nout = "."')
        change = table("change", "-c", "open('spec/run.json', 'a').write(' ')")
        target = town(change + table("idle", "-c", "pass"), whole)
        changed = target.command("change")
        assert (sorted(changed.files), changed.notes) == (["spec/run.json"], ())
        idle = target.command("idle", on=changed)
        assert (sorted(idle.files), idle.written) == (["spec/run.json"], frozenset())

    def test_links_folders_and_modes_are_kept_and_sockets_left_out(self, town: Town) -> None:
        code = (
            "import os,socket; os.makedirs('empty/deep'); os.symlink('engine.py', 'link'); os.mkfifo('pipe')"
            "; socket.socket(socket.AF_UNIX).bind('s'); open('x', 'w'); os.chmod('x', 0o751)"
        )
        look = "import os,stat; print(sorted(os.listdir('.')), os.readlink('link'), oct(os.stat('x').st_mode & 0o777))"
        target = town(table("make", "-c", code) + table("look", "-c", look))
        run = target.command("look", on=target.command("make"))
        assert run.stdout_tail == "['empty', 'engine.py', 'link', 'out', 'spec', 'x'] engine.py 0o751\n"

    def test_only_on_a_run_of_this_very_target(self, town: Town, sandbox: Sandbox, tmp_path: Path) -> None:
        target = town(APPENDS, append=APPEND)
        run = target.run()
        for strange in (Run(tmp_path, {}), Run(tmp_path, {}, work=tmp_path / "runs" / "x" / "work")):
            found = rule(lambda strange=strange: target.command("append", on=strange))  # type: ignore[misc]
            assert found == ("run.command_unknown", "commands.append", "artefacts that no run of it left")
        other = DeclaredTarget(target.manifest, sandbox, "elsewhere")
        assert rule(lambda: other.command("append", on=run))[0] == "run.command_unknown"

    def test_a_touched_earlier_run_is_told(self, town: Town) -> None:
        target = town(APPENDS, append=APPEND)
        run = target.run()
        run.path("kept.txt").write_text("else")
        assert rule(lambda: target.command("append", on=run))[:2] == ("run.output_touched", "kept.txt")


KILLS = table("slow", "{root}/slow.py", "{out}", "300", more='outputs = ["logs/*.jsonl"]')


class TestKilling:
    def test_at_a_number_of_lines(self, town: Town) -> None:
        target = town(KILLS, slow=SLOW)
        point = KillPoint("logs/run_*.jsonl", lines=20)
        run = target.command("slow", kill=point)
        there = run.path("logs/run_1.jsonl").read_bytes().count(b"\n")
        assert 20 <= there < 200
        assert (run.exit_code, run.notes) == (-9, ())
        assert run.observations["kill.file"] == "logs/run_1.jsonl"
        assert run.observations["kill.lines"] == there
        assert run.observations["kill.bytes"] == run.files["logs/run_1.jsonl"].size
        assert target.command("slow", kill=point).root == run.root
        assert target.command("slow", kill=KillPoint("logs/run_*.jsonl", lines=21)).root != run.root

    def test_resumed_it_is_whole(self, town: Town) -> None:
        target = town(KILLS, slow=SLOW)
        killed = target.command("slow", kill=KillPoint("logs/run_1.jsonl", bytes=100))
        again = target.command("slow", on=killed, kill=KillPoint("logs/run_1.jsonl", lines=120))
        assert 120 <= again.observations["kill.lines"] < 300  # type: ignore[operator]
        whole, plain = target.command("slow", on=again), target.command("slow")
        assert whole.files == plain.files
        assert sorted(whole.written) == ["logs/run_1.jsonl"]
        assert (dict(whole.observations), whole.notes) == ({}, ())

    def test_a_point_that_lies_behind_is_reached_at_once(self, town: Town) -> None:
        target = town(KILLS, slow=SLOW)
        point = KillPoint("logs/*.jsonl", lines=300)
        run = target.command("slow", on=target.command("slow"), kill=point)
        assert (run.exit_code, run.observations["kill.lines"]) == (-9, 300)

    def test_one_that_ends_before_is_told(self, town: Town) -> None:
        target = town(KILLS, slow=SLOW)
        missed = rule(lambda: target.command("slow", kill=KillPoint("logs/*.jsonl", lines=900)))
        told = "it ended by itself; logs/run_1.jsonl had 300 lines, 900 bytes"
        assert missed == ("run.kill_missed", "commands.slow.command", told)
        nowhere = rule(lambda: target.command("slow", kill=KillPoint("*.db", bytes=0)))
        assert nowhere[2] == "it ended by itself; no such file"

    def test_a_bad_end_before_the_point_stays_a_bad_end(self, town: Town) -> None:
        target = town(table("bad", "-c", "raise SystemExit(4)"))
        assert rule(lambda: target.command("bad", kill=KillPoint("x", bytes=0)))[0] == "run.exit_code"

    def test_the_second_step_is_never_begun(self, town: Town) -> None:
        steps = '[commands.two]\nsteps = [["{python}", "{root}/slow.py", "{out}", "300"], ["{python}", "-c", "1/0"]]'
        run = town(steps, slow=SLOW).command("two", kill=KillPoint("logs/*", lines=1))
        assert run.exit_code == -9

    def test_a_write_ahead_log_is_copied_as_it_is(self, town: Town) -> None:
        hang = table("hang", "{root}/wal.py", "{out}", "50", "hang")
        target = town(hang + table("resume", "{root}/wal.py", "{out}", "80"), wal=WAL)
        killed = target.command("hang", kill=KillPoint("ready", lines=1))
        assert {"a.db", "a.db-wal", "a.db-shm"} <= killed.files.keys()
        sizes = {name: subject.size for name, subject in killed.files.items()}
        resumed = target.command("resume", on=killed)
        assert rows(resumed.path("a.db")) == 80
        assert {name: killed.path(name).stat().st_size for name in killed.files} == sizes
        copied = killed.root.parent / "look"
        shutil.copytree(killed.root, copied)
        assert rows(copied / "a.db") == 50

    @pytest.mark.parametrize("adopt", [True, False])
    def test_nothing_of_the_tree_is_left(self, tmp_path: Path, adopt: bool) -> None:
        code = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open("pid", "w").write(f"{os.getpid()}")
        while True:
            time.sleep(0.001)
    os._exit(0)
while not os.path.exists("pid") or not open("pid").read(): time.sleep(0.01)
open("ready", "w").write("x")
time.sleep(60)
"""
        kill = watched(KillPoint("ready", bytes=1), tmp_path)
        words = (sys.executable, "-c", code)
        outcome = execute(Command(words, tmp_path, dict(os.environ), 20, tmp_path, adopt=adopt, kill=kill))
        assert (outcome.killed, outcome.exit_code, outcome.left) == ("ready", -9, False)
        assert working_in(tmp_path) == []

    def test_the_deadline_stands_above(self, tmp_path: Path) -> None:
        kill = watched(KillPoint("never", bytes=1), tmp_path)
        words = (sys.executable, "-c", "import time; time.sleep(60)")
        outcome = execute(Command(words, tmp_path, dict(os.environ), 0.5, tmp_path, kill=kill))
        assert (outcome.timed_out, outcome.killed, outcome.exit_code) == (True, None, None)

    def test_a_command_that_kills_itself_was_not_killed_at_a_point(self, town: Town) -> None:
        target = town(table("own", "-c", "import os; os.kill(os.getpid(), 9)"))
        assert rule(lambda: target.command("own", kill=KillPoint("x", bytes=0)))[0] == "run.signal"

    @pytest.mark.parametrize(("status", "killed"), [(-9, "x"), (0, None), (-15, None)])
    def test_the_signal_may_come_too_late(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: int, killed: str | None
    ) -> None:
        streams = [{"tail": "", "total": 0}] * 2
        answer = {
            "end": "killed",
            "status": status,
            "killed": "x",
            "seconds": 1.0,
            "left": False,
            "swept": True,
            "isolation": "none",
        }
        monkeypatch.setattr(process, "_answer", lambda *_: {**answer, "peak_bytes": 1, "streams": streams})
        outcome = execute(Command((sys.executable, "-c", ""), tmp_path, {}, 5, tmp_path))
        assert (outcome.killed, outcome.exit_code, outcome.broken) == (killed, status, False)

    @pytest.mark.parametrize(
        ("keys", "said"),
        [
            ({"file": "/x", "lines": 1}, "relative pattern"),
            ({"file": "a/../x", "lines": 1}, "relative pattern"),
            ({"file": ""}, "relative pattern"),
            ({"file": "x"}, "exactly one"),
            ({"file": "x", "lines": 1, "bytes": 1}, "exactly one"),
            ({"file": "x", "lines": 0}, "at least one line"),
            ({"file": "x", "bytes": -1}, "at least 0"),
        ],
    )
    def test_a_point_that_makes_no_sense(self, keys: dict[str, Any], said: str) -> None:
        with pytest.raises(ValueError, match=said):
            KillPoint(**keys)


def rows(database: Path) -> int:
    connection = sqlite3.connect(database)
    (found,) = connection.execute("SELECT count(*) FROM t").fetchone()
    connection.close()
    return int(found)


class TestPoint:
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.sampled_from([b"a", b"\n", b"bc\n", b"\n\n", b""]), max_size=8), st.integers(1, 6))
    def test_lines_are_counted_as_they_come(
        self, tmp_path_factory: pytest.TempPathFactory, parts: list[bytes], lines: int
    ) -> None:
        folder = tmp_path_factory.mktemp("out")
        point = Point(watched(KillPoint("**/x", lines=lines), folder))
        (folder / "d").mkdir()
        written = b""
        for part in parts:
            with (folder / "d" / "x").open("ab") as file:
                file.write(part)
            written += part
            assert point.reached() == ("d/x" if written.count(b"\n") >= lines else None)

    def test_a_file_that_is_replaced_is_counted_anew(self, tmp_path: Path) -> None:
        point = Point(watched(KillPoint("x", lines=3), tmp_path))
        (tmp_path / "x").write_text("\n\n")
        assert point.reached() is None
        (tmp_path / "y").write_text("\n" * 2)
        (tmp_path / "y").replace(tmp_path / "x")
        assert point.reached() is None
        (tmp_path / "x").write_text("\n" * 3)
        assert point.reached() == "x"

    @settings(max_examples=80, deadline=None)
    @given(
        st.lists(st.sampled_from(["a", "b*", "*", "**", "?", ".c", "[ab]"]), min_size=1, max_size=3),
        st.lists(st.sampled_from(["a", "b", "ba", ".c"]), min_size=1, max_size=3),
    )
    def test_names_match_as_they_do_elsewhere(
        self, tmp_path_factory: pytest.TempPathFactory, pattern: list[str], name: list[str]
    ) -> None:
        folder = tmp_path_factory.mktemp("out")
        path = folder.joinpath(*name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        point = Point(watched(KillPoint("/".join(pattern), bytes=0), folder))
        assert [point.reached() or ""] == (select(["/".join(name)], ["/".join(pattern)]) or [""])


def fault(**keys: Any) -> Fault:
    given: Mapping[str, Any] = {"id": "f", "gate": "g", "runbook": "T00", "why": "A defect.", "on": "source"}
    return Fault(**{**given, **keys})


EDIT = (Edit(file="told.txt", kind="append_text", text="!"),)
IDLE = table("idle", "-c", "pass")


class TestVariants:
    def test_an_artefact_fault_of_run_leaves_commands_alone(self, town: Town, sandbox: Sandbox) -> None:
        clean = town(APPENDS + IDLE, append=APPEND)
        bad = variant(clean.manifest, fault(on="artefact", edit=EDIT), sandbox)
        assert text(bad.run(), "told.txt") == text(clean.run(), "told.txt") + "!"
        assert bad.run().written == {"told.txt", "kept.txt"}
        assert bad.artefacts().files == bad.command("run").files == bad.run().files
        assert text(bad.command("append", on=bad.run()), "told.txt") == text(clean.run(), "told.txt") + "+"
        assert bad.command("append", on=bad.run()).root == clean.command("append", on=clean.run()).root

    def test_an_artefact_fault_of_a_command_edits_what_it_left(self, town: Town, sandbox: Sandbox) -> None:
        clean = town(APPENDS + IDLE, append=APPEND)
        bad = variant(clean.manifest, fault(on="artefact", of="append", edit=EDIT), sandbox)
        told = text(clean.run(), "told.txt")
        assert bad.run().files == bad.artefacts().files == clean.run().files
        once, other = bad.command("append", on=bad.run()), bad.command("append", on=bad.command("idle", on=bad.run()))
        assert (text(once, "told.txt"), text(other, "told.txt")) == (f"{told}+!", f"{told}+!")
        assert once.root != other.root
        assert text(bad.command("append", on=once), "told.txt") == f"{told}++!"
        assert text(bad.command("append", on=bad.run(), again=True), "told.txt") == f"{told}+"

    def test_environment_and_source_reach_every_command(self, town: Town, sandbox: Sandbox) -> None:
        clean = town(SHOW + table("plain", "{root}/engine.py", "{out}"))
        bad = variant(clean.manifest, fault(environment={"MODE": "odd"}), sandbox)
        for name in ("run", "show", "plain"):
            assert " odd UTC " in text(bad.command(name), "told.txt")
        edit = Edit(file="engine.py", kind="replace_text", find='"kept"', replace='"lost"')
        bad = variant(clean.manifest, fault(id="g", edit=(edit,)), sandbox)
        assert [text(bad.command(name), "kept.txt") for name in ("run", "show")] == ["lost", "lost"]

    def test_a_replaced_command_is_that_of_run_or_the_one_named(self, town: Town, sandbox: Sandbox) -> None:
        clean = town(SHOW)
        words = ("{python}", "-c", "open('out/other', 'w')")
        first = variant(clean.manifest, fault(command=words), sandbox)
        assert (sorted(first.run().files), len(first.command("show").files)) == (["other"], 2)
        second = variant(clean.manifest, fault(id="g", command=words, of="show"), sandbox)
        assert (len(second.run().files), sorted(second.command("show").files)) == (2, ["other"])

    @pytest.mark.parametrize("keys", [{"on": "artefact", "edit": EDIT}, {"command": ("x",)}])
    def test_a_fault_of_no_declared_command(self, town: Town, sandbox: Sandbox, keys: dict[str, Any]) -> None:
        with pytest.raises(FaultError, match="of = 'sho' is no declared command; did you mean \"show\""):
            variant(town(SHOW).manifest, fault(of="sho", **keys), sandbox)
