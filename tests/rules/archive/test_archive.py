"""Archives: how they are read, and the findings for archives that are damaged, incomplete or dangerous."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import stat
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatecourt.core.judgement import Judgement
from gatecourt.core.model import Run, Subject
from gatecourt.rules.archive import contents as contents_module
from gatecourt.rules.archive.checks import judge_bundle, judge_checksums, judge_opening, judge_originals
from gatecourt.rules.archive.contents import read
from gatecourt.rules.archive.section import ArchiveSection, bundle_names, content_names
from gatecourt.system.manifest.binding import bind

FILES = {"logs/a.jsonl": b'{"seq":0}\n' * 9, "logs/b.jsonl": b"", "day.db": bytes(range(256)) * 9}
SECTION = ArchiveSection(
    files=("*.tar", "*.tar.gz", "*.zip"),
    contents={"logs": ("logs/*.jsonl",), "database": ("day.db",)},
    bundles={"day": ("logs/*.jsonl", "day.db")},
)


def sums(files: Mapping[str, bytes]) -> bytes:
    return "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items()).encode()


def listed(files: Mapping[str, bytes]) -> dict[str, bytes]:
    return {"SHA256SUMS": sums(files), **files}


Header = Callable[[tarfile.TarInfo], None]


def tar_of(files: Mapping[str, bytes], form: int = tarfile.PAX_FORMAT, **changed: Header) -> bytes:
    """A plain tar; ``changed`` maps a member, dots and slashes as underscores, to a change of its header."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=form) as tar:
        for name, data in files.items():
            header = tarfile.TarInfo(name)
            header.size = len(data)
            changed.get(name.replace(".", "_").replace("/", "_"), lambda _: None)(header)
            tar.addfile(header, io.BytesIO(data))
    return target.getvalue()


def gz_of(files: Mapping[str, bytes]) -> bytes:
    return gzip.compress(tar_of(files), mtime=0)


def zip_of(files: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return target.getvalue()


MAKERS = {"day.tar": tar_of, "day.tar.gz": gz_of, "day.zip": zip_of}


def run_of(root: Path, files: Mapping[str, bytes]) -> Run:
    subjects = {}
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
        subjects[name] = Subject(name, hashlib.sha256(data).hexdigest(), len(data))
    return Run(root, subjects)


def judged(root: Path, archive: bytes, section: ArchiveSection = SECTION, name: str = "day.tar") -> list[Judgement]:
    """Every check on one archive beside its originals."""
    run = run_of(root, {**FILES, name: archive})
    return [
        judge_opening(section, run),
        judge_checksums(section, run),
        *(judge_originals(section, kind, run, run) for kind in content_names(section)),
        *(judge_bundle(section, bundle, run) for bundle in bundle_names(section)),
    ]


def rules(judgements: list[Judgement]) -> list[str]:
    return [finding.rule for judgement in judgements for finding in judgement.findings]


def places(judgements: list[Judgement]) -> set[tuple[str, str]]:
    return {(finding.where, finding.rule) for judgement in judgements for finding in judgement.findings}


@pytest.mark.parametrize("name", MAKERS)
def test_a_whole_archive_gives_no_finding_and_names_what_was_judged(tmp_path: Path, name: str) -> None:
    told = judged(tmp_path, MAKERS[name](listed(FILES)), name=name)
    assert rules(told) == []
    assert told[0].parameters == {"members": {name: 4}}
    assert [subject.name for subject in told[3].subjects] == [name, "logs/a.jsonl", "logs/b.jsonl"]


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"day.db": None}, {("day.db", "archive.not_archived"), ("#/day.db", "archive.listed_missing"),
                            ("#/day.db", "archive.incomplete")}),
        ({"day.db": b"other"}, {("#/day.db", "archive.digest"), ("#/day.db", "archive.differs")}),
        ({"extra.txt": b"x"}, {("#/extra.txt", "archive.unlisted")}),
        ({"logs/c.jsonl": b"x"}, {("#/logs/c.jsonl", "archive.unlisted"), ("#/logs/c.jsonl", "archive.no_original")}),
        ({"SHA256SUMS": None}, {("#/SHA256SUMS", "archive.checksums_missing")}),
    ],
)  # fmt: skip
def test_what_is_lost_other_or_too_much_is_told_at_its_member(
    tmp_path: Path, name: str, change: dict[str, bytes | None], expected: set[tuple[str, str]]
) -> None:
    members = {key: data for key, data in {**listed(FILES), **change}.items() if data is not None}
    found = places(judged(tmp_path, MAKERS[name](members), name=name))
    assert found == {(name + where if where.startswith("#") else where, rule) for where, rule in expected}


