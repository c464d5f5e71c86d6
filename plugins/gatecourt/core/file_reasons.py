"""Reason codes of reading artefacts, shared by every gate that reads some."""

from __future__ import annotations

from gatecourt.core.reasons import FAIL, HOLD, Reason

READING = (
    Reason("artefact.unreadable", FAIL, "{where} cannot be read: put a plain readable file there."),
    Reason("artefact.refused", FAIL, "{where} is a device or a link out of its folder: put a plain file there."),
    Reason("artefact.stale", HOLD, "{where} is older than the manifest allows: run the system again."),
    Reason("artefact.future", HOLD, "{where} was written later than now: compare the clocks of the machines."),
    Reason("artefact.none", HOLD, "No file matches {where}: correct the patterns in the manifest."),
    Reason("json.encoding", FAIL, "{where} is not plain UTF-8: write it as UTF-8 without a byte order mark."),
    Reason("json.syntax", FAIL, "{where} is not valid JSON: check whether its writer was cut off."),
    Reason("json.duplicate_key", FAIL, "{where} is set twice, and readers disagree on its value: write it once."),
    Reason("json.not_finite", FAIL, "{where} is NaN or infinite: fix the calculation behind it."),
    Reason("json.depth", FAIL, "{where} is nested too deeply for readers: flatten it."),
    Reason("jsonl.truncated", FAIL, "{where} is a last line without its newline: find out why its writer stopped."),
    Reason("jsonl.line_too_long", FAIL, "The line at {where} is too long to read: write one record per line."),
    Reason(
        "pattern.too_slow",
        HOLD,
        "A regular expression takes too long at {where}: write it without a repeat inside a repeat, such as (a+)+.",
    ),
    Reason("document.syntax", FAIL, "{where} has a syntax error: fix it."),
    Reason(
        "document.key", FAIL, "{where} has a key that is not text, or is there twice: write each key once, as text."
    ),
    Reason("document.format", FAIL, "The format of {where} is unknown: name a .json, .toml, .yaml or .yml file."),
)
