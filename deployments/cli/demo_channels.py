"""One stock of the demo: three shops sell the same goods, one of them is set wrong by hand, and that is found and put right."""

from typing import Any

from deployments.cli.demo_story import REPORT, Practice
from deployments.cli.run import run_flow
from deployments.cli.terminal import say
from fillrate.errors import StopRun

OTHERS = ("shopify", "woocommerce")
SOLD, MISSING, LAG_S = 2, 3, 120


def tell_of_one_stock(shop: str) -> list[dict[str, Any]]:  # Any: JSON
    """Let one shop sell and another be set wrong, say what becomes of it, and return the results of the runs."""
    main, shopify, woo = Practice(shop), *(Practice(shop, other) for other in OTHERS)
    results = [run_flow("reconcile-inventory", {}), run_flow("reconcile-inventory", {})]
    sku = in_all_shops(main, shopify, woo)
    kept = sum(place["safety_stock"] for place in main.state("stock")["stock"][sku].values())
    why = f" {kept} of BigCommerce's are safety stock, which nobody sells." if kept else ""
    say("", f"{sku} is sold in three shops. {numbers(main, shopify, woo, sku)}{why}")
    shopify.do({"action": "place_order", "lines": [{"sku": sku, "quantity": SOLD}]})
    woo.do({"action": "set_stock", "sku": sku, "number": woo.number(sku) - MISSING})
    say(f"Now {SOLD} are sold on Shopify, and somebody types {woo.number(sku)} into WooCommerce.")
    for _ in range(3):
        results.append(run_flow("reconcile-inventory", {}))
        main.wait(LAG_S)
    say(f"After a few cycles of reconcile-inventory: {numbers(main, shopify, woo, sku)}")
    say(*(f"  {line}" for line in found(sku)), "")
    return results


def in_all_shops(*shops: Practice) -> str:
    """Return the SKU of which all shops show most."""
    shown = [shop.numbers() for shop in shops]
    shared = set.intersection(*(set(numbers) for numbers in shown))
    sku = max(sorted(shared), key=lambda one: min(numbers[one] for numbers in shown), default="")
    if not sku or min(numbers[sku] for numbers in shown) <= SOLD + MISSING:
        raise StopRun("No goods of the practice shops are sold in all of them.", next=REPORT)
    return sku


def numbers(main: Practice, shopify: Practice, woo: Practice, sku: str) -> str:
    """Return what each shop shows of a SKU, in words."""
    return f"BigCommerce shows {main.number(sku)}, Shopify {shopify.number(sku)}, WooCommerce {woo.number(sku)}."


def found(sku: str) -> list[str]:
    """Return what the last reconciliations found of a SKU, in sentences."""
    from fillrate.bootstrap import open_desk
    from fillrate.db.queries.reconciling import found_of
    from fillrate.report.texts import text

    with open_desk() as desk, desk.db.read() as reading:
        rows = found_of(reading, sku)
    if not rows:
        raise StopRun("The reconciliation found nothing where something was set wrong.", next=REPORT)
    return [f"{row.channel}: {row.evidence} So it was {text('drift_outcome', row.outcome)}." for row in rows]
