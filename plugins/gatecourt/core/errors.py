"""Errors for the user: each names the place, what was expected and what to do."""

from __future__ import annotations

from gatecourt.core.model import Finding


class GatecourtError(Exception):
    """Base of every error that the suite raises on purpose."""


class Judged(GatecourtError):
    """Ends a check at once with one finding: the artefact, the run or the instrument allows no further look."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(f"{finding.where}: expected {finding.expected}, observed {finding.observed}")
        self.finding = finding


class ManifestError(GatecourtError):
    """A manifest that cannot be used. ``problems`` holds each problem as a full sentence with its key path."""

    def __init__(self, path: str, problems: list[str]) -> None:
        self.path = path
        self.problems = problems
        super().__init__("\n".join(f"{path}: {problem}" for problem in problems))


class ManifestErrors(ManifestError):
    """Several manifests that cannot be used, reported together."""

    def __init__(self, errors: list[ManifestError]) -> None:
        problems = [f"{error.path}: {problem}" for error in errors for problem in error.problems]
        super().__init__(", ".join(error.path for error in errors), problems)
        self.args = ("\n".join(problems),)


class FaultError(GatecourtError):
    """A declared fault that cannot be applied: an edit that changes nothing proves nothing."""
