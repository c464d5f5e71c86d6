"""Affordance manifests: what agents may do with which objects, judged before a town runs on it."""
