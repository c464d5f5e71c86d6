"""Affordance manifests: the definitions of what agents can do with which objects."""
