"""What a merchant may write into fillrate.toml, and what is said about mistakes."""

from pathlib import Path

import pytest

from fillrate.decide.delays import DelayRules
from fillrate.decide.slips import MoveRules
from fillrate.errors import FixSettings
from fillrate.settings import load

GOOD = """
[store]
timezone = "Europe/Berlin"

[[channel]]
name = "main"
kind = "bigcommerce"
base_url = "https://api.bigcommerce.com/stores/abc"
"""
TOKEN = {"FILLRATE_CHANNEL_MAIN_TOKEN": "secret-token"}


def written(folder: Path, text: str) -> Path:
    file = folder / "fillrate.toml"
    file.write_text(text)
    return file


def test_the_token_comes_from_the_environment_and_is_never_shown(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD), TOKEN)

    assert settings.channel[0].token.get_secret_value() == "secret-token"
    assert "secret-token" not in repr(settings)


def test_the_environment_wins_over_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FILLRATE_CHANNEL_MAIN_TOKEN=from-file\n")

    assert load(written(tmp_path, GOOD), {}).channel[0].token.get_secret_value() == "from-file"
    assert load(written(tmp_path, GOOD), TOKEN).channel[0].token.get_secret_value() == "secret-token"


def test_a_relative_database_lies_beside_the_settings(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD), TOKEN)

    assert settings.database.url.get_secret_value() == f"sqlite:///{tmp_path}/fillrate.db"


def test_every_mistake_is_listed_with_its_line(tmp_path: Path) -> None:
    text = GOOD.replace("Europe/Berlin", "Europe/Berln").replace("https://api", "http://api") + "practise = true\n"

    with pytest.raises(FixSettings) as caught:
        load(written(tmp_path, text), {})

    assert caught.value.what.splitlines() == [
        "fillrate.toml has 4 mistake(s):",
        "  - channel main: no token; set FILLRATE_CHANNEL_MAIN_TOKEN in .env or the environment",
        "  - line 3, store.timezone is not a time zone such as Europe/Berlin",
        "  - line 8, channel.0.base_url must start with https:// (http:// is accepted for this machine only)",
        "  - line 9, channel.0.practise is not a setting; is it misspelt?",
    ]


def test_a_token_in_the_toml_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FixSettings, match="does not belong here but in FILLRATE_CHANNEL_MAIN_TOKEN"):
        load(written(tmp_path, GOOD + 'token = "oops"\n'), TOKEN)


@pytest.mark.parametrize(
    "token", ["secret-tökén", "secret token", "secret\n", "\tsecret", "secr\udcffet", "secret\x7f"]
)
def test_a_token_that_no_header_can_carry_is_told_without_being_quoted(tmp_path: Path, token: str) -> None:
    with pytest.raises(FixSettings, match="the token in FILLRATE_CHANNEL_MAIN_TOKEN holds a blank") as caught:
        load(written(tmp_path, GOOD), {"FILLRATE_CHANNEL_MAIN_TOKEN": token})

    assert "secr" not in f"{caught.value!r}{caught.value.__context__!r}"


def test_plain_http_is_for_this_machine_only(tmp_path: Path) -> None:
    local = GOOD.replace("https://api.bigcommerce.com", "http://127.0.0.1:8080")

    assert load(written(tmp_path, local), TOKEN).channel[0].base_url == "http://127.0.0.1:8080/stores/abc"


