"""The fixtures that a gate's tests take: ``target``, ``findings`` and, where it matters, ``effort``."""

from __future__ import annotations

import pytest

from gatecourt.court.evidence import CheckRecord
from gatecourt.session.session import SESSION
from gatecourt.system.target import DeclaredTarget, Sandbox

RECORD = pytest.StashKey[CheckRecord]()


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> DeclaredTarget:
    """The system under judgement, as its manifest describes it."""
    session = request.config.stash[SESSION]
    case = session.cases[request.param]
    sandbox = Sandbox(session.folder, session.gates, session.reports)
    if case.fault is None:
        return DeclaredTarget(case.manifest, sandbox)
    from gatecourt.system.variants import variant  # only a proof pays for the editors of faults

    return variant(case.manifest, case.fault, sandbox)


@pytest.fixture
def findings(request: pytest.FixtureRequest) -> CheckRecord:
    """The record of this check."""
    record: CheckRecord = request.node.stash[RECORD]
    return record


@pytest.fixture(scope="session")
def effort(request: pytest.FixtureRequest) -> str:
    """The effort that the user chose: ``normal`` or ``high``."""
    return str(request.config.getoption("--effort"))
