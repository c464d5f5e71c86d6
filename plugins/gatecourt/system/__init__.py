"""The system under judgement: its manifest, how it is run, its declared faults."""