def test_the_first_matching_rule_wins_key_by_key(tmp_path: Path) -> None:
    rules = """
[policy.default]
unpaid_days = 9

[[policy.rule]]
match = {group = "7"}
set = {priority = 1}

[[policy.rule]]
match = {channel = "main"}
set = {priority = 5, unpaid_days = 3}
"""
    policy = load(written(tmp_path, GOOD + rules), TOKEN).policy

    assert (policy.for_(channel="main", group="7").priority, policy.for_(channel="main", group="7").unpaid_days) == (
        1,
        3,
    )
    assert (policy.for_(channel="main").priority, policy.for_(channel="other").unpaid_days) == (5, 9)


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        (
            '[[policy.rule]]\nmatch = {sku = "A"}\nset = {priority = 1}\n'
            '[[policy.rule]]\nmatch = {channel = "mian"}\nset = {priority = 1}\n',
            "line 13, policy.rule.1.match.channel names 'mian', which is no channel of these settings (main)",
        ),
        (
            '[[location]]\nchannel = "mian"\ncode = "W"\n',
            "line 10, location.0.channel names 'mian', which is no channel of these settings (main)",
        ),
        (
            '[[location]]\nchannel = "main"\ncode = "W"\nserves = ["main", "shop"]\n',
            "line 12, location.0.serves names 'shop', which is no channel of these settings (main)",
        ),
        (
            '[channel.write_back]\n[[channel]]\nname = "hub"\nkind = "bigcommerce"\n'
            'base_url = "https://api.bigcommerce.com/stores/hub"\nmirrors = {"2:x" = "hub"}\n',
            "line 14, channel.1.mirrors names 'hub', which is no other channel of these settings",
        ),
        (
            'mirrors = {"amazon" = "main"}\n',
            "line 9, channel.0.mirrors has 'amazon', which is no channel id with a source",
        ),
        *(
            (
                f"[policy.default]\npriority = 5\n[[policy.rule]]\nmatch = {{{match}}}\nset = {{{key} = {value}}}\n",
                f"line 13, policy.rule.0.set.{key} holds for a whole channel and would never apply to a {finer}: let match",
            )
            for key, value, match, finer in (
                ("unpaid_days", "3", 'sku = "A"', "sku"),
                ("refund_cancels_unshipped", "true", 'channel = "main", brand = "B"', "brand"),
                ("wait_above_changes", "3", 'group = "2"', "group"),
                ("wait_above_share", "0.1", 'group = "2", sku = "A"', "group, sku"),
                ("vanish_share", "0.1", 'sku = "A"', "sku"),
                ("review_units", "5", 'category = "C"', "category"),
            )
        ),
        (
            '[[policy.rule]]\nmatch = {sku = "A", location = "W"}\nset = {priority = 5}\n',
            "line 11, policy.rule.0.set.priority does not go by location: only a backorder_limit does",
        ),
        (
            '[[policy.rule]]\nmatch = {group = "2", location = "W"}\nset = {backorder_limit = 5}\n',
            "line 11, policy.rule.0.set.backorder_limit holds for a place, whoever buys there: leave group out of match",
        ),
        (
            '[[policy.rule]]\nmatch = {group = "2"}\nset = {buffer = 5}\n',
            "line 11, policy.rule.0.set.buffer is about what a channel shows, and it shows everybody the same: leave group out",
        ),
        (
            '[[policy.rule]]\nmatch = {location = "W"}\nset = {show_share = 0.5}\n',
            "line 11, policy.rule.0.set.show_share does not go by location: only a backorder_limit does",
        ),
        (
            '[[policy.rule]]\nmatch = {category = "Sale"}\nset = {priority = 5}\n',
            "line 11, policy.rule.0.set.priority does not go by category: only what a channel shows does",
        ),
        (
            "[policy.default]\nreserve = 5\n",
            "line 10, policy.default.reserve keeps units for a channel: set it in a rule whose match names one",
        ),
        (
            '[[policy.rule]]\nmatch = {sku = "A"}\nset = {reserve = 5}\n',
            "line 11, policy.rule.0.set.reserve keeps units for a channel: let match name the channel",
        ),
        (
            '[[policy.rule]]\nmatch = {channel = "main", group = "VIP"}\nset = {reserve = 5}\n',
            "line 11, policy.rule.0.set.reserve keeps units for a channel, whoever buys there: leave group out of match",
        ),
    ],
)
def test_names_that_nobody_has_and_rules_that_can_never_hold_are_told_with_their_line(
    tmp_path: Path, text: str, mistake: str
) -> None:
    with pytest.raises(FixSettings) as caught:
        load(written(tmp_path, GOOD + text), {**TOKEN, "FILLRATE_CHANNEL_HUB_TOKEN": "t"})

    assert f"has 1 mistake(s):\n  - {mistake}" in caught.value.what


def test_what_a_channel_shows_may_go_by_channel_brand_sku_and_category(tmp_path: Path) -> None:
    rule = '[[policy.rule]]\nmatch = {channel = "main", brand = "B", category = "Sale"}\nset = {buffer = 2, presell_days = 9}\n'

    policy = load(written(tmp_path, GOOD + rule), TOKEN).policy

    found = policy.for_(channel="main", brand="B", sku="A", category=("New", "Sale"))
    assert (found.buffer, found.presell_days) == (2, 9)


