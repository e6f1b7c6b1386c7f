"""A real SFTP server over a folder."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

USER, PASSWORD = "till", "s3cret"


class Login(asyncssh.SSHServer):
    """Lets one user in, by the password or by a key that is known."""

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        return (username, password) == (USER, PASSWORD)


class Files(asyncssh.SFTPServer):
    """The folder, with what goes wrong with renames."""

    trouble = ""

    def posix_rename(self, oldpath: bytes, newpath: bytes) -> None:
        if self.trouble == "before":
            raise asyncssh.SFTPFailure("no")
        super().posix_rename(oldpath, newpath)
        if self.trouble == "after":
            raise asyncssh.SFTPFailure("done, and not told")


@dataclass
class Running:
    """Where it is, and what proves that it is this one."""

    port: int
    host_key: str
    user_key: Path


@contextmanager
def sftp(folder: Path, keys: Path) -> Iterator[Running]:
    host, user = asyncssh.generate_private_key("ssh-ed25519"), asyncssh.generate_private_key("ssh-ed25519")
    user.write_private_key(str(keys / "user_key"))
    user.write_public_key(str(keys / "authorized"))
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def begin() -> asyncssh.SSHAcceptor:
        return await asyncssh.listen(
            "127.0.0.1",
            0,
            server_factory=Login,
            server_host_keys=[host],
            authorized_client_keys=str(keys / "authorized"),
            sftp_factory=lambda chan: Files(chan, chroot=str(folder)),
        )

    server = asyncio.run_coroutine_threadsafe(begin(), loop).result(10)

    async def end() -> None:
        server.close()
        await server.wait_closed()
        await asyncio.sleep(0.05)

    try:
        yield Running(server.get_port(), host.export_public_key().decode().strip(), keys / "user_key")
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
        Files.trouble = ""
