"""Recording baselines from runs or their logs, measuring their noise, and two runs held against each other."""
