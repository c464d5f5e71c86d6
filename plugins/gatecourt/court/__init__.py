"""Evidence and roll in, verdict and files out."""