def test_an_archive_that_agrees_with_itself_is_still_held_against_the_originals(tmp_path: Path) -> None:
    altered = {**FILES, "day.db": b"consistent, and wrong"}
    assert rules(judged(tmp_path, gz_of(listed(altered)), name="day.tar.gz")) == ["archive.differs"]


def test_an_original_may_be_in_any_of_several_archives(tmp_path: Path) -> None:
    halves = [{"logs/a.jsonl": FILES["logs/a.jsonl"]}, {key: FILES[key] for key in ("logs/b.jsonl", "day.db")}]
    run = run_of(tmp_path, {**FILES, "one.tar": tar_of(listed(halves[0])), "two.zip": zip_of(listed(halves[1]))})
    checks = [judge_opening(SECTION, run), judge_checksums(SECTION, run), judge_bundle(SECTION, "day", run)]
    checks += [judge_originals(SECTION, kind, run, run) for kind in ("logs", "database")]
    assert rules(checks) == []


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "../up", "logs/../../up", "logs\\..\\up", "C:up", "new\nline", "a/.."],
)
@pytest.mark.parametrize("maker", [tar_of, zip_of])
def test_a_member_outside_its_folder_is_told_and_written_nowhere(
    tmp_path: Path, name: str, maker: Callable[[Mapping[str, bytes]], bytes]
) -> None:
    before = sorted(tmp_path.parent.iterdir())
    (told, *_) = judged(tmp_path, maker({**listed(FILES), name: b"x"}))
    assert [finding.rule for finding in told.findings] == ["archive.unsafe_name"]
    assert told.findings[0].where.startswith("day.tar#/")
    assert "\n" not in told.findings[0].where
    assert sorted(tmp_path.parent.iterdir()) == before


def test_a_name_that_a_reader_would_cut_short_is_told(tmp_path: Path) -> None:
    data = zip_of({**listed(FILES), "day.db?.txt": b"x"}).replace(b"day.db?", b"day.db\0")
    assert rules(judged(tmp_path, data)[:1]) == ["archive.unsafe_name"]


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.LNKTYPE, "hard link"),
        (tarfile.CHRTYPE, "character device"),
        (tarfile.BLKTYPE, "block device"),
        (tarfile.FIFOTYPE, "named pipe"),
        (tarfile.GNUTYPE_SPARSE, "sparse file"),
        (b"Q", "entry of type b'Q'"),
    ],
)
def test_what_is_no_plain_file_is_told_by_its_kind(tmp_path: Path, kind: bytes, words: str) -> None:
    def change(header: tarfile.TarInfo) -> None:
        header.type, header.linkname, header.size = kind, "day.db", 0

    data = tar_of({**listed(FILES), "odd": b""}, odd=change)
    (told, *_) = judged(tmp_path, data)
    assert [(finding.where, finding.observed, finding.rule) for finding in told.findings] == [
        ("day.tar#/odd", words, "archive.kind")
    ]


def test_links_and_passwords_in_a_zip_are_told(tmp_path: Path) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        link = zipfile.ZipInfo("link")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("secret", b"x")
        archive.infolist()[1].flag_bits |= 1
    (told, *_) = judged(tmp_path, target.getvalue(), name="day.zip")
    assert [(finding.where, finding.observed) for finding in told.findings] == [
        ("day.zip#/link", "symbolic link"),
        ("day.zip#/secret", "encrypted file"),
    ]


@pytest.mark.parametrize("second", ["day.db", "./day.db", "logs//../day.db", "logs/./a.jsonl"])
def test_one_name_twice_is_told_however_it_is_spelled(tmp_path: Path, second: str) -> None:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as tar:
        for name, data in [*listed(FILES).items(), (second, b"another")]:
            header = tarfile.TarInfo(name)
            header.size = len(data)
            tar.addfile(header, io.BytesIO(data))
    expected = "archive.unsafe_name" if ".." in second else "archive.repeated"
    assert rules(judged(tmp_path, target.getvalue())[:1]) == [expected]


