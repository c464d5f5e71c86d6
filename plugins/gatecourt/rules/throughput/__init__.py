"""How long things take, in units that machines share, held against a recorded baseline."""
