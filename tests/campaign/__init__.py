"""What is too long for the test run: every fault, clean runs with fresh seeds, and sessions killed on the way."""
