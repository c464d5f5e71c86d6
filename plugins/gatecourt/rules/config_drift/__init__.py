"""Files and values as they were pinned."""
