"""The parts of an allocation: what is loaded, the rules that settings give, what is saved, and what shops are told."""
