"""Tables, transactions, leases, bulk upsert, named queries and migrations, on SQLite and PostgreSQL alike."""
