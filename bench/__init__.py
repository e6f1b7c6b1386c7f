"""Repeatable measurements, each beside a peer and a floor: `make bench`."""