def test_folders_are_no_members(tmp_path: Path) -> None:
    def folder(header: tarfile.TarInfo) -> None:
        header.type = tarfile.DIRTYPE

    data = tar_of({"logs": b"", **listed(FILES)}, logs=folder)
    assert rules(judged(tmp_path, data)) == []


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_every_dialect_of_tar_is_read(tmp_path: Path, form: int) -> None:
    deep = "/".join(["a" * 30] * 6) if form == tarfile.USTAR_FORMAT else "/".join(["ä" * 90] * 3)
    files = {deep: b"deep", "plain": b"p" * 511, "exact": b"e" * 512}
    section = ArchiveSection(files=("day.tar",))
    assert rules(judged(tmp_path, tar_of(listed(files), form), section)) == []


@pytest.mark.parametrize("data", [b"", b"no archive at all", b"\x28\xb5\x2f\xfd" + bytes(600), b"BZh9" + bytes(600)])
def test_what_is_no_archive_is_told_as_that(tmp_path: Path, data: bytes) -> None:
    assert set(rules(judged(tmp_path, data))) == {"archive.format"}


@pytest.mark.parametrize(
    "data", [bytes(10240), gzip.compress(bytes(1024), mtime=0), zip_of({})], ids=["tar", "gz", "zip"]
)
def test_an_archive_without_a_file_holds(tmp_path: Path, data: bytes) -> None:
    (told, *_) = judged(tmp_path, data)
    assert [finding.rule for finding in told.findings] == ["archive.empty"]


def test_no_archive_is_told_by_every_check(tmp_path: Path) -> None:
    run = run_of(tmp_path, FILES)
    checks = [judge_opening(SECTION, run), judge_checksums(SECTION, run), judge_bundle(SECTION, "day", run)]
    checks += [judge_originals(SECTION, kind, run, run) for kind in ("logs", "database")]
    assert rules(checks) == ["archive.none"] * 5


def test_nothing_to_archive_is_told(tmp_path: Path) -> None:
    section = replace(SECTION, contents={"logs": ("other/*.jsonl",)})
    assert rules(judged(tmp_path, tar_of(listed(FILES)), section)) == ["archive.no_original_files"]


@pytest.mark.parametrize("name", MAKERS)
def test_a_bomb_is_not_unpacked_beyond_the_limit(tmp_path: Path, name: str) -> None:
    data = MAKERS[name]({"zeros": bytes(3_000_000)})
    small = replace(SECTION, max_size=100_000)
    assert set(rules(judged(tmp_path, data, small, name))) == {"archive.too_large"}
    many = MAKERS[name]({str(number): b"" for number in range(20)})
    assert set(rules(judged(tmp_path, many, replace(SECTION, max_members=19), name))) == {"archive.too_large"}


def test_the_limits_themselves_are_allowed(tmp_path: Path) -> None:
    data = tar_of(listed(FILES))
    assert rules(judged(tmp_path, data, replace(SECTION, max_size=len(data), max_members=4))) == []
    assert "archive.too_large" in rules(judged(tmp_path, data, replace(SECTION, max_size=len(data) - 1)))


def test_an_extended_header_of_a_gigabyte_is_not_swallowed(tmp_path: Path) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 10**9
    data = gzip.compress(header.tobuf() + bytes(4_000_000))
    (told, *_) = judged(tmp_path, data)
    assert [finding.observed for finding in told.findings] == [
        "an extended header of 1000000000 bytes, after 0 members"
    ]


def test_data_behind_the_end_and_a_missing_end_are_told(tmp_path: Path) -> None:
    whole = tar_of(listed(FILES))
    assert rules(judged(tmp_path, whole + b"more")[:1]) == ["archive.unreadable"]
    member = whole.rstrip(b"\0")
    cut = member + bytes(-len(member) % 512)
    assert rules(judged(tmp_path, cut)[:1]) == ["archive.unreadable"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# made at night\n\n{good}", []),
        ("{good}zz  a\n", ["archive.checksum_line"]),
        ("{good}{digest}  day.db\n", ["archive.checksum_line"]),
        ("{good}{digest}  gone\n", ["archive.listed_missing"]),
        ("{star}", []),
    ],
)
def test_the_list_is_read_as_the_usual_tools_write_it(tmp_path: Path, text: str, expected: list[str]) -> None:
    good = sums(FILES).decode()
    star = good.replace("  ", " *").upper().replace("LOGS/", "logs/").replace(".JSONL", ".jsonl").replace("/A", "/a")
    star = star.replace("/B", "/b").replace("DAY.DB", "day.db")
    data = text.format(good=good, star=star, digest="0" * 64).encode()
    assert rules([judged(tmp_path, tar_of({"SHA256SUMS": data, **FILES}))[1]]) == expected


