"""Streams of payloads, merged to states: what telemetry, promotion and relations read of them."""
