"""The fixtures that a gate's tests take: ``target``, ``findings`` and, where it matters, ``effort``."""

from __future__ import annotations

import pytest

from gatecourt.court.evidence import Record
from gatecourt.session.session import SESSION
from gatecourt.system.target import DeclaredTarget, Sandbox

RECORD = pytest.StashKey[Record]()


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> DeclaredTarget:
    """The system under judgement, as its manifest describes it."""
    session = request.config.stash[SESSION]
    seat = session.seats[request.param]
    sandbox = Sandbox(session.folder, session.gates, session.reports)
    if seat.fault is None:
        return DeclaredTarget(seat.manifest, sandbox)
    from gatecourt.system.variants import variant  # only a proof pays for the editors of faults

    return variant(seat.manifest, seat.fault, sandbox)


@pytest.fixture
def findings(request: pytest.FixtureRequest) -> Record:
    """The record of this check."""
    record: Record = request.node.stash[RECORD]
    return record


@pytest.fixture(scope="session")
def effort(request: pytest.FixtureRequest) -> str:
    """How much was asked for: ``normal`` or ``high``."""
    return str(request.config.getoption("--effort"))