DIGESTS = {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
ROWS = [{"path": name, "sha256": f"sha256:{digest}", "size": 1} for name, digest in DIGESTS.items()]


@pytest.mark.parametrize(
    ("document", "at", "expected"),
    [
        (DIGESTS, "", []),
        ({"files": ROWS}, "/files", []),
        ({"files": ROWS[1:]}, "/files", ["archive.unlisted"]),
        ({"files": [*ROWS, {"path": "x"}]}, "/files", ["archive.checksum_line"]),
        ({"files": [*ROWS, 7]}, "/files", ["archive.checksum_line"]),
        ({"files": 7}, "/files", ["archive.checksum_line"]),
        ({}, "/files", ["archive.checksum_line"]),
    ],
)
def test_the_list_may_be_json(tmp_path: Path, document: object, at: str, expected: list[str]) -> None:
    section = replace(SECTION, checksums="manifest.json", checksums_at=at)
    data = tar_of({"manifest.json": json.dumps(document).encode(), **FILES})
    assert rules([judged(tmp_path, data, section)[1]]) == expected


def test_a_list_that_is_no_json_is_told_with_its_line(tmp_path: Path) -> None:
    section = replace(SECTION, checksums="manifest.json")
    told = judged(tmp_path, tar_of({"manifest.json": b'{"a": 1,\n"a": 2}', **FILES}), section)[1]
    assert [(finding.where, finding.rule) for finding in told.findings] == [
        ("day.tar#/manifest.json#/a", "json.duplicate_key")
    ]


def test_a_prefix_is_taken_off_names(tmp_path: Path) -> None:
    inside = {f"day/{name}": data for name, data in FILES.items()}
    section = replace(SECTION, prefix="day/")
    assert rules(judged(tmp_path, tar_of({"day/SHA256SUMS": sums(FILES), **inside}), section)) == []
    stray = tar_of({"day/SHA256SUMS": sums(FILES), **inside, "stray": b""})
    assert places(judged(tmp_path, stray, section)) == {("day.tar#/stray", "archive.unlisted")}


def test_an_archive_is_read_once_a_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged(tmp_path, tar_of(listed(FILES)))
    monkeypatch.setattr(contents_module, "_read", None)
    assert rules(judged(tmp_path, tar_of(listed(FILES)))) == []


def test_a_pointer_needs_a_list_in_json() -> None:
    with pytest.raises(ValueError, match="checksums_at: a pointer needs a checksum file in JSON, found 'SHA256SUMS'"):
        replace(SECTION, checksums_at="/files")


def test_every_limited_key_is_reported_at_once() -> None:
    table = {
        "files": [], "checksums": "/SUMS", "checksums_at": "files", "prefix": "day",
        "max_size": "0 B", "max_members": 0,
        "contents": {"logs": [], "db": ["../x"]}, "bundles": {"A b": ["x"]},
    }  # fmt: skip
    _, problems = bind(ArchiveSection, table, "archive")
    assert [(one.at.removeprefix("archive."), one.expected) for one in problems] == [
        ("files", "at least one entry"),
        ("checksums", "the full name of a file below the target's root, without wildcards and '..'"),
        ("checksums_at", 'a JSON pointer such as "/a/b"'),
        ("prefix", 'a folder inside the archive, which ends with "/"'),
        ("contents.logs", "at least one entry"),
        ("contents.db[0]", "a pattern of files below the root, without '..' and without a leading '/'"),
        ('bundles."A b"', "a key that is lower-case letters, digits and underscores"),
        ("max_size", "more than 0"),
        ("max_members", "a whole number of at least 1"),
    ]


@pytest.mark.parametrize(("prefix", "good"), [("", True), ("day/", True), ("a/b/", True), ("../", False), ("/", False)])
def test_a_prefix_is_a_folder_inside_the_archive(prefix: str, good: bool) -> None:
    _, problems = bind(ArchiveSection, {"files": ["*.tar"], "prefix": prefix})
    assert (problems == []) is good


def test_members_behind_bad_ones_are_judged(tmp_path: Path) -> None:
    def link(header: tarfile.TarInfo) -> None:
        header.type, header.linkname, header.size = tarfile.SYMTYPE, "day.db", 0

    files = {"../up": b"x", "link": b"", "logs/a.jsonl": FILES["logs/a.jsonl"], "./logs/a.jsonl": b"2", "/abs": b"x"}
    (opening, sums_of, *_) = judged(tmp_path, tar_of({**files, "SHA256SUMS": sums(FILES), "z": b"z"}, link=link))
    assert [(one.where, one.expected, one.observed) for one in opening.findings] == [
        ("day.tar#/../up", "a name inside the archive's own folder", '"../up"'),
        ("day.tar#/link", "a plain file", "symbolic link"),
        ("day.tar#/./logs/a.jsonl", "each name once", "a second member"),
        ("day.tar#//abs", "a name inside the archive's own folder", '"/abs"'),
    ]
    assert [(one.where, one.observed, one.rule) for one in sums_of.findings] == [
        ("day.tar#/day.db", "no such member", "archive.listed_missing"),
        ("day.tar#/logs/b.jsonl", "no such member", "archive.listed_missing"),
        ("day.tar#/z", "none", "archive.unlisted"),
    ]
    assert opening.parameters == {"members": {"day.tar": 3}}


def test_rows_behind_bad_rows_of_the_list_are_read(tmp_path: Path) -> None:
    lines = f"zz  a\n# night\n\n{sums({'day.db': b'other'}).decode()}{sums({'day.db': b'x', 'gone': b''}).decode()}"
    (_, found, *_) = judged(tmp_path, tar_of({"SHA256SUMS": lines.encode(), "day.db": FILES["day.db"]}))
    assert [(one.where, one.expected, one.observed, one.rule) for one in found.findings] == [
        (
            "day.tar#/SHA256SUMS:1",
            "64 hex digits, two spaces and a name",
            '"zz  a"',
            "archive.checksum_line",
        ),
        ("day.tar#/SHA256SUMS:5", "each name once", '"day.db"', "archive.checksum_line"),
        (
            "day.tar#/day.db",
            f"sha256:{hashlib.sha256(b'other').hexdigest()}",
            f"sha256:{DIGESTS['day.db']}",
            "archive.digest",
        ),
        (
            "day.tar#/gone",
            f"sha256:{hashlib.sha256(b'').hexdigest()}",
            "no such member",
            "archive.listed_missing",
        ),
    ]


def test_rows_of_a_json_list_behind_bad_ones_are_read(tmp_path: Path) -> None:
    section = replace(SECTION, checksums="manifest.json", checksums_at="/files")
    rows = [7, {"path": "x"}, {"sha256": "0" * 64}, *ROWS[:1], {"path": "gone", "sha256": "0" * 64}]
    document = json.dumps({"files": rows}).encode()
    (_, found, *_) = judged(tmp_path, tar_of({"manifest.json": document, **FILES}), section)
    assert [(one.where, one.observed, one.rule) for one in found.findings] == [
        ("day.tar#/manifest.json/files/0", "[null, null]", "archive.checksum_line"),
        ("day.tar#/manifest.json/files/1", '["x", null]', "archive.checksum_line"),
        ("day.tar#/manifest.json/files/2", f'[null, "{"0" * 64}"]', "archive.checksum_line"),
        ("day.tar#/gone", "no such member", "archive.listed_missing"),
        ("day.tar#/day.db", "none", "archive.unlisted"),
        ("day.tar#/logs/b.jsonl", "none", "archive.unlisted"),
    ]


def test_archives_behind_a_damaged_one_are_judged(tmp_path: Path) -> None:
    whole = {"logs/a.jsonl": b"altered", "logs/c.jsonl": b""}
    run = run_of(tmp_path, {**FILES, "a.tar": tar_of(listed(FILES))[:600], "b.tar": tar_of(listed(whole))})
    cut = ("a.tar", "an archive that is whole", "archive.unreadable")
    opening = judge_opening(SECTION, run)
    assert [(one.where, one.expected, one.rule) for one in opening.findings] == [cut]
    assert opening.parameters == {"members": {"a.tar": 0, "b.tar": 3}}
    assert [(one.where, one.expected, one.rule) for one in judge_checksums(SECTION, run).findings] == [cut]
    found = judge_originals(SECTION, "logs", run, run).findings
    assert [(one.where, one.rule) for one in found] == [
        ("a.tar", "archive.unreadable"),
        ("b.tar#/logs/a.jsonl", "archive.differs"),
        ("logs/b.jsonl", "archive.not_archived"),
        ("b.tar#/logs/c.jsonl", "archive.no_original"),
    ]
    assert [(one.expected, one.observed) for one in found[1:]] == [
        (f"90 bytes, sha256:{DIGESTS['logs/a.jsonl']}, as logs/a.jsonl", f"7 bytes, sha256:{digest_of(b'altered')}"),
        ("a member of an archive", "in none"),
        ("an output that it is a copy of", "none"),
    ]
    bundle = judge_bundle(SECTION, "day", run)
    assert [(one.where, one.expected, one.observed) for one in bundle.findings[1:]] == [
        ("b.tar#/day.db", "a member", "none")
    ]
    assert bundle.parameters == {"bundle": ["logs/*.jsonl", "day.db"]}


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("data", "observed"),
    [
        (tar_of(FILES)[:602], "the end of the file where the padding of a member should be, after 0 members"),
        (tar_of(FILES)[:1024], "the end of the file where a header should be, after 1 member"),
        (tar_of(FILES) + b"more", "data behind the end of the archive, after 3 members"),
        (gz_of(FILES)[:-9], "the end of the file inside compressed data, after 3 members"),
        (b"x" * 257 + b"ustar" + b"x" * 250, "a damaged header, after 0 members"),
    ],
    ids=["padding", "header", "behind", "compressed", "damaged"],
)
def test_the_text_of_each_kind_of_damage(tmp_path: Path, data: bytes, observed: str) -> None:
    (opening, *_) = judged(tmp_path, data)
    assert [(one.expected, one.observed, one.rule) for one in opening.findings] == [
        ("an archive that is whole", observed, "archive.unreadable")
    ]


