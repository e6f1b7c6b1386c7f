"""What the customer hears: five messages about the lines of one order, in the merchant's words where he has his own."""

from fillrate.report.messages.facts import KINDS, Facts, Kind, Line, Rule, made_up
from fillrate.report.messages.render import Message, render
from fillrate.report.messages.sandbox import templates

__all__ = ["KINDS", "Facts", "Kind", "Line", "Message", "Rule", "made_up", "render", "templates"]
