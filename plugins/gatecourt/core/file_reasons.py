"""Reason codes of reading artefacts, shared by every gate that reads some."""

from __future__ import annotations

from gatecourt.core.reasons import FAIL, HOLD, Reason

READING = (
    Reason("artefact.unreadable", FAIL, "Make {where} a plain readable file, then run again."),
    Reason(
        "artefact.refused", FAIL, "Put a plain file at {where}: a link out of the folder or a device is not judged."
    ),
    Reason("artefact.stale", HOLD, "Run the system again: {where} is older than the manifest allows."),
    Reason("artefact.future", HOLD, "Compare the clocks: {where} was written after now."),
    Reason("artefact.none", HOLD, "Correct the patterns in the manifest: no file matches them."),
    Reason("json.encoding", FAIL, "Write {where} as UTF-8 without a byte order mark."),
    Reason("json.syntax", FAIL, "Open {where} and look for a writer that was cut off or wrote no JSON."),
    Reason("json.duplicate_key", FAIL, "Find the writer of {where} that sets the key twice: readers disagree on it."),
    Reason("json.not_finite", FAIL, "Find the calculation behind {where} that gives NaN or infinity."),
    Reason("json.depth", FAIL, "Flatten {where}: no reader can follow its nesting."),
    Reason("jsonl.truncated", FAIL, "Find out what ended the writer of {where} before the newline of its last line."),
    Reason(
        "jsonl.line_too_long", FAIL, "Write one record a line: the line at {where} is longer than any reader takes."
    ),
    Reason("document.syntax", FAIL, "Open {where} and mend its syntax."),
    Reason("document.key", FAIL, "Write the keys of {where} as text."),
    Reason("document.format", FAIL, "Name a .json, .toml, .yaml or .yml file at {where} in the manifest."),
)
