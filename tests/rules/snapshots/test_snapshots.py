"""Snapshots: what is read of them, what is never loaded, and what is said of each way in which one can be wrong."""

from __future__ import annotations

import hashlib
import io
import json
import pickle
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Run
from gatecourt.formats import pointer
from gatecourt.formats.files import Source, subject
from gatecourt.rules.snapshots.autosaves import judge_autosaves
from gatecourt.rules.snapshots.facts import judge_facts
from gatecourt.rules.snapshots.gate import SNAPSHOTS
from gatecourt.rules.snapshots.identity import judge_guardrails, judge_identity
from gatecourt.rules.snapshots.migration import judge_migration
from gatecourt.rules.snapshots.pickles import judge_pickles
from gatecourt.rules.snapshots.reading import Snapshots, sorted_out
from gatecourt.rules.snapshots.section import (
    Autosave,
    Config,
    Migration,
    Pointers,
    SnapshotsSection,
    migration_names,
)
from gatecourt.rules.snapshots.validity import judge_validity
from gatecourt.rules.snapshots.versions import parse_version

HASH = hashlib.sha256(b"policy").hexdigest()
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"schema_version": {"const": "1.6"}, "state": {"required": ["agents", "narrations"]}},
}
CONFIG = """\
config_id: town-3
observation_variant: hybrid
snapshot:
  autosave: {cadence_ticks: 100, retain: 3}
  guardrails: {require_exact_config: true, allow_downgrade: false}
"""


def snapshot(tick: int, **changed: Any) -> dict[str, Any]:
    state = {
        "tick": tick,
        "agents": {"ann": {}, "ben": {}},
        "config_id": "town-3",
        "identity": {"config_id": "town-3", "observation_variant": "hybrid", "policy_hash": None},
        "migrations": {"applied": []},
        "narrations": [{"tick": tick - 5, "message": "a queue"}],
    }
    return {"schema_version": "1.6", "state": {**state, **changed}}


