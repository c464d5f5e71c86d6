"""What a stranger wrote is shown harmless to terminals and to CI systems that read commands from the output."""

from __future__ import annotations

import io
from typing import Any

import pytest

from gatecourt import cli
from gatecourt.commands.watch.output import TextOutput
from gatecourt.commands.watch.session import Alert
from gatecourt.core.errors import GatecourtError
from gatecourt.core.model import Finding, Verdict
from gatecourt.court.renderers.terminal import plain, plain_lines, wrap

HOSTILE = "a\x1b[2J\n::set-output name=x::y ##[error]b ##vso[task.complete]c \r\u202e\x9b"
HARMLESS = "a\\x1b[2J\\x0a::set-output name=x::y # #[error]b # #vso[task.complete]c \\x0d\\x202e\\x9b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (HOSTILE, HARMLESS),
        ("::error::x", ": :error::x"),
        ("  ::error file=a::x", "  : :error file=a::x"),
        ("tests/a.py::test_b[1::2]", "tests/a.py::test_b[1::2]"),
        ("a :: b", "a :: b"),
        ("## [x] #[y] ##", "## [x] #[y] ##"),
        ("Grüße, 漢字 …", "Grüße, 漢字 …"),
    ],
)
def test_what_acts_is_shown_as_text(text: str, shown: str) -> None:
    assert plain(text) == shown
    assert plain(shown) == shown


def test_a_wrapped_line_never_begins_a_command() -> None:
    for length in range(60, 81):
        lines = wrap("x" * length + " ::error::y " + "z" * 78 + " ##[group]q")
        assert not any(line.strip().startswith(("::", "##[")) for line in lines)
        assert " ".join(map(str.strip, lines)).split()[1:3] == [":", ":error::y"]


def test_line_feeds_of_our_own_stay() -> None:
    assert plain_lines("a\n::error::b\x1b\n") == "a\n: :error::b\\x1b\n"


def test_the_last_line_of_the_verdict_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "decide", lambda *_, **__: (1, f"STOP: FAIL {HOSTILE}"))
    assert cli.main(["verdict", "report.json"]) == 1
    assert capsys.readouterr().out == f"STOP: FAIL {HARMLESS}\n"

    def refused(*_: Any, **__: Any) -> None:
        raise GatecourtError("::error::\x1b")

    monkeypatch.setattr(cli, "decide", refused)
    assert cli.main(["verdict", "report.json"]) == 4
    assert capsys.readouterr().err == "gatecourt: : :error::\\x1b\n"


def test_the_lines_of_watch() -> None:
    stream = io.StringIO()
    finding = Finding("::error::\x1b", "::warning::x", "##[group]y\n", "a.b")
    TextOutput(stream).alert(Alert(finding, Verdict.FAIL, "::debug::z", False))
    assert stream.getvalue().splitlines() == [
        "FAIL [a.b]",
        "  where     : :error::\\x1b",
        "  expected  : :warning::x",
        "  observed  # #[group]y\\x0a",
        "  next      : :debug::z",
    ]
