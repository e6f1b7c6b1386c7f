"""When a promise moves, and what a delay means."""

from typing import Literal

from pydantic import Field

from fillrate.settings.base import Strict


class PromiseSettings(Strict):
    """Which promises move by themselves when a delivery slips; else a person moves them."""

    move_by_itself_days: int = Field(default=0, ge=0, le=365)  # at most so many days later than the first promise
    move_by_itself_lines: int = Field(default=0, ge=0)  # at most so many lines by one delivery; 0 in either: never


DelayRule = Literal["no_promise", "first_slip", "long_slip", "no_date", "slip_again"]


DELAY_RULES: tuple[DelayRule, ...] = ("no_promise", "first_slip", "long_slip", "no_date", "slip_again")


class DelaySettings(Strict):
    """What a delay means for the customer's order; all off until enabled (docs/how-to/delays.md)."""

    enabled: bool = False
    rules: tuple[DelayRule, ...] = DELAY_RULES  # what a rule that is left out would ask is only told
    counts_from: Literal["complete", "ordered"] = "complete"  # complete: all that is needed is known, and paid
    days_without_promise: int = Field(default=30, ge=1, le=365)  # so long an order may be without a promised day
    consent_days: int = Field(default=30, ge=0, le=365)  # of a first slip of so many days at most, silence is consent
    answer_days: int = Field(default=30, ge=0, le=365)  # a yes must come within so many days after the first promise
    answer_days_again: int = Field(default=0, ge=0, le=365)  # … after the day that was told last
    answer_days_at_least: int = Field(default=3, ge=0, le=365)  # … but never sooner after the question
