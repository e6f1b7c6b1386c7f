"""What the proofs of malice borrow: the command called in this process, and a Prefect server."""

from tests.cli.conftest import here
from tests.flows.conftest import prefect_server

__all__ = ["here", "prefect_server"]
