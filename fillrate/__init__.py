"""Fillrate keeps one stock ledger and one queue of what is owed, across every channel a merchant sells on."""