def everywhere(document: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield above
    items = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for step, value in items:
        yield from everywhere(value, (*above, step))


KNOWN = {reason.code.removeprefix("snapshots.") for reason in SNAPSHOTS.reasons}


def release(tick: int, policy_hash: Any = HASH) -> dict[str, Any]:
    return snapshot(tick, identity={"config_id": "town-3", "observation_variant": "hybrid", "policy_hash": policy_hash})


def section(**changed: Any) -> SnapshotsSection:
    fields: dict[str, Any] = {
        "files": ("snapshots/*",),
        "version": "1.6",
        "schema": "spec/s.json",
        "releases": ("snapshots/release-*",),
        "config": Config(
            "conf.yaml",
            {"/state/config_id": "/config_id", "/state/identity/observation_variant": "/observation_variant"},
        ),
        "autosave": Autosave(("snapshots/snapshot-*.json",), 100, 3, "end.json"),
    }
    return SnapshotsSection(**{**fields, **changed})


@pytest.fixture
def root(tmp_path: Path) -> Path:
    put(tmp_path, "spec/s.json", SCHEMA)
    put(tmp_path, "conf.yaml", CONFIG.encode())
    put(tmp_path, "end.json", {"tick": 480})
    for tick in (200, 300, 400):
        put(tmp_path, f"snapshots/snapshot-{tick}.json", snapshot(tick))
    put(tmp_path, "snapshots/release-450.json", release(450))
    return tmp_path


def put(root: Path, name: str, content: Any) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


def run_of(root: Path) -> Run:
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    return Run(root, {name: subject(root / name, name) for name in names})


def told(judgement: Judgement) -> list[tuple[str, str]]:
    return [(finding.rule.removeprefix("snapshots."), finding.where) for finding in judgement.findings]


def read(root: Path, own: SnapshotsSection) -> Snapshots:
    names = sorted(f"snapshots/{path.name}" for path in (root / "snapshots").iterdir())
    return sorted_out(own, tuple(Source(root / name, subject(root / name, name)) for name in names))


def everything(root: Path, own: SnapshotsSection | None = None) -> list[tuple[str, str]]:
    own = own or section()
    found = read(root, own)
    judged = [
        judge_facts(own, found),
        judge_validity(own, found, root),
        judge_identity(own, found, root),
        judge_guardrails(own, root),
        judge_pickles(own, found, root),
    ]
    if own.autosave is not None:
        judged.append(judge_autosaves(own, own.autosave, found, run_of(root), root))
    return list(dict.fromkeys(each for one in judged for each in told(one)))


def test_good_snapshots_have_no_finding_and_their_facts_are_evidence(root: Path) -> None:
    assert everything(root) == []
    judged = judge_facts(section(), read(root, section()))
    facts = judged.parameters["snapshots"]
    assert isinstance(facts, dict)
    assert facts["snapshots/release-450.json"]["agents"] == 2
    assert facts["snapshots/release-450.json"]["policy_hash"] == f'"{HASH}"'
    assert len(judged.subjects) == 4


Change = Callable[[dict[str, Any]], None]


def at(*steps: str, value: Any = ...) -> Change:
    def change(document: dict[str, Any]) -> None:
        for step in steps[:-1]:
            document = document[step]
        document[steps[-1]] = value
        if value is ...:
            del document[steps[-1]]

    return change


@pytest.mark.parametrize(
    ("change", "rule", "where"),
    [
        (at("schema_version", value="2.0"), "newer", "/schema_version"),
        (at("schema_version", value="1.10"), "newer", "/schema_version"),
        (at("schema_version", value="1.5"), "no_migration", "/schema_version"),
        (at("schema_version", value=1.6), "version_value", "/schema_version"),
        (at("schema_version", value="1.6.0"), "version_value", "/schema_version"),
        (at("schema_version"), "version_value", "/schema_version"),
        (at("state", "tick", value="400"), "tick_value", "/state/tick"),
        (at("state", "tick", value=True), "tick_value", "/state/tick"),
        (at("state", "tick", value=-1), "tick_value", "/state/tick"),
        (at("state", "tick", value=399), "tick_differs", "/state/tick"),
        (at("state", "agents", value={}), "too_few_agents", "/state/agents"),
        (at("state", "agents", value=2), "agents_value", "/state/agents"),
        (at("state", "config_id", value="town-2"), "config_differs", "/state/config_id"),
        (at("state", "config_id"), "config_differs", "/state/config_id"),
        (
            at("state", "identity", "observation_variant", value="full"),
            "config_differs",
            "/state/identity/observation_variant",
        ),
        (at("state", "identity", "policy_hash", value="short"), "policy_hash", "/state/identity/policy_hash"),
    ],
)
def test_each_mistake_at_its_place(root: Path, change: Change, rule: str, where: str) -> None:
    document = snapshot(400)
    change(document)
    put(root, "snapshots/snapshot-400.json", document)
    assert (rule, f"snapshots/snapshot-400.json#{where}") in everything(root)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (b"", "json.syntax"),
        (b'{"schema_version": "1.6", "state": {"tick": NaN}}', "json.not_finite"),
        (b'{"state": {"x": Infinity}}', "json.not_finite"),
        (b'{"schema_version": "1.6", "schema_version": "1.6"}', "json.duplicate_key"),
        (b'{"schema_version": "1.6"', "json.syntax"),
        (b"[" * 5000, "json.depth"),
    ],
)
def test_what_cannot_be_read_is_one_finding(root: Path, text: bytes, rule: str) -> None:
    put(root, "snapshots/snapshot-400.json", text)
    own = section()
    assert [found for found, _ in told(judge_facts(own, read(root, own)))] == [rule]


@pytest.mark.parametrize("content", [b"[]", b"3", b"null", b'{"state": []}'])
def test_what_is_no_snapshot_is_told_not_raised(root: Path, content: bytes) -> None:
    put(root, "snapshots/snapshot-400.json", content)
    assert ("version_value", "snapshots/snapshot-400.json#/schema_version") in everything(root)


def test_guardrails_change_the_verdict_and_must_be_as_declared(root: Path) -> None:
    put(root, "snapshots/snapshot-400.json", {**snapshot(400, config_id="other"), "schema_version": "2.0"})
    loose = Config("conf.yaml", {"/state/config_id": "/config_id"}, require_exact_config=False, allow_downgrade=True)
    found = everything(root, section(config=loose))
    assert [rule for rule, _ in found] == ["downgrade", "other_config", "guardrail", "guardrail"]
    put(root, "conf.yaml", b"config_id: town-3\nsnapshot: {guardrails: {require_exact_config: 1}}\n")
    assert told(judge_guardrails(section(), root)) == [
        ("guardrail", "conf.yaml#/snapshot/guardrails/require_exact_config"),
        ("guardrail_missing", "conf.yaml#/snapshot/guardrails/allow_downgrade"),
    ]


