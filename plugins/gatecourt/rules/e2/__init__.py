"""JSON Schema, strictly: schemas first, then every artefact, then the thresholds that it declares itself."""
