"""The only door to the outside: the network, the clock, chance, ids, and the faults a simulator puts in their way."""
