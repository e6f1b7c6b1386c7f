"""The one door in: fetched, parsed, checked, upserted, and the cursor moved, all of a page in one transaction."""
