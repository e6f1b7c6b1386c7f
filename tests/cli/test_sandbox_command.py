"""`fillrate sandbox`: a practice shop as a command, whose options and signals are the practice shop's own."""

import signal

import httpx
import pytest

from tests.cli.merchant import Merchant, interrupted

SMALL = ("--products", "3", "--customers", "2", "--orders", "2", "--days", "10")
READY = "practice shop ready at "


def test_help_and_mistakes_are_those_of_the_practice_shop(newcomer: Merchant) -> None:
    helped, mistaken = newcomer.fillrate("sandbox", "--help"), newcomer.fillrate("sandbox", "--nonsense")

    assert (helped.code, helped.err) == (0, "")
    assert helped.out.startswith("usage: sandbox")
    assert "--write-config DIR" in helped.out
    assert mistaken.code == 2
    assert "unrecognized arguments: --nonsense" in mistaken.words


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), pytest.param(signal.SIGTERM, 0, marks=pytest.mark.slow)]
)
def test_the_shop_is_open_until_a_signal_and_nothing_is_left_behind(
    newcomer: Merchant, number: signal.Signals, code: int
) -> None:
    with newcomer.calling("sandbox", *SMALL, "--write-config", "practice") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.removeprefix(READY).strip()
        config = str(newcomer.folder / "practice" / "fillrate.toml")
        here = newcomer.fillrate("db", "check", FILLRATE_CONFIG=config)
        said = interrupted(process, number)

    assert line.startswith(READY)
    assert (here.code, here.out) == (2, "The database is empty. Run: fillrate db upgrade\n")
    assert (said.code, said.err) == (code, "")
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{url}/v2/time")


def test_settings_that_it_did_not_write_stay(newcomer: Merchant) -> None:
    before = (newcomer.folder / "fillrate.toml").read_text()

    said = newcomer.fillrate("sandbox", *SMALL, "--write-config", ".")

    assert said.code == 2
    assert "was not written by the practice shop; it stays as it is." in said.words
    assert (newcomer.folder / "fillrate.toml").read_text() == before
