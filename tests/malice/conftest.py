"""What the proofs of malice borrow, the command in this process and a Prefect server, and how they tell what they did."""

import sys
from collections.abc import Callable

import pytest

from tests.cli.conftest import here
from tests.flows.conftest import prefect_server

__all__ = ["here", "prefect_server"]

Tell = Callable[[str], None]


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Say something that is seen though the test passes."""

    def say(sentence: str) -> None:
        with capsys.disabled():
            sys.stdout.write(f"\n{sentence}\n")

    return say
