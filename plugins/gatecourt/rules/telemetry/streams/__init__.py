"""Payloads of a telemetry stream: merged to states, and judged one by one as they come."""
