"""Kits: what they are made of, and what their lines set aside, ship and give back."""
