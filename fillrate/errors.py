"""One tree of errors, sorted by what to do about them.

FillrateError
├── RetryLater      nothing is wrong with the request: ask again after a while
├── SkipRecord      one record cannot be used: keep it with its reason and go on
├── StopChannel     this channel cannot be used in this run: keep what is committed, go on with the others
│   ├── BadAnswer   the shop answered something that is not an answer (HTML, cut-off JSON, the wrong store)
│   └── FixChannel  the same, and FixSettings too: a person must mend this channel's token, scope or address
├── StopRun         this run must end here
│   ├── LeaseBusy   another run holds the lease
│   └── LeaseLost   the lease was taken over: nothing more may be written
├── FixSettings     a person must change a setting, a credential or a scope first
├── Conflict        what was asked contradicts how things stand: look again first
├── NotFound        what the person named does not exist
└── InDoubt         a write may or may not have happened: read before doing anything else

Every error says what happened, to what, and what to do next. It never carries a response body or a secret.
"""


class FillrateError(Exception):
    """Root of all errors; `what` happened, and what to do `next`."""

    def __init__(self, what: str, *, next: str = "") -> None:
        super().__init__(f"{what} {next}".strip())
        self.what = what
        self.next = next


class RetryLater(FillrateError):
    """The other side asked for patience; `after` is seconds."""

    def __init__(self, what: str, *, after: float, next: str = "") -> None:
        super().__init__(what, next=next)
        self.after = after


class SkipRecord(FillrateError):
    """One record cannot be read; `path` names the field."""

    def __init__(self, what: str, *, path: str = "") -> None:
        super().__init__(what)
        self.path = path


class StopChannel(FillrateError):
    """The channel is unusable for now."""


class BadAnswer(StopChannel):
    """The shop's answer is no answer."""

    def __init__(self, what: str, *, next: str = "Nothing of it was believed; the next run asks again.") -> None:
        super().__init__(what, next=next)


class StopRun(FillrateError):
    """The run ends here."""


class LeaseBusy(StopRun):
    """Another run holds the lease."""


class LeaseLost(StopRun):
    """This run lost its lease to another one."""


class FixSettings(FillrateError):
    """Settings, credentials or scopes need a person."""


class Conflict(FillrateError):
    """What was asked contradicts how things stand."""


class NotFound(FillrateError):
    """No such order, SKU, plan or channel."""


class FixChannel(StopChannel, FixSettings):
    """One channel's settings need a person; the other channels go on."""


class InDoubt(FillrateError):
    """A write whose outcome is unknown."""
