"""A channel of files is set up in fillrate.toml like any other."""

from pathlib import Path

import pytest

from fillrate.channels.files import FilesSettings
from fillrate.errors import FixSettings
from fillrate.settings import load


def test_a_folder_lies_beside_the_settings_and_secrets_come_from_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "fillrate.toml"
    file.write_text(
        '[[channel]]\nname = "erp"\nkind = "files"\npath = "erp"\nstatuses = { "waiting" = "review" }\n'
        '[[channel]]\nname = "till"\nkind = "files"\nurl = "https://till.example.org/x/"\nuser = "fillrate"\n'
    )

    erp, till = load(file, {"FILLRATE_CHANNEL_TILL_PASSWORD": "s3cret"}).channel

    assert isinstance(erp, FilesSettings)
    assert isinstance(till, FilesSettings)
    assert erp.path == str(tmp_path / "erp")
    assert (erp.meaning("open"), erp.meaning("waiting"), erp.meaning("odd")) == ("by_lines", "review", "unknown")
    assert (till.url, till.password.get_secret_value()) == ("https://till.example.org/x", "s3cret")


def test_a_password_in_the_settings_is_a_mistake(tmp_path: Path) -> None:
    file = tmp_path / "fillrate.toml"
    file.write_text(
        '[[channel]]\nname = "till"\nkind = "files"\nurl = "https://x.example"\nuser = "a"\npassword = "b"\n'
    )

    with pytest.raises(FixSettings, match="FILLRATE_CHANNEL_TILL_PASSWORD"):
        load(file, {})
