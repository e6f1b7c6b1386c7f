"""What one exchange with a shop may end in, short of an answer.

Raised below `http.py`, which tries again or turns it into one of `fillrate.errors`; nothing else sees it.
"""

from fillrate.errors import StopChannel


class Trouble(Exception):
    """No usable answer. `problem` says why in words for people, without address or content.

    `maybe_done` tells whether the shop may have acted on the request, `again` whether asking again can help, `wait_s`
    the pause that the shop named, `patience` that it only asked to be asked later, `becomes` the error in the end.
    """

    def __init__(
        self,
        problem: str,
        *,
        maybe_done: bool = True,
        again: bool = True,
        wait_s: float | None = None,
        patience: bool = False,
        becomes: type[StopChannel] = StopChannel,
    ) -> None:
        super().__init__(problem)
        self.problem = problem
        self.maybe_done = maybe_done
        self.again = again
        self.wait_s = wait_s
        self.patience = patience
        self.becomes = becomes
