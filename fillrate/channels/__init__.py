"""How each shop speaks: one package a channel, behind one protocol."""
