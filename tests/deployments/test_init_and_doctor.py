"""`fillrate init` and `fillrate doctor` before a real practice shop: all well, and whatever may be missing."""

import os
import pty
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from stat import S_IMODE

import httpx
import pytest

from sandbox import Running
from tests.cli.conftest import Here, small_shop
from tests.cli.merchant import FILLRATE, TOKEN, Merchant, bare_environment, settings_for
from tests.gateway.post_office import PostOffice, certificate, serving

VARIABLE = "FILLRATE_CHANNEL_MAIN_TOKEN"


@pytest.fixture
def stranger(tmp_path: Path) -> Merchant:
    """Somebody in an empty folder."""
    return Merchant(tmp_path)


@pytest.fixture
def newcomer(newcomer: Merchant, shop: Running) -> Merchant:
    """A newcomer whose shop is known to be a practice shop, with a clock of its own."""
    newcomer.settings(settings_for(shop.url, "practice = true"))
    return newcomer


def to_mend(said: str) -> list[str]:
    """What is to be mended, with the line of how."""
    lines = said.splitlines()
    return [f"{line} >> {lines[i + 1].strip()}" for i, line in enumerate(lines) if line.startswith("MEND")]


def test_init_writes_what_the_shop_says_of_itself_and_the_token_for_its_owner_only(
    stranger: Merchant, shop: Running
) -> None:
    said = stranger.fillrate("init", "--base-url", shop.url, **{VARIABLE: TOKEN})
    toml, env = stranger.folder / "fillrate.toml", stranger.folder / ".env"

    assert (said.code, said.err) == (0, "")
    assert "answers (time zone " in said.out.splitlines()[0]
    assert f'base_url = "{shop.url}"' in toml.read_text()
    assert TOKEN not in toml.read_text() + said.out
    assert (env.read_text(), S_IMODE(env.stat().st_mode)) == (f"{VARIABLE}={TOKEN}\n", 0o600)
    again = stranger.fillrate("init", "--base-url", shop.url)
    assert (again.code, again.words.splitlines()[0]) == (2, f"fillrate: {toml} exists and stays as it is.")
    assert stranger.fillrate("db", "check").code == 2  # empty: the settings can be read


