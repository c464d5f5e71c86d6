"""What is too long for the tests: all faults, clean runs with fresh seeds, sessions and engine runs that are killed."""
