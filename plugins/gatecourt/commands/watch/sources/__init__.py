"""Text that is still being written, line by line: a file through its rotations, a connection, standard input."""
