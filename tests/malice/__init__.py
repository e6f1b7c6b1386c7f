"""A shop that lies, breaks and mumbles: what it sends must not kill a run, cost a neighbour, or be lost without a word."""
