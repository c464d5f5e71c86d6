"""Event logs in JSON Lines: judged line by line, exactly, in one pass.

``read_logs`` reads the logs of a run as ``EventsSection`` declares them; its ``LogsReport`` judges them aspect by
aspect. ``fast_path`` holds what only speeds up: its results are those of the exact way.
"""