def test_init_asks_at_a_terminal_and_shows_nothing_of_the_token(stranger: Merchant, shop: Running) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [FILLRATE, "init"],
        cwd=stranger.folder,
        env={**bare_environment(), "TERM": "dumb"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = heard(ours, "or its hash: ")
    os.write(ours, f"{shop.url}\n".encode())
    shown += heard(ours, "nothing shows while you type): ")
    os.write(ours, f"{TOKEN}\n".encode())
    shown += heard(ours, "Next: ")
    os.close(ours)

    assert process.wait(30) == 0
    assert TOKEN not in shown
    assert TOKEN in (stranger.folder / ".env").read_text()


def heard(terminal: int, last: str) -> str:
    """What a terminal shows, up to these words."""
    shown = ""
    while last not in shown:
        shown += os.read(terminal, 1000).decode()
    return shown


def test_init_without_a_person_says_what_is_missing_and_writes_nothing(
    stranger: Merchant, shop: Running, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    nothing = here(stranger, "init")
    no_token = here(stranger, "init", "--base-url", shop.url)
    monkeypatch.setenv(VARIABLE, "mistyped-token")
    plain = here(stranger, "init", "--base-url", "http://shop.example")
    misnamed = here(stranger, "init", "--base-url", shop.url, "--channel", "Main shop")
    refused = here(stranger, "init", "--base-url", shop.url)

    assert [one.code for one in (nothing, no_token, plain, misnamed, refused)] == [2] * 5
    assert "Give it with --base-url." in nothing.words
    assert f"Give it with {VARIABLE}." in no_token.words
    assert "--base-url must start with https://" in plain.words
    assert "--channel must be lower-case letters, digits and _" in misnamed.words
    assert "refused the token (401)" in refused.words
    assert list(stranger.folder.iterdir()) == []


def test_init_leaves_an_env_alone_and_uses_what_is_in_it(stranger: Merchant, shop: Running, here: Here) -> None:
    env = stranger.folder / ".env"
    env.write_text("OTHER=1\n")
    without = here(stranger, "init", "--base-url", shop.url)
    env.write_text(f"OTHER=1\n{VARIABLE}={TOKEN}\n")
    with_it = here(stranger, "init", "--base-url", shop.url, "--json")

    assert (without.code, f"Put {VARIABLE}=… into it" in without.words) == (2, True)
    assert (with_it.code, with_it.json["ok"]) == (0, True)
    assert env.read_text().startswith("OTHER=1\n")


def test_init_writes_the_files_and_says_what_the_token_may_not(
    stranger: Merchant, shop: Running, faults: Callable[..., None], here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults(match="GET /v3/customers*", kind="403")
    monkeypatch.setenv(VARIABLE, TOKEN)
    said = here(stranger, "init", "--base-url", shop.url)

    assert said.code == 2
    assert to_mend(said.out) == [
        "MEND channel main: The token may not read customers. >> "
        "Give its API account the scope store_v2_customers_read_only, or use another token."
    ]
    assert (stranger.folder / "fillrate.toml").exists()


def test_doctor_finds_all_well(newcomer: Merchant, merchant: Merchant, shop: Running, here: Here) -> None:
    merchant.settings(settings_for(shop.url, "practice = true"))
    fresh, used, as_json = here(newcomer, "doctor"), here(merchant, "doctor"), here(merchant, "doctor", "--json")

    assert (fresh.code, used.code, as_json.code) == (0, 0, 0)
    assert fresh.out.endswith("All is well.\n")
    assert "The sqlite database is empty; the first run sets it up." in fresh.out
    assert "sqlite: The tables are at version" in used.out
    assert "Not checked, since only a write would show it: write notes to orders (store_v2_orders)." in used.out
    assert "each `fillrate run` starts a server of its own (7 to 13 s)" in used.out
    assert as_json.json["ok"] is True
    assert {one["about"] for one in as_json.json["points"]} == {
        "settings",
        "secrets",
        "database",
        "channel main",
        "prefect",
    }


def test_doctor_says_of_each_mistake_how_to_mend_it(
    newcomer: Merchant, here: Here, faults: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    (newcomer.folder / ".env").chmod(0o644)
    (newcomer.folder / "fillrate.db").write_text("no database, but some other file of more than a hundred bytes" * 9)
    monkeypatch.setenv("PREFECT_API_URL", "http://127.0.0.1:9/api")
    faults(match="GET /v3/inventory/locations*", kind="403")

    said = here(newcomer, "doctor")

    assert said.code == 2
    assert to_mend(said.out)[0].endswith(f" >> Run: chmod 600 {newcomer.folder / '.env'}")
    assert "Give its API account the scope store_locations_read_only, or use another token." in said.out
    assert "Start that server, or unset PREFECT_API_URL." in said.out
    assert len(to_mend(said.out)) == 4


def test_doctor_of_a_database_and_a_shop_that_do_not_answer_says_where_to_look(
    newcomer: Merchant, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    fine = (newcomer.folder / "fillrate.toml").read_text()
    newcomer.settings(settings_for("http://127.0.0.1:9/stores/practice"))
    monkeypatch.setenv("FILLRATE_DATABASE_URL", "postgresql://fillrate:nobody-may-see-it@127.0.0.1:9/fillrate")
    said = here(newcomer, "doctor")
    monkeypatch.delenv("FILLRATE_DATABASE_URL")
    newcomer.settings(fine)
    (newcomer.folder / "fillrate.db").mkdir()
    folder = here(newcomer, "doctor")

    database, shop = to_mend(said.out)
    assert (
        "Connection refused. >> See that it runs and that [database] url (or FILLRATE_DATABASE_URL) is right"
        in database
    )
    assert (
        "could not be reached, again and again. >> See that base_url is right and that this machine reaches it" in shop
    )
    assert "nobody-may-see-it" not in said.out + said.err
    assert f"{newcomer.folder / 'fillrate.db'}: Is a directory. >> Mend that" in to_mend(folder.out)[0]


def test_doctor_tells_each_mistake_in_the_settings_in_a_line_of_its_own(newcomer: Merchant, here: Here) -> None:
    newcomer.settings(settings_for("https://api.bigcommerce.com/stores/abc1", "curency = 1", "colour = 2"))

    said = here(newcomer, "doctor")

    assert [line for line in said.out.splitlines() if line.startswith("  - ")] == [
        "  - line 8, channel.0.curency is not a setting; is it misspelt?",
        "  - line 9, channel.0.colour is not a setting; is it misspelt?",
    ]


def test_doctor_of_a_token_that_is_refused_altogether_says_it_once(
    newcomer: Merchant, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "mistyped-token")

    said = here(newcomer, "doctor")

    assert to_mend(said.out) == [
        "MEND channel main: The shop refuses the token for everything. >> "
        "Put the token of an API account of this store into .env or the environment."
    ]


def test_doctor_compares_the_clocks(newcomer: Merchant, here: Here) -> None:
    with small_shop() as own:
        newcomer.settings(settings_for(own.url))
        clock = f"{own.root}/_practice/clock"
        then = httpx.get(clock).json()["now"]
        wrong = here(newcomer, "doctor")
        httpx.post(clock, json={"set": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"}).raise_for_status()
        right = here(newcomer, "doctor")

    assert then[:10] in wrong.out
    assert [line.split(" >> ")[1] for line in to_mend(wrong.out)] == [
        "Set this machine's clock (timedatectl set-ntp true)."
    ]
    assert (right.code, "Its clock and this machine's are" in right.out) == (0, True)


def test_doctor_without_settings_says_how_to_begin(stranger: Merchant, here: Here) -> None:
    said = here(stranger, "doctor")

    assert said.code == 2
    assert "MEND settings: There is no settings file fillrate.toml" in said.out


def test_doctor_notices_another_store_than_the_one_in_the_tables(merchant: Merchant, here: Here, shop: Running) -> None:
    merchant.settings(settings_for(shop.url, "practice = true"))
    merchant.sql("UPDATE channel SET identity = 'another'")

    said = here(merchant, "doctor")

    assert len(to_mend(said.out)) == 1
    assert "It answers as another store" in said.out


def test_doctor_names_a_location_that_the_shop_does_not_have_once_its_stock_was_read(
    newcomer: Merchant, merchant: Merchant, here: Here, shop: Running
) -> None:
    real = merchant.sql("SELECT code FROM location WHERE is_default")[0][0]
    places = "".join(f'\n[[location]]\nchannel = "main"\ncode = "{code}"\n' for code in (real, "WSET"))
    places += "".join(
        f'\n[[policy.rule]]\nmatch = {{location = "{code}"}}\nset = {{backorder_limit = 5}}\n'
        for code in (real, "ESAT")
    )
    for one in (newcomer, merchant):
        one.settings(settings_for(shop.url, "practice = true") + places)

    unread, said = here(newcomer, "doctor"), here(merchant, "doctor")

    assert (unread.code, said.code) == (0, 2)
    line, of_rule = to_mend(said.out)
    assert of_rule.startswith("MEND location main:ESAT: The shop has no location of this code")
    assert of_rule.endswith(" >> Mend its code in the rule's match, as the shop writes it.")
    assert line.startswith(
        "MEND location main:WSET: The shop has no location of this code, so that nothing said of it holds."
    )
    assert real in line
    assert line.endswith(" >> Mend its code in [[location]], as the shop writes it.")


def with_mail(newcomer: Merchant, office: PostOffice, *lines: str) -> None:
    """Add mail through a server to the newcomer's settings."""
    parts = ["\n[mail]", 'from = "orders@example.com"', 'host = "localhost"', f"port = {office.port}", *lines]
    newcomer.settings((newcomer.folder / "fillrate.toml").read_text() + "\n".join(parts) + "\n")


def test_doctor_names_the_folder_of_a_feed_that_is_not_there(newcomer: Merchant, here: Here) -> None:
    newcomer.settings((newcomer.folder / "fillrate.toml").read_text() + '\n[[inbound]]\nname = "erp"\npath = "in"\n')
    missing = here(newcomer, "doctor")
    (newcomer.folder / "in").mkdir()
    (newcomer.folder / "in/po.csv").write_text("reference,sku,quantity\n")
    there = here(newcomer, "doctor")

    folder = newcomer.folder / "in"
    assert to_mend(missing.out) == [
        f"MEND inbound erp: The folder {folder} cannot be read: No such file or directory. >> Make it, or mend path."
    ]
    assert (there.code, f"{folder} can be read; files that end in .csv or .json: 1." in there.out) == (0, True)


def test_doctor_writes_each_message_in_the_merchants_words_and_names_the_line_that_is_broken(
    newcomer: Merchant, here: Here
) -> None:
    with serving(PostOffice()) as office:
        with_mail(newcomer, office, 'security = "plain"', 'templates = "mine"', 'languages = ["de"]')
        missing = here(newcomer, "doctor")
        own = newcomer.folder / "mine"
        (own / "en").mkdir(parents=True)
        (own / "de").mkdir()
        (own / "en/cancelled.txt").write_text("Subject: {{ stoer }}\n\nHello\n")
        (own / "de/date_moved.txt").write_text(
            "Subject: Neu\n\n{% if rule == 'silence_cancels' %}{{ dedline }}{% endif %}\n"
        )
        (own / "en/backordered.html").write_text("<p>{% if lines %}</p>")
        broken = here(newcomer, "doctor")
        for file in own.rglob("*.*"):
            file.write_text("Subject: Well\n\n{{ store }}\n")
        mended = here(newcomer, "doctor")
        newcomer.settings(
            f"{(newcomer.folder / 'fillrate.toml').read_text()}language = 'fr'\nmessages = ['cancelled']\n"
        )
        (own / "fr").mkdir()
        (own / "fr/cancelled.txt").write_text("Subject: Bien\n\n{{ store }}\n")
        lacking = here(newcomer, "doctor").out
        (own / "fr/cancelled.html").write_text("{{ store }}\n")
        whole = here(newcomer, "doctor").out

    assert f"{own}: all messages can be written in fr, de. In English, for want of templates: fr/cancelled." in lacking
    assert f"{own}: all messages can be written in fr, de." in whole
    assert "for want of" not in whole + mended.out
    assert [line.split(" >> ")[1] for line in to_mend(missing.out)] == ["Make it, or mend templates in [mail]."]
    html, cancelled, moved = sorted(to_mend(broken.out), key=lambda line: line.split("/")[-1])
    assert f"MEND mail templates: {own}/en/backordered.html, line 1: Unexpected end of template" in html
    assert f"MEND mail templates: {own}/en/cancelled.txt, line 1: 'stoer' is undefined." in cancelled
    assert f"MEND mail templates: {own}/de/date_moved.txt, line 3: 'dedline' is undefined." in moved
    assert cancelled.endswith(" >> Mend the template; until then no such mail is sent.")
    assert (mended.code, f"{own}: all messages can be written in en, de." in mended.out) == (0, True)
    assert office.taken == []


def test_doctor_logs_in_at_the_mail_server_and_sends_nothing(
    newcomer: Merchant, here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, authority = certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    monkeypatch.setenv("FILLRATE_MAIL_PASSWORD", "hunter2")
    with serving(PostOffice(certificate=context, extensions=("AUTH PLAIN",))) as office:
        with_mail(newcomer, office, 'user = "me"')
        refused = here(newcomer, "doctor")
        monkeypatch.setenv("FILLRATE_MAIL_PASSWORD", "the password")
        let_in = here(newcomer, "doctor")
    gone = here(newcomer, "doctor")

    assert to_mend(refused.out) == [
        "MEND mail server localhost: localhost refused user and password (535 5.7.8). >> "
        "Mend user in [mail], or its password in FILLRATE_MAIL_PASSWORD; nothing was sent."
    ]
    assert "hunter2" not in refused.out + refused.err
    assert let_in.code == 0
    assert f"It answers on port {office.port}, and takes the password of me. Nothing was sent." in let_in.out
    (line,) = to_mend(gone.out)
    assert line.startswith(
        "MEND mail server localhost: localhost could not be reached. >> See that host, port and security"
    )
    assert {"MAIL", "RCPT", "DATA"} & set(office.verbs) == set()
