"""The two fixtures that a gate's tests take: ``target`` and ``findings``."""

from __future__ import annotations

import pytest

from gatecourt.evidence import Record
from gatecourt.pytest_session import SESSION
from gatecourt.target import DeclaredTarget, Sandbox
from gatecourt.variants import variant

RECORD = pytest.StashKey[Record]()


@pytest.fixture(scope="session")
def target(request: pytest.FixtureRequest) -> DeclaredTarget:
    """The system under judgement, as its manifest describes it."""
    session = request.config.stash[SESSION]
    seat = session.seats[request.param]
    sandbox = Sandbox(session.folder, session.gates)
    return variant(seat.manifest, seat.fault, sandbox) if seat.fault else DeclaredTarget(seat.manifest, sandbox)


@pytest.fixture
def findings(request: pytest.FixtureRequest) -> Record:
    """The record of this check."""
    record: Record = request.node.stash[RECORD]
    return record
