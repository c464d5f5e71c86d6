"""``gatecourt run``: pytest in a fresh interpreter, with the exit code of the verdict."""
