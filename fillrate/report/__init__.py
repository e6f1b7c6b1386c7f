"""What people read: texts, explanations, summaries; pure, from plain values."""
