"""The pytest side: targets, selection, one check, the controller, fault proving."""
