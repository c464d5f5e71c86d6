"""One folder a command of gatecourt."""
