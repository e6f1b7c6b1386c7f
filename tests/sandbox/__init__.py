"""The practice shop: what it answers, how its stock moves, how it misbehaves."""
