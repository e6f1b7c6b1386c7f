"""What people do to the shop from outside the API: customers order, staff edit and ship, goods arrive."""

from sandbox.actions.run import ACTIONS, run_actions

__all__ = ["ACTIONS", "run_actions"]
