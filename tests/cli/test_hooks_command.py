"""`fillrate hooks`: which hooks the shop keeps, registered, shown and taken back; the doctor and the status tell of them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.cli.up import has_receiver
from fillrate.settings import load
from sandbox import Running, Shop, ShopConfig, serve
from tests.cli.conftest import Here, settled
from tests.cli.merchant import TOKEN, Merchant, settings_for

SECRET = "FILLRATE_CHANNEL_MAIN_CLIENT_SECRET"
PUBLIC = '\n[receiver]\npublic_url = "http://127.0.0.1:8321/"\n'
ADDRESS = "http://127.0.0.1:8321/hooks/main"


@pytest.fixture
def shop() -> Iterator[Running]:
    with serve(Shop(ShopConfig(products=3, customers=3, orders=3, token=TOKEN, hooks_to_loopback=True))) as running:
        yield running


@pytest.fixture
def hooked(shop: Running, tmp_path: Path) -> Merchant:
    """A merchant who can be reached, and has the account's secret."""
    merchant = settled(tmp_path, shop)
    merchant.settings(settings_for(shop.url, "practice = true") + PUBLIC)
    with (tmp_path / ".env").open("a") as env:
        env.write(f"{SECRET}={shop.shop.config.client_secret}\n")
    return merchant


def test_hooks_are_registered_listed_and_taken_back(hooked: Merchant, shop: Running, here: Here) -> None:
    before = here(hooked, "hooks")
    assert "never heard" in before.out
    assert "Register them: fillrate hooks register" in before.out
    doctor = here(hooked, "doctor")
    assert (doctor.code, "MEND hooks main: The shop sends 0 of" in doctor.out) == (2, True)

    assert here(hooked, "hooks", "register").code == 0
    assert here(hooked, "hooks", "register").out == "Nothing to change.\n"
    [listed] = here(hooked, "hooks", "--json").json["channels"]
    assert {one["address"] for one in listed["hooks"]} == {ADDRESS}
    assert (listed["missing"], listed["by_hand"], listed["heard_at"]) == ([], [], None)
    assert "ok   hooks main: The shop sends 19 of 19 hooks" in here(hooked, "doctor").out

    plan = here(hooked, "plans", "--json").json["plans"][0]
    shown = here(hooked, "show", plan["id"])
    assert "store/order/created" in shown.out
    assert "not told of → told of" in shown.out
    undone = here(hooked, "undo", plan["id"], "--reason", "a mistake")
    assert "fillrate hooks remove" in undone.err

    removed = here(hooked, "hooks", "remove", "--json").json
    assert removed["problems"] == []
    assert shop.shop.state.hooks.hooks == {}


def test_hooks_of_others_stay_unless_all_are_to_go(hooked: Merchant, shop: Running, here: Here) -> None:
    here(hooked, "hooks", "register")
    hook = next(iter(shop.shop.state.hooks.hooks.values()))
    hook.destination = "https://other.example/in"
    here(hooked, "hooks", "remove")
    assert [one.destination for one in shop.shop.state.hooks.hooks.values()] == ["https://other.example/in"]
    here(hooked, "hooks", "remove", "--everywhere")
    assert shop.shop.state.hooks.hooks == {}


def test_without_an_address_or_a_secret_the_command_says_what_is_missing(
    hooked: Merchant, shop: Running, here: Here
) -> None:
    hooked.settings(settings_for(shop.url))
    said = here(hooked, "hooks", "register")
    assert (said.code, "[receiver] has no public_url" in said.err) == (2, True)
    assert "it is only polled" in here(hooked, "doctor").out
    hooked.settings(settings_for(shop.url) + PUBLIC)
    (hooked.folder / ".env").write_text(f"FILLRATE_CHANNEL_MAIN_TOKEN={TOKEN}\n")
    said = here(hooked, "hooks", "register")
    assert "has no secret in the settings" in said.err
    assert here(hooked, "hooks").code == 0


def test_a_weak_or_misplaced_secret_is_a_mistake_in_the_settings(hooked: Merchant, shop: Running, here: Here) -> None:
    with (hooked.folder / ".env").open("a") as env:
        env.write("FILLRATE_CHANNEL_MAIN_HOOK_SECRET=short\n")
    said = here(hooked, "hooks")
    assert (said.code, "is shorter than 32 characters" in said.err) == (2, True)
    assert "short\n" not in said.err
    hooked.settings(settings_for(shop.url, 'client_secret = "x"'))
    said = here(hooked, "hooks")
    assert f"the client_secret does not belong here but in {SECRET}" in said.err


def test_up_brings_the_receiver_where_hooks_can_come_in(hooked: Merchant) -> None:
    secrets = {"FILLRATE_CHANNEL_MAIN_TOKEN": TOKEN}
    assert not has_receiver(load(hooked.folder / "fillrate.toml", {**secrets, SECRET: ""}))
    assert has_receiver(load(hooked.folder / "fillrate.toml", {**secrets, SECRET: "a" * 40}))


def test_the_status_tells_what_was_heard_and_waits(hooked: Merchant, here: Here) -> None:
    here(hooked, "status")
    hooked.sql(
        "INSERT INTO hook_watch (channel_id, heard_at) VALUES (1, '2026-12-01T10:00:00.000000+00:00')",
        "INSERT INTO hint VALUES (1, 'orders', '7', 'm', '2026-12-01T10:00:00.000000+00:00', '2026-12-01T10:00:00.000000+00:00')",
    )
    said = here(hooked, "status")
    assert "Hooks (UTC)" in said.out
    assert "2026-12-01 10:00" in said.out
    found = here(hooked, "status", "--json").json
    assert [(one["stream"], one["hints"]) for one in found["hints"]] == [("orders", 1)]
