"""Webhooks: what the shop tells whoever has registered for it, as well and as badly as a real one does."""
