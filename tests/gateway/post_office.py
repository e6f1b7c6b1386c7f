"""A real SMTP server on a socket that does as a script says: it takes mail, or refuses, cuts off, drips or hangs."""

import base64
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from ipaddress import ip_address
from pathlib import Path

CUT = "cut"  # as an answer: hang up instead
HANG = "hang"  # as an answer: say nothing until the client goes
DRIP = "drip"  # as an answer: one letter every twentieth of a second, for ever

Answers = dict[str, str]  # step -> what is answered in place of the usual


@dataclass
class Delivered:
    """One mail that was taken: its envelope and its bytes, dots unstuffed."""

    sender: str
    recipient: str
    content: bytes
    is_secure: bool
    user: str

    @property
    def message(self) -> EmailMessage:
        found = BytesParser(policy=default).parsebytes(self.content)
        assert isinstance(found, EmailMessage)
        return found


@dataclass
class PostOffice:
    answers: Answers = field(default_factory=dict)
    extensions: tuple[str, ...] = ("SIZE 1000000", "8BITMIME", "SMTPUTF8")
    certificate: ssl.SSLContext | None = None
    is_tls: bool = False  # from the first byte
    before_answer: Callable[[str], None] = lambda step: None
    port: int = 0
    taken: list[Delivered] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)  # every line of the client, in plain text or not
    data: list[bytes] = field(default_factory=list)  # every line after DATA

    @property
    def verbs(self) -> list[str]:
        return [line.split()[0].decode().upper() for line in self.said]


class Visit:
    """One client at the counter."""

    def __init__(self, office: PostOffice, connection: socket.socket) -> None:
        self.office = office
        self.connection = connection
        self.is_secure = False
        if office.is_tls:
            self.secure()
        self.file = self.connection.makefile("rb")
        self.sender = self.recipient = self.user = ""

    def secure(self) -> None:
        assert self.office.certificate
        self.connection = self.office.certificate.wrap_socket(self.connection, server_side=True)
        self.is_secure = True

    def answer(self, step: str, usual: str) -> bool:
        """Answer a step; returns whether it was taken."""
        said = self.office.answers.get(step, usual)
        self.office.before_answer(step)
        if said == CUT:
            raise ConnectionAbortedError
        if said in {HANG, DRIP}:
            self.connection.settimeout(0.05)
            while True:
                if said == DRIP:
                    self.connection.sendall(b"2")
                with suppress(TimeoutError):
                    if not self.connection.recv(1):
                        raise ConnectionAbortedError
        self.connection.sendall(said.encode() + b"\r\n")
        return said[0] in "23"

    def serve(self) -> None:
        self.answer("greeting", "220 post.example ESMTP")
        while line := self.file.readline():
            self.office.said.append(line)
            if not self.command(line.decode(errors="replace").rstrip("\r\n")):
                return

    def command(self, line: str) -> bool:
        verb = line.split(" ", maxsplit=1)[0].upper()
        argument = line[len(verb) + 1 :]
        if verb == "EHLO":
            self.answer("ehlo", self.greeting())
        elif verb == "STARTTLS":
            if self.answer("starttls", "220 go ahead"):
                self.secure()
                self.file = self.connection.makefile("rb")
        elif verb == "AUTH":
            self.login(argument)
        elif verb == "MAIL":
            if self.answer("mail", "250 ok"):
                self.sender = argument.split("<")[1].split(">")[0]
        elif verb == "RCPT":
            if self.answer("rcpt", "250 ok"):
                self.recipient = argument.split("<")[1].split(">")[0]
        elif verb == "DATA":
            if self.answer("data", "354 go on"):
                self.take()
        elif verb == "QUIT":
            self.answer("quit", "221 bye")
            return False
        else:
            self.answer("other", "500 what?")
        return True

    def greeting(self) -> str:
        words = ["post.example", *self.office.extensions]
        if self.office.certificate and not self.is_secure:
            words.append("STARTTLS")
        return "\r\n".join([f"250-{word}" for word in words[:-1]] + [f"250 {words[-1]}"])

    def login(self, argument: str) -> None:
        kind, _, words = argument.partition(" ")
        assert kind == "PLAIN"
        _, user, password = base64.b64decode(words).decode().split("\0")
        if self.answer("auth", "235 welcome" if password == "the password" else "535 5.7.8 no"):
            self.user = user

    def take(self) -> None:
        lines = []
        if self.office.answers.get("content") == CUT:
            self.office.data.append(self.file.readline())
            raise ConnectionAbortedError
        while (line := self.file.readline()) != b".\r\n":
            if not line:
                return  # cut off before its end: not a mail
            self.office.data.append(line)
            lines.append(line.removeprefix(b"."))
        mail = Delivered(self.sender, self.recipient, b"".join(lines), self.is_secure, self.user)
        if self.office.answers.get("end", "250")[0] not in "45":
            self.office.taken.append(mail)
        self.answer("end", "250 2.0.0 taken")


@contextmanager
def serving(office: PostOffice) -> Iterator[PostOffice]:
    """Serve on a port of this machine, one client after another."""
    listener = socket.create_server(("127.0.0.1", 0))
    office.port = listener.getsockname()[1]

    def work() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with suppress(OSError):
                visit = Visit(office, connection)
                with suppress(OSError):
                    visit.serve()
                visit.file.close()
                visit.connection.close()
            connection.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield office
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(timeout=5)


def certificate(folder: Path, *, host: str = "localhost") -> tuple[ssl.SSLContext, Path]:
    """Make an authority and a server's certificate for a host; returns the server's side and the authority's file."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A test's own authority")])
    names: list[x509.GeneralName] = [x509.DNSName(host)]
    with suppress(ValueError):
        names = [x509.IPAddress(ip_address(host))]
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem, secret = folder / "authority.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, secret)
    return context, pem
