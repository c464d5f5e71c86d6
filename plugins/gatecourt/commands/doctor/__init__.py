"""``gatecourt doctor``: what is installed here, and which isolation the target's runs can have."""