def test_a_whole_channel_may_have_its_own_rules_and_an_item_none_of_its_units_kept(tmp_path: Path) -> None:
    rules = """
[[policy.rule]]
match = {sku = "A"}
set = {reserve = 0}

[[policy.rule]]
match = {channel = "main"}
set = {reserve = 5, unpaid_days = 3, vanish_share = 0.5}

[[location]]
channel = "main"
code = "W"
serves = ["main"]
"""
    policy = load(written(tmp_path, GOOD + rules), TOKEN).policy

    assert [policy.for_(channel="main", sku=sku).reserve for sku in ("A", "B")] == [0, 5]


def test_a_missing_file_says_where_it_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(FixSettings, match="no settings file fillrate.toml"):
        load(tmp_path / "fillrate.toml", {})


def test_a_file_that_cannot_be_read_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "fillrate.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(FixSettings, match=r"fillrate\.toml is not text in UTF-8\."):
        load(tmp_path / "fillrate.toml", TOKEN)

    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(FixSettings, match=r"folder\.toml cannot be read: Is a directory\."):
        load(tmp_path / "folder.toml", TOKEN)


def test_feeds_lie_beside_the_settings_and_have_one_place_and_one_name_each(tmp_path: Path) -> None:
    feeds = '[[inbound]]\nname = "erp"\npath = "in"\n[[inbound]]\nname = "web"\nurl = "http://127.0.0.1:8/po.csv"\n'
    assert load(written(tmp_path, GOOD + feeds), TOKEN).inbound[0].path == f"{tmp_path}/in"

    wrong = (
        '[[inbound]]\nname = "a"\n[[inbound]]\nname = "hand"\npath = "x"\n'
        '[[inbound]]\nname = "b"\nurl = "http://example.org/x.csv"\n'
        '[[inbound]]\nname = "c"\nurl = "https://example.org/x.csv?token=1"\n'
        '[[inbound]]\nname = "d"\nurl = "https://example.org"\n'
    )
    with pytest.raises(FixSettings) as caught:
        load(written(tmp_path, GOOD + wrong), TOKEN)
    assert [line.split(" ", 6)[-1] for line in caught.value.what.splitlines()[1:]] == [
        "must have either a path or a url",
        "must not be called hand, which is what fillrate import takes in",
        "must start with https:// (http:// is accepted for this machine only)",
        "must not carry a user, a query or a fragment",
        "must name a file by a path of letters, digits and ._~-",
    ]

    for part, why in (
        ('[[supplier]]\ncode = "ACME"\n[[supplier]]\ncode = "acme"\n', "two suppliers have the same code"),
        (feeds.replace("web", "erp"), "two inbound feeds have the same name"),
        (feeds.replace('url = "http://127.0.0.1:8/po.csv"', 'path = "./in"'), "two inbound feeds have the same place"),
    ):
        with pytest.raises(FixSettings, match=why):
            load(written(tmp_path, GOOD + part), TOKEN)


def test_a_calendar_names_days_of_the_week_and_a_time_of_day(tmp_path: Path) -> None:
    text = GOOD.replace("[store]", '[store]\nworkdays = []\ncut_off = "25:00"\nholidays = ["soon"]')

    with pytest.raises(FixSettings, match=r"(?s)workdays .*least 1 item.*cut_off is not a time of day.*holidays"):
        load(written(tmp_path, text), TOKEN)


MAIL = GOOD + '[mail]\nfrom = "Example <orders@example.com>"\nhost = "smtp.example.com"\n'
SECRETS = {
    **TOKEN,
    "FILLRATE_MAIL_PASSWORD": "hunter2",
    "FILLRATE_LINK_SECRET": "n" * 32,
    "FILLRATE_LINK_SECRET_OLD": "o" * 32,
}


def test_without_mail_settings_there_is_no_mail(tmp_path: Path) -> None:
    assert load(written(tmp_path, GOOD), SECRETS).mail is None


def test_mail_has_a_port_for_each_security_and_secrets_that_are_never_shown(tmp_path: Path) -> None:
    mail = load(written(tmp_path, MAIL + 'user = "me"\ntemplates = "words"\n'), SECRETS).mail

    assert mail is not None
    assert (mail.security, mail.server_port, mail.language) == ("starttls", 587, "en")
    assert (mail.from_.name, mail.from_.address, mail.answers_to) == ("Example", "orders@example.com", None)
    assert mail.templates == tmp_path / "words"
    assert mail.password.get_secret_value() == "hunter2"
    assert [one.get_secret_value()[0] for one in mail.link_secrets] == ["n", "o"]
    assert "hunter2" not in repr(mail)
    assert "nnnn" not in repr(mail)


