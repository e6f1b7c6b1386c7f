"""The stories: one file a flow, read top to bottom; names the steps and decides nothing."""
