"""A faster way through lines of one known shape: it only speeds up, the exact way lies in the folder above."""
