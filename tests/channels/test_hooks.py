"""Only what a shop has sent counts as its word, and of that only ids."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import SecretStr

from fillrate.channels.bigcommerce import BigCommerceSettings, hook_writes
from fillrate.channels.bigcommerce import hooks as bigcommerce
from fillrate.channels.hooks import WORD_HEADER, ForgedHook, LateHook
from fillrate.channels.protocol import HOOK, Hint, Stream, Write, hook_target
from fillrate.channels.shopify import hooks as shopify
from fillrate.channels.woocommerce import hooks as woocommerce
from fillrate.errors import FillrateError
from tests.channels.hooked import OLD, SECRET, STRANGE, letter, proof, standard
from tests.channels.practice import always, practice

NOW = datetime.fromtimestamp(1_700_000_000, UTC)
STAMP = int(NOW.timestamp())
ORDER = letter("store/order/created", {"type": "order", "id": 250})
ADDRESS = "http://127.0.0.1:1/hooks/main"


def store(**more: Any) -> BigCommerceSettings:
    told = {"name": "main", "kind": "bigcommerce", "base_url": "https://api.bigcommerce.com/stores/abcde", "token": "t"}
    return BigCommerceSettings.model_validate({**told, "client_secret": SECRET, "client_secret_old": OLD, **more})


def app(**secrets: str) -> Any:
    return SimpleNamespace(**{name: SecretStr(one) for name, one in secrets.items()})


def heard(raw: bytes, settings: BigCommerceSettings | None = None, **headers: str) -> Any:
    return bigcommerce.hear(settings or store(), headers or standard(raw, STAMP), raw, NOW)


def test_the_signature_is_that_of_the_reference_library() -> None:
    raw = (
        b'{"scope":"store/order/statusUpdated","store_id":"1025646","data":{"type":"order","id":250,'
        b'"status":{"previous_status_id":0,"new_status_id":11}},"hash":"7ee67cd1cf2ca60bc1aa9e5fe957d2de373be4ca",'
        b'"created_at":1561479335,"producer":"stores/abcde"}'
    )
    headers = {
        "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
        "webhook-timestamp": "1700000000",
        "webhook-signature": "v1,islsK+hYMwuxAkgt6BtwVi+ZR83ENZXe0zEhVqJ1NoU=",
    }
    found = bigcommerce.hear(store(client_secret="example_client_secret"), headers, raw, NOW)
    assert found.hints == (Hint(Stream.ORDERS, "250"),)
    assert found.key == "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W"


def test_while_a_secret_is_changed_both_count_and_one_good_signature_of_several_is_enough() -> None:
    assert heard(ORDER, **standard(ORDER, STAMP, OLD)).hints
    several = standard(ORDER, STAMP)
    several["webhook-signature"] = f"v1,{proof(STRANGE, ORDER)} v1a,ed25519 {several['webhook-signature']}"
    assert heard(ORDER, **several).hints


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": f"v1,{proof(STRANGE, ORDER)}"},
        {"webhook-signature": proof(SECRET, ORDER)},
        {"webhook-signature": "v1,tökén"},
        {"webhook-id": "msg_2"},
        {"webhook-timestamp": str(STAMP + 1)},
    ],
)
def test_what_is_not_signed_as_it_stands_is_forged(change: dict[str, str]) -> None:
    with pytest.raises(ForgedHook):
        heard(ORDER, **{**standard(ORDER, STAMP), **change})


def test_one_changed_byte_of_the_body_is_forged_also_where_it_says_the_same() -> None:
    for raw in (ORDER.replace(b"250", b"251"), ORDER + b" "):
        with pytest.raises(ForgedHook):
            bigcommerce.hear(store(), standard(ORDER, STAMP), raw, NOW)


def test_an_unsigned_hook_counts_for_nothing_and_neither_does_any_without_a_secret_of_ours() -> None:
    with pytest.raises(ForgedHook):
        heard(ORDER, **{"content-type": "application/json"})
    bare = store(client_secret="", client_secret_old="")
    assert not bigcommerce.is_ready(bare)
    with pytest.raises(ForgedHook):
        heard(ORDER, bare, **standard(ORDER, STAMP, ""))
    with pytest.raises(ForgedHook):
        heard(ORDER, bare, **{WORD_HEADER: ""})


def test_what_was_signed_too_long_ago_is_late_within_a_tolerance_that_can_be_set() -> None:
    for minutes in (-6, 6):
        headers = standard(ORDER, STAMP + minutes * 60)
        with pytest.raises(LateHook):
            heard(ORDER, **headers)
        assert heard(ORDER, store(hook_tolerance_minutes=6), **headers).hints
    for odd in ("", "soon", "-5", "1e9", "٣", "9" * 30):
        raw = {"webhook-id": "a", "webhook-timestamp": odd}
        raw["webhook-signature"] = f"v1,{proof(SECRET, f'a.{odd}.'.encode() + ORDER)}"
        with pytest.raises(LateHook):
            heard(ORDER, **raw)


def test_a_secret_word_that_the_hook_was_registered_with_is_as_good_also_for_what_comes_late() -> None:
    settings = store(client_secret="", client_secret_old="", hook_secret=SECRET, hook_secret_old=OLD)
    for word in (SECRET, OLD):
        found = heard(ORDER, settings, **{WORD_HEADER: word})
        assert found.hints == (Hint(Stream.ORDERS, "250"),)
        assert len(found.key) == 40  # the body's own hash
    with pytest.raises(ForgedHook):
        heard(ORDER, settings, **{WORD_HEADER: STRANGE})
    late = {**standard(ORDER, STAMP - 86_400), WORD_HEADER: SECRET}
    assert heard(ORDER, store(hook_secret=SECRET), **late).hints


def test_the_name_of_an_unsigned_letter_is_nobodys_word() -> None:
    settings = store(hook_secret=SECRET)
    assert heard(ORDER, settings, **{WORD_HEADER: SECRET, "webhook-id": "msg_other"}).key != "msg_other"


ORDERS, PRODUCTS, STOCK, REFUNDS, CUSTOMERS = (
    Stream.ORDERS,
    Stream.PRODUCTS,
    Stream.STOCK,
    Stream.REFUNDS,
    Stream.CUSTOMERS,
)


@pytest.mark.parametrize(
    ("scope", "data", "hints"),
    [
        ("store/order/updated", {"type": "order", "id": 250}, [(ORDERS, "250")]),
        ("store/order/refund/created", {"id": 250, "refund": {"refund_id": 3}}, [(ORDERS, "250"), (REFUNDS, "250")]),
        ("store/order/transaction/created", {"type": "transaction", "order_id": "250"}, [(ORDERS, "250")]),
        ("store/order/metafield/updated", {"metafield_id": 8, "resource_id": "270"}, []),
        ("store/shipment/created", {"type": "shipment", "id": 12, "orderId": 250}, [(ORDERS, "250")]),
        ("store/product/deleted", {"type": "product", "id": 20}, [(PRODUCTS, "20")]),
        ("store/sku/updated", {"id": 461, "sku": {"product_id": 20, "variant_id": 31}}, [(PRODUCTS, "20")]),
        ("store/product/inventory/updated", {"id": 20, "inventory": {"product_id": 20, "value": 5}}, [(STOCK, "-20")]),
        (
            "store/sku/inventory/updated",
            {"id": 461, "inventory": {"product_id": 20, "variant_id": 31, "value": 5}},
            [(STOCK, "31")],
        ),
        ("store/sku/inventory/order/updated", {"inventory": {"product_id": 20, "variant_id": 31}}, []),
        (
            "store/channel/*/inventory/product/stock_changed",
            {"variant_id": 31, "product_id": 20, "location_id": 1},
            [(STOCK, "31")],
        ),
        ("store/channel/2/order/created", {"order_id": 250}, [(ORDERS, "250")]),
        ("store/customer/updated", {"type": "customer", "id": 9}, [(CUSTOMERS, "9")]),
        ("store/customer/address/updated", {"id": 77, "address": {"customer_id": 9}}, [(CUSTOMERS, "9")]),
        ("store/information/updated", {"type": "store"}, []),
        ("store/order/updated", {"type": "order", "id": "../../v2/orders"}, []),
        ("store/order/updated", {"type": "order", "id": True}, []),
        ("store/order/updated", {"type": "order", "id": -4}, []),
        ("store/order/updated", {"type": "order", "id": 10**30}, []),
        ("store/sku/updated", {"sku": ["31"]}, []),
    ],
)
def test_a_scope_and_its_ids_are_a_hint_at_a_record(scope: str, data: Any, hints: list[tuple[Stream, str]]) -> None:
    assert heard(letter(scope, data)).hints == tuple(Hint(*one) for one in hints)


def test_a_genuine_letter_that_says_nothing_we_know_is_taken_and_hints_at_nothing() -> None:
    other = letter("store/order/created", {"id": 250}, producer="stores/elsewhere")
    for raw in (b"", b"[1]", b"{", b'{"scope": 7}', b'{"data": [1]}', b'{"scope": NaN}', b"\xff", other):
        assert heard(raw).hints == ()


def signed(raw: bytes, secret: str = SECRET, topic: str = "orders/updated") -> dict[str, str]:
    return {"x-shopify-topic": topic, "x-shopify-hmac-sha256": proof(secret, raw), "x-shopify-webhook-id": "b54557e4"}


@pytest.mark.parametrize(
    ("topic", "raw", "hints"),
    [
        ("orders/updated", b'{"id": 820982911946154508}', [(ORDERS, "820982911946154508")]),
        ("orders/edited", b'{"order_edit": {"order_id": 7}}', [(ORDERS, "7")]),
        ("fulfillments/create", b'{"id": 5, "order_id": 7}', [(ORDERS, "7")]),
        ("refunds/create", b'{"id": 5, "order_id": 7}', [(ORDERS, "7"), (REFUNDS, "7")]),
        ("products/delete", b'{"id": 9}', [(PRODUCTS, "9")]),
        ("customers/update", b'{"id": 9}', [(CUSTOMERS, "9")]),
        ("inventory_levels/update", b'{"inventory_item_id": 4, "location_id": 1, "available": 3}', [(STOCK, "4")]),
        ("shop/update", b'{"id": 9}', []),
        ("orders", b'{"id": 9}', []),
    ],
)
def test_shopify_signs_the_body_and_names_its_topic_beside_it(topic: str, raw: bytes, hints: Any) -> None:
    settings = app(client_secret=SECRET, client_secret_old=OLD)
    for secret in (SECRET, OLD):
        found = shopify.hear(settings, signed(raw, secret, topic), raw, NOW)
        assert (found.key, found.hints) == ("b54557e4", tuple(Hint(*one) for one in hints))
    for headers in ({}, signed(raw, STRANGE), signed(raw + b" ")):
        with pytest.raises(ForgedHook):
            shopify.hear(settings, headers, raw, NOW)
    assert not shopify.HOOKS.is_ready(app(client_secret=""))


@pytest.mark.parametrize(
    ("topic", "raw", "hints"),
    [
        ("order.updated", b'{"id": 723}', [(ORDERS, "723")]),
        ("product.deleted", b'{"id": 9}', [(PRODUCTS, "9")]),
        ("product.updated", b'{"id": 12, "parent_id": 9, "type": "variation"}', [(PRODUCTS, "9")]),
        ("product.updated", b'{"id": 12, "parent_id": 0}', [(PRODUCTS, "12")]),
        ("customer.created", b'{"id": 3}', [(CUSTOMERS, "3")]),
        ("coupon.created", b'{"id": 3}', []),
    ],
)
def test_woocommerce_signs_the_body_with_the_secret_of_the_hook(topic: str, raw: bytes, hints: Any) -> None:
    settings = app(hook_secret=SECRET, hook_secret_old=OLD)
    head = {"x-wc-webhook-topic": topic, "x-wc-webhook-delivery-id": "d1"}
    for secret in (SECRET, OLD):
        found = woocommerce.hear(settings, {**head, "x-wc-webhook-signature": proof(secret, raw)}, raw, NOW)
        assert (found.key, found.hints) == ("d1", tuple(Hint(*one) for one in hints))
    for given in ({}, {"x-wc-webhook-signature": proof(STRANGE, raw)}, {"x-wc-webhook-signature": ""}):
        with pytest.raises(ForgedHook):
            woocommerce.hear(settings, {**head, **given}, raw, NOW)


def test_the_ping_by_which_woocommerce_tries_an_address_says_nothing_and_is_answered_well() -> None:
    found = woocommerce.hear(app(hook_secret=SECRET), {}, b"webhook_id=12", NOW)
    assert (found.key, found.hints) == ("", ())
    with pytest.raises(ForgedHook):
        woocommerce.hear(app(hook_secret=SECRET), {}, b"webhook_id=12&id=3", NOW)


def test_hooks_are_registered_made_active_again_given_another_word_and_taken_back() -> None:
    target = hook_target("store/order/updated", ADDRESS)

    def change(before: Any, after: Any) -> Write:
        return Write(kind=HOOK, target=target, before=before, after=after, key="k")

    with practice(hooks_to_loopback=True) as side:
        words, later = [SECRET.encode()], [OLD.encode(), SECRET.encode()]
        http = side.channel._http
        on = hook_writes.wanted(words)
        assert side.channel.read_back(HOOK, [target]) == {target: None}
        assert hook_writes.write(http, [change(None, on)], words, always)[target].state == "unknown"
        assert hook_writes.look(http, [target], words) == {target: on}
        assert SECRET not in str(on)
        assert hook_writes.write(http, [change(None, on)], words, always)[target].state == "done"

        hook = next(iter(hook_writes.rows(http).values()))
        side.client.put(
            f"/stores/practice/v3/hooks/{hook.id}",
            json={"is_active": False},
            headers={"X-Auth-Token": "practice-token"},
        )
        off = {**on, "active": False}
        assert hook_writes.look(http, [target], words) == {target: off}
        assert [one.is_active for one in side.channel.hooks()] == [False]
        assert hook_writes.write(http, [change(on, on)], words, always)[target].state == "stale"
        hook_writes.write(http, [change(off, on)], words, always)
        assert hook_writes.look(http, [target], later) == {target: on}
        assert hook_writes.look(http, [target], []) == {target: {"active": True, "mark": "another"}}

        hook_writes.write(http, [change(on, hook_writes.wanted(later))], later, always)
        assert hook_writes.look(http, [target], later) == {target: hook_writes.wanted(later)}
        hook_writes.write(http, [change(hook_writes.wanted(later), None)], later, always)
        assert side.channel.hooks() == ()


def test_a_hook_that_the_store_will_not_have_is_refused_and_costs_only_itself() -> None:
    with practice(hooks_to_loopback=False) as side:
        wishes = [
            Write(kind=HOOK, target=hook_target("store/order/updated", one), before=None, after={}, key=one)
            for one in (ADDRESS, "https://shop.example/hooks/main")
        ]
        done = side.channel.write(wishes, always)
        assert [one.state for one in done.values()] == ["refused", "unknown"]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("html", {}),
        ("empty", {}),
        ("truncated", {"how": "json"}),
        ("malformed", {"how": "cut"}),
        ("malformed", {"how": "nul"}),
        ("missing_rows", {}),
        ("503", {}),
        *(
            ("bad_record", {"field": field, "how": how})
            for field in ("scope", "is_active", "id")
            for how in ("null", "type")
        ),
    ],
)
def test_a_list_of_hooks_that_is_spoiled_is_no_reason_to_register_any(kind: str, more: dict[str, Any]) -> None:
    targets = [hook_target(scope, ADDRESS) for scope in ("store/order/updated", "store/order/created")]
    with practice(hooks_to_loopback=True) as side:
        on = side.channel.hook_value()
        wishes = [Write(kind=HOOK, target=one, before=None, after=on, key=one) for one in targets]
        side.channel.write(wishes, always)
        side.fault(kind, "GET /v3/hooks*", **more)
        try:
            found = side.channel.read_back(HOOK, targets)
        except FillrateError:
            found = dict.fromkeys(targets, on)
        assert found == dict.fromkeys(targets, on)
