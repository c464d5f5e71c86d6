"""JSON Schema, strictly: the schemas are judged first, then every artefact, then the thresholds that it declares."""