def members(path: Path, data: bytes) -> tuple[dict[str, str], bool]:
    """Digests by name, and whether anything was told."""
    path.write_bytes(data)
    found = read(path, Subject("day", hashlib.sha256(data).hexdigest(), len(data)), SECTION)
    return {name: member.sha256 for name, member in found.members.items()}, bool(found.findings or found.ended)


WHOLE = {name: maker(listed(FILES)) for name, maker in MAKERS.items()}


@settings(max_examples=120, deadline=None)
@given(st.sampled_from(sorted(WHOLE)), st.data())
def test_no_damage_passes_unseen_and_none_makes_a_traceback(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: st.DataObject
) -> None:
    whole = WHOLE[name]
    place = data.draw(st.integers(0, len(whole) - 1))
    flipped = whole[:place] + bytes([whole[place] ^ (1 << place % 8)]) + whole[place + 1 :]
    bad = whole[:place] if data.draw(st.booleans()) else flipped
    root = tmp_path_factory.getbasetemp()
    told = rules(judged(root, bad, name=name))
    # What passes has every file as it was: the bit lay in padding, in a time, or in the case of a digit of a digest.
    (after, _), (before, _) = members(root / name, bad), members(root / name, whole)
    assert told or after | {"SHA256SUMS": ""} == before | {"SHA256SUMS": ""}


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="/\\", exclude_categories=("C",)), min_size=1, max_size=120)
        .filter(lambda name: name not in (".", "..") and not (name[1:2] == ":" and name[0].isascii())),
        st.binary(max_size=1100),
        max_size=5,
    ),
    st.sampled_from([tar_of, gz_of, zip_of]),
)  # fmt: skip
def test_what_was_put_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], maker: Callable[[Mapping[str, bytes]], bytes]
) -> None:
    path = tmp_path_factory.getbasetemp() / "round"
    expected = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert members(path, maker(files)) == (expected, False)