def test_a_configuration_without_the_value_is_no_match(root: Path) -> None:
    put(root, "conf.yaml", CONFIG.replace("config_id", "id").encode())
    judged = judge_identity(section(), read(root, section()), root)
    assert {rule for rule, _ in told(judged)} == {"config_value"}


@pytest.mark.parametrize("policy_hash", [None, "", "A" * 64, HASH.upper(), HASH[:40], "0" * 64, 7, HASH + "\n"])
def test_a_release_names_its_policy(root: Path, policy_hash: Any) -> None:
    put(root, "snapshots/release-450.json", release(450, policy_hash))
    assert everything(root) == [("policy_hash", "snapshots/release-450.json#/state/identity/policy_hash")]


def test_no_release_where_one_is_declared(root: Path) -> None:
    (root / "snapshots/release-450.json").unlink()
    assert everything(root) == [("no_release", "snapshots/release-*")]


def test_strict_validation(root: Path) -> None:
    document = snapshot(400)
    del document["state"]["narrations"]
    put(root, "snapshots/snapshot-400.json", document)
    judged = judge_validity(section(), read(root, section()), root)
    assert told(judged) == [("e2.schema_violation", "snapshots/snapshot-400.json#/state")]


def test_nothing_to_judge_is_never_well(root: Path) -> None:
    own = section(autosave=None)
    for path in (root / "snapshots").iterdir():
        path.unlink()
    found = read(root, own)
    for judged in (judge_facts(own, found), judge_validity(own, found, root)):
        assert told(judged)[0] == ("none", "snapshots/*")


@pytest.mark.parametrize(
    ("name", "tick", "rule"),
    [("snapshot-100.json", 100, "retain"), ("snapshot-250.json", 250, "cadence")],
)
def test_autosaves_too_many_or_between(root: Path, name: str, tick: int, rule: str) -> None:
    put(root, f"snapshots/{name}", snapshot(tick))
    assert rule in [found for found, _ in everything(root)]


def test_the_newest_autosaves_are_kept(root: Path) -> None:
    (root / "snapshots/snapshot-400.json").unlink()
    put(root, "snapshots/snapshot-100.json", snapshot(100))
    assert everything(root) == [("not_kept", "snapshots/snapshot-*.json")]


@pytest.mark.parametrize(("ended", "missing"), [(99, "no_autosave"), (399, None), (499, None), (500, "not_kept")])
def test_which_autosaves_are_due_follows_from_the_end_of_the_run(root: Path, ended: int, missing: str | None) -> None:
    put(root, "end.json", {"tick": ended})
    own = section(autosave=Autosave(("snapshots/snapshot-*.json",), 100, 3, "end.json"))
    for tick in (200, 300, 400):
        if tick > ended:
            (root / f"snapshots/snapshot-{tick}.json").unlink()
    if ended == 399:
        put(root, "snapshots/snapshot-100.json", snapshot(100))
    assert everything(root, own) == ([] if missing is None else [(missing, "snapshots/snapshot-*.json")])


def test_nothing_is_saved_after_the_end_of_the_run(root: Path) -> None:
    put(root, "end.json", {"tick": 100})
    (root / "snapshots/snapshot-200.json").unlink()
    put(root, "snapshots/snapshot-100.json", snapshot(100))
    late = ["snapshot-300", "snapshot-400"]
    assert everything(root) == [("tick_differs", f"snapshots/{name}.json#/state/tick") for name in late]


def test_a_name_without_a_number_is_told(root: Path) -> None:
    put(root, "snapshots/snapshot-last.json", snapshot(450))
    own = section(name=r".*?(-(?P<tick>[0-9a-z]+))?\.[a-z]+")
    assert ("name", "snapshots/snapshot-last.json") in everything(root, own)
    put(root, "snapshots/snapshot.json", snapshot(450))
    assert ("name", "snapshots/snapshot.json") in everything(root, own)


@pytest.mark.parametrize("content", [None, {"tick": "480"}, {}, {"tick": True}])
def test_without_the_end_of_the_run_nothing_is_known(root: Path, content: Any) -> None:
    (root / "end.json").unlink()
    if content is not None:
        put(root, "end.json", content)
    assert [rule for rule, _ in everything(root)] == ["end_unknown"]


def test_the_configuration_saves_as_declared(root: Path) -> None:
    put(root, "conf.yaml", CONFIG.replace("cadence_ticks: 100", "cadence_ticks: 50").encode())
    assert everything(root) == [("autosave_config", "conf.yaml#/snapshot/autosave/cadence_ticks")]


