"""Whether a policy may be promoted, and whether earlier promotions were carried out as they should have been."""
