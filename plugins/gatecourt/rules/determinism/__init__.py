"""Two runs compared: what differs first, where, what was allowed to differ, and what makes it differ."""