class Trap:
    def __reduce__(self) -> tuple[Any, tuple[str, str]]:
        return (open, (TRAP, "w"))


TRAP = "/tmp/gatecourt-pickle-was-loaded"


def zipped() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("archive/data.pkl", pickle.dumps(Trap()))
    return target.getvalue()


def sidecar(data: bytes, **changed: Any) -> dict[str, Any]:
    known = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "schema_version": "1.6",
        "config_id": "town-3",
        "tick": 460,
        "policy_hash": HASH,
    }
    return {key: value for key, value in {**known, **changed}.items() if value is not ...}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("release-460.pkl", pickle.dumps(Trap())),
        ("release-460.pickle", pickle.dumps(Trap(), protocol=0)),
        ("release-460.PT", zipped()),
        ("release-460.joblib", b"anything"),
        *((f"snapshot-460.p{protocol}", pickle.dumps(Trap(), protocol=protocol)) for protocol in (2, 3, 4, 5)),
        ("snapshot-460.bin", zipped()),
        ("snapshot-460.json", pickle.dumps(Trap())),
    ],
)
def test_a_pickle_is_never_loaded(root: Path, name: str, data: bytes) -> None:
    Path(TRAP).unlink(missing_ok=True)
    put(root, f"snapshots/{name}", data)
    assert ("pickle", f"snapshots/{name}") in everything(root)
    assert not Path(TRAP).exists()


def test_a_sidecar_that_agrees_speaks_for_its_pickle(root: Path) -> None:
    data = pickle.dumps(Trap())
    put(root, "snapshots/release-460.pkl", data)
    put(root, "snapshots/release-460.pkl.json", sidecar(data))
    assert everything(root) == []
    own = section(files=("snapshots/*.pkl",))
    found = sorted_out(own, tuple(source for source in read(root, own).sources if source.name.endswith(".pkl")))
    judged = judge_pickles(own, found, root)
    assert told(judged) == []
    assert [one.name for one in judged.subjects] == ["snapshots/release-460.pkl", "snapshots/release-460.pkl.json"]
    assert told(judge_facts(own, found)) == [("none", "snapshots/*.pkl")]


@pytest.mark.parametrize(
    ("changed", "rule", "where"),
    [
        ({"sha256": "0" * 64}, "sidecar_differs", "/sha256"),
        ({"size": 1}, "sidecar_differs", "/size"),
        ({"size": "8"}, "sidecar_differs", "/size"),
        ({"size": ...}, "sidecar_incomplete", "/size"),
        ({"policy_hash": None}, "policy_hash", "/policy_hash"),
        ({"config_id": "town-2"}, "config_differs", "/config_id"),
        ({"tick": 459}, "tick_differs", "/tick"),
        ({"schema_version": "2.0"}, "newer", "/schema_version"),
        ({"schema_version": "1.5"}, "no_migration", "/schema_version"),
    ],
)
def test_a_sidecar_that_disagrees(root: Path, changed: Mapping[str, Any], rule: str, where: str) -> None:
    data = pickle.dumps(Trap())
    put(root, "snapshots/release-460.pkl", data)
    put(root, "snapshots/release-460.pkl.json", sidecar(data, **changed))
    assert everything(root) == [(rule, f"snapshots/release-460.pkl.json#{where}")]


def test_an_empty_pickle_and_a_sidecar_that_is_none(root: Path) -> None:
    put(root, "snapshots/release-460.pkl", b"")
    put(root, "snapshots/release-460.pkl.json", b"[]")
    assert [rule for rule, _ in everything(root)] == ["empty", "sidecar_incomplete"]


class Town:
    """A target whose migration is a function from one document to another."""

    def __init__(self, root: Path, migrate: Callable[[dict[str, Any]], Any]) -> None:
        self.root, self.migrate, self.asked = root, migrate, [""]

    def command(self, name: str, *, values: Mapping[str, str]) -> Run:
        assert name == "migrate"
        path = Path(values["snapshot"])
        self.asked.append(values["snapshot"])
        out = self.root.parent / f"out{len(self.asked)}"
        after = self.migrate(json.loads((path if path.is_absolute() else self.root / path).read_bytes()))
        put(out, f"migrated/{path.name}", after)
        return run_of(out)


MIGRATION = Migration(
    ("old/snapshot-80.json",), "migrate", ("migrated/*.json",), ("/state/tick",), {"/state/who": "/state/agents"}
)


