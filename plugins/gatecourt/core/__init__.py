"""The nouns: model, findings, reasons, the protocols that a gate's tests see. Standard library only."""
