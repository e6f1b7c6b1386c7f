"""What shops tell by hooks: kept when it is heard, followed by reading just that, and never needed for being right."""
