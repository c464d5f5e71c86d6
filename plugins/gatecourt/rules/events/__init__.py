"""Event logs in JSON Lines: judged line by line, exactly, in one pass.

``survey`` goes through the logs of a run as ``EventsSection`` declares them; the ``Survey`` tells what it saw, aspect
by aspect.
"""
