"""One order of the demo: a customer orders what is still on its way, gets a mail that tells the day, and the delivery slips."""

from collections import Counter
from datetime import date, timedelta
from typing import Any, NamedTuple

from deployments.cli.postbox import Postbox
from deployments.cli.run import run_flow
from deployments.cli.terminal import say
from fillrate.errors import StopRun

LATER = timedelta(weeks=3)
REPORT = "Report this with the folder demo-shop."


class Practice:
    """The levers of a practice shop, over HTTP; `other` is one beside the store, called like its kind."""

    def __init__(self, shop: str, other: str = "") -> None:
        root = shop.partition("/stores/")[0]
        self.root = f"{root}/{other}/{other}/_practice" if other else f"{root}/_practice"
        self.is_store = not other

    def state(self, only: str) -> dict[str, Any]:  # Any: JSON
        """Return parts of the truth of the shop."""
        return dict(self.ask("GET", f"state?only={only}"))

    def do(self, *actions: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
        """Let things happen a minute from now; return what became of the last one."""
        self.ask("POST", "clock", {"advance_seconds": 60})
        done = self.ask("POST", "shop", list(actions))
        self.ask("POST", "clock", {"advance_seconds": 60})
        return dict(done[-1])

    def wait(self, seconds: int) -> None:
        """Let time pass in all shops."""
        self.ask("POST", "clock", {"advance_seconds": seconds})

    def numbers(self) -> dict[str, int]:
        """Return what the shop shows of each SKU, all locations together."""
        if self.is_store:
            stock = self.state("stock")["stock"]
            return {sku: sum(place["shown"] for place in places.values()) for sku, places in stock.items()}
        found: Counter[str] = Counter()
        for row in self.ask("GET", "state")["stock"]:
            found[row["sku"]] += row["number"]
        return found

    def number(self, sku: str) -> int:
        """Return what the shop shows of a SKU."""
        return self.numbers()[sku]

    def ask(self, method: str, what: str, body: Any = None) -> Any:  # Any: JSON
        """Return what the shop answers."""
        import httpx

        answer = httpx.request(method, f"{self.root}/{what}", json=body, timeout=30, trust_env=False)
        return answer.raise_for_status().json()


def tell_of_one_order(shop: str, box: Postbox, command: str) -> list[dict[str, Any]]:  # Any: JSON
    """Let an order wait for a delivery that slips, say what Fillrate knows of it, and return the results of the runs."""
    practice = Practice(shop)
    order = place_order(practice)
    results = [run_flow(flow, {}) for flow in ("sync-orders", "sync-inbound", "allocate-orders")]
    lines, fact = explained(order)
    say(f"What Fillrate says of it ({command} explain order {order}):", *(f"  {line}" for line in lines), "")
    say("The mail about it that a server on this machine got:", *mail(box), "")
    deliveries = [cover["reference"] for line in fact["lines"] for cover in line["covers"]]
    if deliveries:
        practice.do(slip(practice, deliveries[-1]))
        results += [run_flow(flow, {}) for flow in ("sync-inbound", "allocate-orders")]
        say(*proposal(order, command))
    return results


class Wish(NamedTuple):
    """A SKU that a customer may want: how many are there, and how many others wait for; whether more than that comes."""

    sku: str
    there: int
    waiting: int
    at_default: int  # how many of those wait at the default location
    comes: bool


def place_order(practice: Practice) -> str:
    """Let a customer order one unit more than there is, and return the order's name."""
    state = practice.state("stock,purchase_orders,clock")
    for wish in wanted(state):
        units = wish.there + 1
        placed = practice.do(
            *([] if wish.comes else [more_of(wish, state)]),
            {"action": "set_backorder_limit", "sku": wish.sku, "quantity": wish.at_default + units},
            {"action": "place_order", "lines": [{"sku": wish.sku, "quantity": units}]},
        )
        if "refused" not in placed:
            say(f"A customer orders {units} of {wish.sku}; the shop has {wish.there or 'none'} left.", "")
            return f"main:{placed['order_id']}"
    raise StopRun("Nothing in the practice shop can be bought.", next=REPORT)


def more_of(wish: Wish, state: dict[str, Any]) -> dict[str, Any]:  # Any: JSON
    """Return the action by which the merchant orders what no supplier brings enough of, which few shops need."""
    today, supplier = state["clock"]["now"][:10], state["purchase_orders"][-1]["supplier"]
    expected = (date.fromisoformat(today) + LATER).isoformat()
    lines = [{"sku": wish.sku, "quantity": wish.waiting + wish.there + 1}]
    return {"action": "order_goods", "lines": lines, "supplier": supplier, "expected": expected}


def wanted(state: dict[str, Any]) -> list[Wish]:  # Any: JSON
    """Return what a customer may want: first that of which more comes than others wait for, the last to come before all.

    Its supplier has the longest way, and is seldom on time.
    """
    coming: Counter[str] = Counter()
    last: dict[str, str] = {}
    for line in (line for order in state["purchase_orders"] for line in order["lines"]):
        if line["status"] == "open" and line["expected"] > state["clock"]["now"]:
            coming[line["sku"]] += line["quantity"] - line["received"]
            last[line["sku"]] = max(line["expected"], last.get(line["sku"], ""))
    wishes = [
        wish_for(sku, cells, coming[sku]) for sku, cells in state["stock"].items() if "1" in cells and "#" not in sku
    ]
    return sorted(wishes, key=lambda wish: (wish.comes, -wish.there, last.get(wish.sku, ""), wish.sku), reverse=True)


def wish_for(sku: str, cells: dict[str, dict[str, Any]], coming: int) -> Wish:  # Any: JSON
    """Return what there is of a SKU, over all locations."""
    there, waiting = (sum(max(cell[name], 0) for cell in cells.values()) for name in ("shown", "backordered"))
    return Wish(sku, there, waiting, cells["1"]["backordered"], coming > waiting)


def slip(practice: Practice, reference: str) -> dict[str, str]:
    """Return the action by which a supplier names a later day for all of a delivery."""
    orders = practice.state("purchase_orders")["purchase_orders"]
    expected = max(line["expected"] for order in orders if order["reference"] == reference for line in order["lines"])
    say(f"Now the supplier's feed says that {reference} comes three weeks later.")
    return {"action": "slip", "reference": reference, "to": (date.fromisoformat(expected) + LATER).isoformat()}


def explained(order: str) -> tuple[list[str], dict[str, Any]]:  # Any: JSON
    """Return an order in sentences and as facts."""
    from fillrate.bootstrap import open_desk
    from fillrate.steps.explain import explain_order

    with open_desk() as desk:
        return explain_order(desk, order)


def mail(box: Postbox) -> list[str]:
    """Return the mail that the customer got; nobody is written to about older orders."""
    mails = box.mails()
    if not mails:
        raise StopRun("The demo's mail server got no mail.", next=REPORT)
    body = mails[-1].get_body(("plain",))
    text = body.get_content() if body else ""
    return [
        *(f"  {name}: {mails[-1][name]}" for name in ("To", "Subject")),
        *(f"  | {line}".rstrip() for line in text.splitlines()),
    ]


def proposal(order: str, command: str) -> list[str]:
    """Return what is proposed for an order whose delivery slipped."""
    from fillrate.bootstrap import open_desk
    from fillrate.db.queries.plans import plan

    _, fact = explained(order)
    found = [line["proposal"] for line in fact["lines"] if line["proposal"]]
    if not found:
        return ["  That breaks no promise, so nothing is proposed."]
    day, plan_id = found[0]["day"], found[0]["plan"]
    with open_desk() as desk, desk.db.read() as reading:
        why = plan(reading, plan_id).waits_because
    return [
        f"  {why}",
        f"  Proposed for {order} is {day}. Look, then approve or reject: {command} show {plan_id}",
    ]
