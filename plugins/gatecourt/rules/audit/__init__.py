"""The record that people's commands leave behind: who did what, once, and whether they were allowed to."""
