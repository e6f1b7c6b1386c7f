"""One mail address, checked: what a header or a mail server could take for something else is none."""

import re
from email.headerregistry import Address

import msgspec

LOCAL = re.compile(r"[^\s()<>\[\]:;@\\,.\"]+(\.[^\s()<>\[\]:;@\\,.\"]+)*")
LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
NAMED = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
LONGEST, LONGEST_LOCAL = 254, 64  # bytes, RFC 5321


class Mailbox(msgspec.Struct, frozen=True, kw_only=True):
    """An address whose domain is plain ASCII, with the name that stands before it ("" for none)."""

    name: str
    local: str
    domain: str

    @property
    def address(self) -> str:
        """Return local@domain."""
        return f"{self.local}@{self.domain}"

    @property
    def header(self) -> Address:
        """Return what a header shows."""
        return Address(self.name, self.local, self.domain)


def mailbox(text: str) -> Mailbox:
    """Return the address of "Name <local@domain>" or "local@domain"; ValueError says what is wrong with it."""
    named = NAMED.fullmatch(text.strip())
    name, address = (named["name"].strip().strip('"'), named["address"]) if named else ("", text)
    if not text.isprintable() or '"' in name or "\\" in name:
        raise ValueError("holds a character that no address has")
    local, at, domain = address.rpartition("@")
    if not at or not LOCAL.fullmatch(local) or "=?" in local or len(local.encode()) > LONGEST_LOCAL:
        raise ValueError("is not a mail address such as orders@example.com")
    found = Mailbox(name=name, local=local, domain=ascii_domain(domain))
    if len(found.address.encode()) > LONGEST:
        raise ValueError("is too long for a mail address")
    return found


def ascii_domain(domain: str) -> str:
    """Return a domain as mail servers write it; ValueError for what is none, or could mean another one."""
    lower = domain.lower()
    try:
        plain = lower.encode("idna").decode()
        is_same = plain == lower or plain.encode().decode("idna") == lower
    except UnicodeError:
        plain, is_same = "", False
    if not is_same or not all(LABEL.fullmatch(label) for label in plain.split(".")):
        raise ValueError("has no domain such as example.com after its @")
    return plain
