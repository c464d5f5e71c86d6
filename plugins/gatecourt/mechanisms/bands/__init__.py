"""How far a measure may lie from its recorded baseline: policy band, absolute floor, and the noise of the measure."""