def migrate(document: dict[str, Any]) -> dict[str, Any]:
    if document["schema_version"] == "1.6":
        return document
    state = dict(document["state"])
    state["agents"] = state.pop("who")
    state["migrations"] = {"applied": ["1.5->1.6"]}
    return {"schema_version": "1.6", "state": {**state, "narrations": []}}


def migrated(tmp_path: Path, change: Callable[[dict[str, Any]], Any], old: Any = None) -> list[tuple[str, str]]:
    root = tmp_path / "tree"
    put(root, "spec/s.json", SCHEMA)
    put(
        root,
        "old/snapshot-80.json",
        old or {"schema_version": "1.5", "state": {"tick": 80, "who": {"ann": {"x": 1.5}}}},
    )
    town: Any = Town(root, change)
    return told(judge_migration(section(migrations={"old": MIGRATION}), "old", town))


def test_a_migration_that_keeps_everything(tmp_path: Path) -> None:
    assert migrated(tmp_path, migrate) == []


def test_an_unpaired_surrogate_is_kept_or_lost_like_any_text(tmp_path: Path) -> None:
    old = {"schema_version": "1.5", "state": {"tick": 80, "who": {"ann": {"x": "\ud800"}}}}
    assert migrated(tmp_path, migrate, old) == []

    def lossy(document: dict[str, Any]) -> dict[str, Any]:
        after = migrate(document)
        return {**after, "state": {**after["state"], "agents": {"ann": {"x": "?"}}}}

    assert ("migration_lost", "migrated/snapshot-80.json#/state/agents") in migrated(tmp_path / "2", lossy, old)


def test_what_a_migration_must_not_do(tmp_path: Path) -> None:
    def loses(document: dict[str, Any]) -> dict[str, Any]:
        after = migrate(document)
        return {**after, "state": {**after["state"], "agents": {"ann": {"x": 1}}}}

    def unfinished(document: dict[str, Any]) -> dict[str, Any]:
        return {**migrate(document), "schema_version": "1.5"} if "who" in document["state"] else document

    def unrecorded(document: dict[str, Any]) -> dict[str, Any]:
        after = migrate(document)
        return {**after, "state": {**after["state"], "migrations": {"applied": []}}}

    def again(document: dict[str, Any]) -> dict[str, Any]:
        after = migrate(document)
        applied = [*document["state"].get("migrations", {"applied": []})["applied"], "1.5->1.6"]
        return {**after, "state": {**after["state"], "migrations": {"applied": applied}}}

    def incomplete(document: dict[str, Any]) -> dict[str, Any]:
        after = migrate(document)
        return {**after, "state": {key: value for key, value in after["state"].items() if key != "narrations"}}

    name = "migrated/snapshot-80.json"
    assert migrated(tmp_path / "a", loses) == [("migration_lost", f"{name}#/state/agents")]
    assert ("migration_version", f"{name}#/schema_version") in migrated(tmp_path / "b", unfinished)
    assert migrated(tmp_path / "c", unrecorded) == [("migration_unrecorded", f"{name}#/state/migrations/applied")]
    assert migrated(tmp_path / "d", again) == [("migration_repeats", name)]
    assert migrated(tmp_path / "e", incomplete) == [("e2.schema_violation", f"{name}#/state")]


@pytest.mark.parametrize(
    ("further", "observed"), [(None, "no file"), ("also.json", "migrated/also.json, migrated/snapshot-80.json")]
)
def test_a_migration_writes_one_file(tmp_path: Path, further: str | None, observed: str) -> None:
    class OtherTown(Town):
        def command(self, name: str, *, values: Mapping[str, str]) -> Run:
            run = super().command(name, values=values)
            if further is None:
                return Run(run.root, {})
            put(run.root, f"migrated/{further}", {})
            return run_of(run.root)

    put(tmp_path, "spec/s.json", SCHEMA)
    put(tmp_path, "old/snapshot-80.json", {"schema_version": "1.5", "state": {"tick": 80, "who": {}}})
    town: Any = OtherTown(tmp_path, migrate)
    (finding,) = judge_migration(section(migrations={"old": MIGRATION}), "old", town).findings
    assert (finding.where, finding.observed) == ("migrated/*.json", observed)
    assert finding.rule == "snapshots.migration_result"


def test_old_snapshots_alone_validate_nothing(tmp_path: Path) -> None:
    put(tmp_path, "spec/s.json", SCHEMA)
    put(tmp_path, "snapshots/snapshot-80.json", {**snapshot(80), "schema_version": "1.5"})
    old = Migration(("snapshots/snapshot-80.json",), "migrate", ("migrated/*.json",), ("/state/tick",))
    own = section(migrations={"old": old}, releases=())
    judged = judge_validity(own, read(tmp_path, own), tmp_path)
    assert ("none_current", "spec/s.json") in told(judged)
    assert judged.parameters == {"schema": "spec/s.json", "validated": 0}


