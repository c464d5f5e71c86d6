"""The rules of a gate applied to something that is still being written, with its alerts as they come."""
