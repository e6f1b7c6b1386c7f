"""Reconcile what channels show with what the ledger says they may sell."""
