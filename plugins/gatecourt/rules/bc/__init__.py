"""Behaviour cloning: datasets with their digests, the samples in them, accuracy from predictions, rehearsals."""
