"""Named questions to the tables, one module a subject; each reads and changes nothing."""