def test_a_migration_leaves_the_original_alone(tmp_path: Path) -> None:
    def rewrites(document: dict[str, Any]) -> dict[str, Any]:
        put(tmp_path / "tree", "old/snapshot-80.json", migrate(document))
        return migrate(document)

    assert migrated(tmp_path, rewrites) == [("original_changed", "old/snapshot-80.json")]


def test_a_current_snapshot_shows_no_migration_and_data_must_be_there(tmp_path: Path) -> None:
    found = migrated(tmp_path, migrate, old={**snapshot(80), "state": {**snapshot(80)["state"], "tick": 80}})
    assert ("not_old", "old/snapshot-80.json#/schema_version") in found
    assert ("kept_absent", "old/snapshot-80.json#/state/who") in found


def test_an_old_snapshot_of_the_tree_with_its_migration_is_well(root: Path) -> None:
    put(root, "snapshots/snapshot-200.json", {**snapshot(200), "schema_version": "1.5"})
    old = Migration(("snapshots/snapshot-200.json",), "migrate", ("m/*",), ("/state/tick",))
    own = section(origin="target", migrations={"old": old})
    assert everything(root, own) == []


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 500) | st.text(max_size=4) | st.floats(0, 9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)
PLACES = st.sampled_from(sorted(set(map(pointer.join, everywhere(snapshot(400))))))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=PLACES, value=VALUES)
def test_no_value_at_any_place_raises(root: Path, place: str, value: Any) -> None:
    document: Any = snapshot(400)
    *above, last = pointer.split(place) or ("",)
    inner = pointer.get(document, pointer.join(above))
    if place == "":
        document = value
    elif isinstance(inner, list):
        inner[int(last)] = value
    elif isinstance(inner, dict):
        inner[last] = value
    put(root, "snapshots/snapshot-400.json", document)
    for rule, where in everything(root):
        assert rule in KNOWN
        assert where.startswith(("snapshots/", "spec/"))


VERSIONS = st.tuples(st.integers(0, 200), st.integers(0, 200))


@settings(max_examples=100, deadline=None)
@given(VERSIONS, VERSIONS)
def test_versions_are_ordered_as_numbers(left: tuple[int, int], right: tuple[int, int]) -> None:
    texts = [f"{major}.{minor}" for major, minor in (left, right)]
    assert (parse_version(texts[0]) < parse_version(texts[1])) == (left < right)


@pytest.mark.parametrize("text", ["1", "1.6.0", "01.6", "1.06", " 1.6", "1.6\n", "v1.6", "", None, 1.6, True, "1.٦"])
def test_other_versions_are_none(text: object) -> None:
    with pytest.raises(ValueError, match="expected a version"):
        parse_version(text)


def test_the_section_refuses_what_cannot_be() -> None:
    for changed in (
        {"version": "1"},
        {"name": "snapshot-.*"},
        {"minimum_agents": 0},
        {"files": ()},
    ):
        with pytest.raises(ValueError, match=r"."):
            section(**changed)
    with pytest.raises(ValueError, match="cadence"):
        Autosave(("a",), 99, 3, "end.json")
    with pytest.raises(ValueError, match="kept"):
        Migration(("a",), "m", ("b",), ())
    with pytest.raises(ValueError, match="equal"):
        Config("c.yaml", {})
    with pytest.raises(ValueError, match="pointer"):
        Pointers(tick="tick")
    assert migration_names(section(migrations={"b": MIGRATION, "a": MIGRATION})) == ["a", "b"]


def test_a_part_that_is_not_declared_is_listed_and_its_own_check_left_out(root: Path) -> None:
    own = section(config=None, autosave=None)
    assert SNAPSHOTS.optional(own) == {"config": False, "autosave": False}
    assert SNAPSHOTS.optional(section()) == {"config": True, "autosave": True}
    assert SNAPSHOTS.parts == {"config": ("guardrails",)}
    put(root, "snapshots/release-450.json", release(450, "short"))
    assert told(judge_identity(own, read(root, own), root)) == [
        ("policy_hash", "snapshots/release-450.json#/state/identity/policy_hash")
    ]
    with pytest.raises(LookupError, match=r"snapshots\.config"):
        judge_guardrails(own, root)
