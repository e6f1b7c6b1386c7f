"""Things that go wrong on purpose: which requests they strike, and what the caller then gets."""

from sandbox.faults.plan import FaultPlan
from sandbox.faults.play import play

__all__ = ["FaultPlan", "play"]
