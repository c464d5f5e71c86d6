"""No older GO outlives a session that failed to begin, and nothing judged is never exit code 0."""

from __future__ import annotations

import datetime
import json
import shutil
from pathlib import Path

import pytest
from filelock import FileLock

from gatecourt.court.renderers.stored import UnusableReport, decide
from tests.bench import ROOT, environment, python
from tests.session.test_plugin import MANIFEST, SCHEMA, SYSTEM

PLUGIN = ("-p", "gatecourt.plugin")
NOW = datetime.datetime.now(datetime.UTC)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A folder with a tiny system whose last session ended in GO."""
    target = tmp_path / "tiny"
    target.mkdir()
    for name, text in (("system.py", SYSTEM), ("schema.json", SCHEMA), ("gates.toml", MANIFEST)):
        (target / name).write_text(text)
    (tmp_path / "pytest.ini").write_text("[pytest]\ngatecourt_targets = tiny/gates.toml\n")
    done = pytest_in(tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert verdict(tmp_path) == 0
    return tmp_path


def pytest_in(folder: Path, *arguments: str, options: str = "", **more: str):  # type: ignore[no-untyped-def]  # bench.Done
    env = environment(ROOT / "plugins", **({"PYTEST_ADDOPTS": options} if options else {}), **more)
    return python("-m", "pytest", "-q", *PLUGIN, *arguments, cwd=folder, env=env)


def run_in(folder: Path, *arguments: str, options: str = "", **more: str):  # type: ignore[no-untyped-def]  # bench.Done
    env = environment(ROOT / "plugins", **({"PYTEST_ADDOPTS": options} if options else {}), **more)
    return python("-m", "gatecourt.cli", "run", "--", *arguments, cwd=folder, env=env)


def verdict(folder: Path) -> int:
    try:
        return decide(folder / ".gatecourt" / "court_report.json", None, None, NOW)[0]
    except UnusableReport:
        return 4


def break_conftest(work: Path) -> None:
    (work / "conftest.py").write_text("import nothing_of_that_name\n")


def break_manifest(work: Path) -> None:
    (work / "tiny/gates.toml").write_text("[target]\n")


def lose_index(work: Path) -> None:
    (work / ".gatecourt/.gatecourt.json").unlink()
    (work / "tiny/schema.json").write_text(SCHEMA.replace('"integer"', '"string"'))


def register_twice(work: Path) -> None:
    (work / "conftest.py").write_text(
        "from gatecourt.rules.registry import E2\ndef pytest_gatecourt_gates():\n    return [E2]\n"
    )


@pytest.mark.parametrize(
    ("broken", "arguments", "options"),
    [
        (break_conftest, (), ""),
        (break_manifest, (), ""),
        (register_twice, (), ""),
        (lose_index, (), ""),
        (None, ("--no-such-option",), ""),
        (None, ("-p", "no:gatecourt-court"), ""),
        (None, (), "--reports=elsewhere --no-such-option"),
        (None, (), "--reports=elsewhere"),
        (None, ("--prove=none",), ""),
        (None, ("no_such_path",), ""),
        (None, ("-k", "]["), ""),
    ],
)
def test_an_old_go_ends_when_a_session_begins(work: Path, broken, arguments, options) -> None:  # type: ignore[no-untyped-def]  # callables of the table
    if broken:
        broken(work)
    done = pytest_in(work, *arguments, options=options)
    assert verdict(work) != 0, done.stdout + done.stderr
    if options != "--reports=elsewhere":
        assert done.returncode != 0


@pytest.mark.parametrize("flag", ["--help", "--markers", "--fixtures", "--collect-only", "--setup-plan", "--version"])
def test_an_option_that_runs_nothing_must_be_typed(work: Path, flag: str) -> None:
    done = pytest_in(work, options=flag)
    assert done.returncode == 4
    assert f"{flag} from addopts or the environment would run no check; remove it" in done.stderr + done.stdout


@pytest.mark.parametrize("flag", ["--help", "--markers", "--collect-only"])
def test_typed_such_an_option_leaves_the_report_alone(work: Path, flag: str) -> None:
    assert pytest_in(work, flag).returncode == 0
    assert verdict(work) == 0


def test_what_is_judged_is_not_changed_from_the_environment(work: Path) -> None:
    done = pytest_in(work, options="-o gatecourt_targets=")
    assert done.returncode == 4
    assert "changes what is judged" in done.stderr + done.stdout
    other = shutil.copytree(work / "tiny", work / "other")
    done = pytest_in(work, options=f"--target={other}/gates.toml")
    assert done.returncode == 4
    assert "replaces the configured gatecourt_targets" in done.stderr + done.stdout


def test_a_check_that_a_conftest_drops_beside_a_typed_selection_is_missed(work: Path) -> None:
    (work / "conftest.py").write_text(
        "def pytest_collection_modifyitems(items):\n"
        "    items[:] = [item for item in items if 'thresholds' not in item.name]\n"
    )
    done = pytest_in(work, "-m", "e2")
    assert done.returncode == 1
    assert "INCOMPLETE" in done.stdout or "removed by a conftest" in done.stdout
    assert verdict(work) != 0


def test_a_typed_selection_prints_what_verdict_prints(work: Path) -> None:
    done = pytest_in(work, "-m", "e2")
    assert done.returncode == 0
    line = "PARTIAL: 1 of 3 gates judged, all PASS"
    assert done.stdout.rstrip().splitlines()[-1] == line
    assert decide(work / ".gatecourt/court_report.json", None, None, NOW) == (5, line)


def test_a_narrowed_session_keeps_the_full_report_as_superseded(work: Path) -> None:
    assert pytest_in(work, "-m", "e2").returncode == 0
    kept = work / ".gatecourt/superseded/court_report.json"
    assert decide(kept, None, None, NOW)[0] == 5
    assert decide(kept, None, None, NOW, allow_superseded=True)[0] == 0
    assert pytest_in(work).returncode == 0
    assert not kept.exists()


def test_two_sessions_do_not_share_a_reports_folder(work: Path) -> None:
    code = (
        "import sys, time\nfrom filelock import FileLock\n"
        "with FileLock('.gatecourt/.gatecourt.lock'):\n    print('locked', flush=True)\n    time.sleep(60)\n"
    )
    import subprocess
    import sys

    from tests.bench import started

    with started([sys.executable, "-c", code], cwd=work, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "locked\n"
        done = pytest_in(work)
    assert done.returncode == 4
    assert "another session is writing its reports here" in done.stderr + done.stdout
    assert verdict(work) == 0


def test_a_session_with_its_own_folder_does_not_wait_for_the_default_one(work: Path) -> None:
    with FileLock(work / ".gatecourt" / ".gatecourt.lock"):
        done = pytest_in(work, f"--reports={work / 'own'}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert decide(work / "own/court_report.json", None, None, NOW)[0] == 0


def test_a_library_beside_the_manifest_is_never_imported(work: Path) -> None:
    (work / "tiny/system.py").write_text(SYSTEM.replace('"score": seed * 3', '"score": "many"'))
    fake = (
        "import sys\nprint('FAKE', file=sys.stderr)\nclass V:\n    def __init__(self, *a, **k): pass\n"
        "    def is_valid(self, *a): return True\n    def iter_errors(self, *a): return iter(())\n"
        "def validator_for(*a, **k): return V()\n"
    )
    for place in (work, work / "tiny"):
        (place / "jsonschema_rs.py").write_text(fake)
        (place / "rfc8785.py").write_text("raise RuntimeError('shadow')\n")
        (place / "conftest.py").write_text("")
    for arguments in ((), ("-o", "pythonpath=tiny .")):
        done = pytest_in(work, *arguments)
        assert done.returncode == 1
        assert "FAKE" not in done.stdout + done.stderr
        assert "shadow" not in done.stdout + done.stderr
        assert verdict(work) == 1


def test_a_full_or_read_only_place_is_one_line(work: Path) -> None:
    report = work / ".gatecourt"
    (report / "evidence" / "tiny" / "e2.json").unlink()
    shutil.rmtree(report)
    report.write_text("a file where the folder should be")
    done = pytest_in(work)
    assert done.returncode == 3
    assert "INTERNALERROR" not in done.stdout + done.stderr
    assert "gatecourt: " in done.stderr
    report.unlink()
    done = pytest_in(work, TMPDIR=str(work / "nowhere"), TEMP="/proc", TMP="/proc")
    assert "INTERNALERROR" not in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "options", "env"),
    [
        (("-p", "no:gatecourt.plugin"), "", {}),
        (("-c", "other.ini"), "", {}),
        ((), "-p no:gatecourt.plugin", {}),
        ((), "", {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}),
    ],
)
def test_gatecourt_run_is_no_go_where_the_plugin_is_kept_away(work: Path, arguments, options, env) -> None:  # type: ignore[no-untyped-def]  # the table
    (work / "other.ini").write_text("[pytest]\n")
    (work / "test_nothing.py").write_text("def test_nothing(): pass\n")
    done = run_in(work, *arguments, options=options, **env)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "STOP: ERROR, gatecourt's plugin did not run" in done.stdout
    assert verdict(work) == 3


def test_gatecourt_run_gives_the_exit_code_of_the_verdict(work: Path) -> None:
    done = run_in(work, *PLUGIN)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "GO: PASS, 3 of 3 gates judged")
    done = run_in(work, *PLUGIN, "-m", "e2")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (5, "PARTIAL: 1 of 3 gates judged, all PASS")
    (work / "tiny/schema.json").write_text(SCHEMA.replace('"integer"', '"string"'))
    done = run_in(work, *PLUGIN)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("STOP: FAIL tiny e2.validates[report]. Next: ")


def test_gatecourt_run_does_not_take_another_sessions_report(work: Path) -> None:
    (work / "conftest.py").write_text(
        "import shutil\ndef pytest_unconfigure():\n"
        "    shutil.rmtree('.gatecourt'); shutil.copytree('kept', '.gatecourt')\n"
    )
    shutil.copytree(work / ".gatecourt", work / "kept")
    done = run_in(work, *PLUGIN)
    assert done.returncode == 3
    assert "is not the report of this session" in done.stdout


def test_the_last_line_is_the_verdict(work: Path) -> None:
    assert pytest_in(work).stdout.rstrip().splitlines()[-1] == "GO: 3 of 3 gates judged, all PASS"
    report = json.loads((work / ".gatecourt/court_report.json").read_bytes())
    assert report["judgement"]["go"] is True