@pytest.mark.parametrize(
    ("text", "secrets", "mistake"),
    [
        (MAIL + 'user = "me"\n', {}, "mail: no password for this user; set FILLRATE_MAIL_PASSWORD in .env or the env"),
        (MAIL + 'password = "x"\n', {}, "mail: this secret does not belong here but in FILLRATE_MAIL_PASSWORD"),
        (MAIL + 'link_secret = "x"\n', {}, "mail: this secret does not belong here but in FILLRATE_LINK_SECRET"),
        (MAIL, {"FILLRATE_MAIL_PASSWORD": "hunter²"}, "mail: the password in FILLRATE_MAIL_PASSWORD holds a letter"),
        (MAIL, {"FILLRATE_LINK_SECRET": "hunter2"}, "mail: FILLRATE_LINK_SECRET is shorter than 32 characters"),
        (MAIL.replace("orders@", "orders@@"), {}, "line 10, mail.from is not a mail address such as"),
        (MAIL.replace("orders@", "örders@"), {}, "line 10, mail.from has letters beyond ASCII before its @"),
        (MAIL + 'reply_to = "help"\n', {}, "line 12, mail.reply_to is not a mail address"),
        (MAIL.replace('"Example <', '"Ex\\nBcc: x@example.com <'), {}, "line 10, mail.from holds a character that"),
        (MAIL + 'security = "plain"\n', {}, 'line 9, mail security = "plain" is accepted for this machine only'),
        (MAIL + 'security = "none"\n', {}, "line 12, mail.security Input should be 'starttls', 'tls' or 'plain'"),
        (MAIL.replace("smtp.", "smtp.."), {}, "line 11, mail.host is not the name of a mail server such as"),
        (MAIL + "port = 0\n", {}, "line 12, mail.port Input should be greater than or equal to 1"),
        (MAIL + 'language = "../x"\n', {}, "line 12, mail.language must be two small letters, such as en"),
        (MAIL + "verify = false\n", {}, "line 12, mail.verify is not a setting; is it misspelt?"),
        ("mail = 5\n" + GOOD, {}, "line 1, mail must be a table"),
    ],
)
def test_mistakes_in_mail_are_told(tmp_path: Path, text: str, secrets: dict[str, str], mistake: str) -> None:
    with pytest.raises(FixSettings) as caught:
        load(written(tmp_path, text), {**TOKEN, **secrets})

    assert f"has 1 mistake(s):\n  - {mistake}" in caught.value.what
    assert "hunter" not in caught.value.what


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_plain_mail_is_for_this_machine_only(tmp_path: Path, host: str) -> None:
    text = MAIL.replace("smtp.example.com", host) + 'security = "plain"\n'

    mail = load(written(tmp_path, text), TOKEN).mail

    assert mail is not None
    assert mail.server_port == 25


def test_what_a_delay_means_is_off_and_has_the_numbers_of_the_rules_until_somebody_says_else(tmp_path: Path) -> None:
    assert DelayRules(**load(written(tmp_path, GOOD), TOKEN).delays.model_dump()) == DelayRules()
    assert not DelayRules().enabled

    on = load(
        written(tmp_path, GOOD + '[delays]\nenabled = true\nrules = ["no_date"]\nanswer_days = 14\n'), TOKEN
    ).delays
    assert DelayRules(**on.model_dump()) == DelayRules(enabled=True, rules=("no_date",), answer_days=14)

    with pytest.raises(FixSettings, match="rules"):
        load(written(tmp_path, GOOD + '[delays]\nrules = ["late"]\n'), TOKEN)
    with pytest.raises(FixSettings, match="which needs public_url in .receiver. and FILLRATE_LINK_SECRET"):
        load(written(tmp_path, MAIL + "[delays]\nenabled = true\n"), TOKEN)


def test_no_promise_moves_by_itself_until_somebody_says_so(tmp_path: Path) -> None:
    off = load(written(tmp_path, GOOD), TOKEN).promises

    assert MoveRules(off.move_by_itself_days, off.move_by_itself_lines) == MoveRules()
