"""The `fillrate` command as people meet it: real processes, a practice shop on a socket, and their own tables."""
