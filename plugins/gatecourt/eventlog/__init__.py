"""Event logs in JSON Lines: judged line by line, exactly, in one pass.

``survey`` goes through the logs of a run as ``EventsSection`` declares them; the ``Survey`` tells what it saw, aspect
by aspect.
"""

from __future__ import annotations

from gatecourt.eventlog.section import EventsSection
from gatecourt.eventlog.survey import Survey, survey

__all__ = ["EventsSection", "Survey", "survey"]
