"""Links into the runbook: below the target's root, to a heading, read in one pass."""

from __future__ import annotations

from pathlib import Path

import pytest

from gatecourt.system.manifest.runbook import anchors, runbook_problems
from tests.bench import within


def test_headings_have_the_links_of_code_hosts() -> None:
    text = "# One, two  ##\n###### Six `deep` #\n####### seven\n#none\n  # indented\n## A_b-c #2#\n#\tTab\n##\nx # y\n"
    assert anchors(text) == {"one-two", "six-deep", "a_b-c-2", "tab"}


def test_a_heading_of_sixty_thousand_spaces_is_read_in_one_pass() -> None:
    with within(seconds=2, megabytes=50):
        assert anchors("# a" + " " * 60_000 + "b\n# " + " " * 60_000 + "#" * 60_000 + " c\n## d\n") == {
            "a" + "-" * 60_000 + "b",
            "-c",
            "d",
        }


@pytest.mark.parametrize(
    ("link", "sentence"),
    [
        ("../../etc/passwd#x", "expected a path below sys/ without '..', found '../../etc/passwd'"),
        ("/etc/passwd", "expected a path below sys/ without '..', found '/etc/passwd'"),
        ("docs/../../other.md", "expected a path below sys/ without '..', found 'docs/../../other.md'"),
        ("out.md", "expected a file below sys/, found a link out of it at 'out.md'"),
        ("folder/other.md", "expected a file below sys/, found a link out of it at 'folder/other.md'"),
        ("circle.md#x", "expected a file below sys/, found none called 'circle.md'"),
        ("none.md#x", "expected a file below sys/, found none called 'none.md'"),
        ("book.md#none", "book.md has no heading whose link is #none"),
    ],
)
def test_a_link_that_leads_out_or_nowhere_is_a_problem(tmp_path: Path, link: str, sentence: str) -> None:
    root = tmp_path / "sys"
    root.mkdir()
    (tmp_path / "other.md").write_text("# x\n")
    (root / "book.md").write_text("# There\n")
    (root / "out.md").symlink_to("../other.md")
    (root / "folder").symlink_to("..")
    (root / "circle.md").symlink_to("circle.md")
    (root / "inside.md").symlink_to("book.md")
    runbook = {"a": link, "b": "book.md#there", "c": "inside.md#there", "d": "book.md"}
    assert list(runbook_problems(runbook, root)) == [f"runbook.a: {sentence}"]
    assert list(runbook_problems({"z": "none.md", **runbook}, root))[1:] == [f"runbook.a: {sentence}"]
