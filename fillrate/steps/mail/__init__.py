"""Mails to customers: which are due, planned like any other change, sent one conversation each, and settled by a person."""
