"""The first tables.

Revision ID: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from fillrate.db.tables.columns import Json, Utc

revision = "0001"
down_revision = None
WAREHOUSE_JOURNALS = ("shelf_report", "receipt", "warehouse_call")
Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create them."""
    op.create_table(
        "channel",
        sa.Column("id", Key, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("identity", sa.String(), nullable=False),
        sa.Column("holds_stock", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "flow_run",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("started_at", Utc(), nullable=False),
        sa.Column("ended_at", Utc(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("counts", Json, nullable=False),
        sa.Column("problems", Json, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_flow_run_flow", "flow_run", ["flow", "started_at"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", Key, nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("sku_key", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_tracked", sa.Boolean(), nullable=False),
        sa.Column("discontinued_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("origin"),
    )
    op.create_index("ix_item_sku_key", "item", ["sku_key"], unique=False)
    op.create_table(
        "lease",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("until", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "brand",
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("missing_sweeps", sa.Integer(), nullable=False),
        sa.Column("deleted_at", Utc(), nullable=True),
        sa.Column("id", Key, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel_id", "platform_id"),
    )
    op.create_table(
        "category",
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("missing_sweeps", sa.Integer(), nullable=False),
        sa.Column("deleted_at", Utc(), nullable=True),
        sa.Column("id", Key, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("parent_platform_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_visible", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel_id", "platform_id"),
    )
    op.create_table(
        "channel_settings",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("stock", Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("channel_id"),
    )
    op.create_table(
        "cursor",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("saved_until", Utc(), nullable=True),
        sa.Column("window_since", Utc(), nullable=True),
        sa.Column("window_until", Utc(), nullable=True),
        sa.Column("after", sa.String(), nullable=True),
        sa.Column("sweep", sa.Boolean(), nullable=False),
        sa.Column("swept_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("channel_id", "stream"),
    )
    op.create_table(
        "customer",
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("missing_sweeps", sa.Integer(), nullable=False),
        sa.Column("deleted_at", Utc(), nullable=True),
        sa.Column("id", Key, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("first_name", sa.String(), nullable=False),
        sa.Column("last_name", sa.String(), nullable=False),
        sa.Column("company", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("group_platform_id", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("modified_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel_id", "platform_id"),
    )
    op.create_table(
        "location",
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("missing_sweeps", sa.Integer(), nullable=False),
        sa.Column("deleted_at", Utc(), nullable=True),
        sa.Column("id", Key, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        sa.Column("is_own_stock", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel_id", "platform_id"),
    )
    op.create_table(
        "plan",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("flow", sa.String(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("cursors", Json, nullable=False),
        sa.Column("policy", Json, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("waits_because", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("approved_by", sa.String(), nullable=False),
        sa.Column("approved_at", Utc(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'waiting', 'approved', 'rejected', 'applied', 'superseded', 'dry_run')",
            name="ck_plan_state",
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "product",
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("missing_sweeps", sa.Integer(), nullable=False),
        sa.Column("deleted_at", Utc(), nullable=True),
        sa.Column("id", Key, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("is_digital", sa.Boolean(), nullable=False),
        sa.Column("tracking", sa.String(), nullable=False),
        sa.Column("is_visible", sa.Boolean(), nullable=False),
        sa.Column("availability", sa.String(), nullable=False),
        sa.Column("availability_text", sa.String(), nullable=False),
        sa.Column("preorder_message", sa.String(), nullable=False),
        sa.Column("preorder_release_at", Utc(), nullable=True),
        sa.Column("price_e4", sa.BigInteger(), nullable=False),
        sa.Column("cost_e4", sa.BigInteger(), nullable=True),
        sa.Column("brand_platform_id", sa.String(), nullable=False),
        sa.Column("category_platform_ids", Json, nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("modified_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel_id", "platform_id"),
    )
    op.create_table(
        "quota",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("limit_requests", sa.Integer(), nullable=False),
        sa.Column("window_s", sa.Float(), nullable=False),
        sa.Column("left_requests", sa.Integer(), nullable=False),
        sa.Column("resets_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("channel_id"),
    )
    op.create_table(
        "refund",
        sa.Column("id", Key, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("order_platform_id", sa.String(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("total_e4", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel_id", "platform_id"),
    )
    op.create_index(op.f("ix_refund_order_platform_id"), "refund", ["order_platform_id"], unique=False)
    op.create_table(
        "rejected_record",
        sa.Column("id", Key, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("payload_hash", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("first_seen_at", Utc(), nullable=False),
        sa.Column("last_seen_at", Utc(), nullable=False),
        sa.Column("resolved_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel_id", "stream", "platform_id"),
    )
    op.create_table(
        "sales_order",
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("missing_sweeps", sa.Integer(), nullable=False),
        sa.Column("deleted_at", Utc(), nullable=True),
        sa.Column("id", Key, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("placed_at", Utc(), nullable=False),
        sa.Column("modified_at", Utc(), nullable=False),
        sa.Column("shipped_at", Utc(), nullable=True),
        sa.Column("customer_platform_id", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("destination", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("total_e4", sa.BigInteger(), nullable=False),
        sa.Column("external_order_id", sa.String(), nullable=False),
        sa.Column("source_channel", sa.String(), nullable=False),
        sa.Column("is_archived", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(), server_default="", nullable=False),
        sa.Column("ship_by", Utc(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        *words(),
        sa.Column("do_not_cancel", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel_id", "platform_id"),
    )
    op.create_index("ix_sales_order_modified", "sales_order", ["channel_id", "modified_at"], unique=False)
    op.create_table(
        "sweep_seen",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.PrimaryKeyConstraint("channel_id", "stream", "platform_id"),
    )
    op.create_table(
        "change",
        sa.Column("id", Key, nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("before", Json, nullable=True),
        sa.Column("after", Json, nullable=True),
        sa.Column("seen", Json, nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("payload_version", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("day", Utc(), nullable=True),
        sa.Column("changed_at", Utc(), nullable=False),
        sa.CheckConstraint(
            "state IN ('planned', 'approved', 'sending', 'unknown', 'parked', "
            "'dry_run', 'done', 'stale', 'failed', 'superseded')",
            name="ck_change_state",
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"],
            ["plan.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("key"),
    )
    op.create_index("ix_change_plan", "change", ["plan_id"], unique=False)
    op.create_index("ix_change_target", "change", ["channel_id", "kind", "target"], unique=False)
    op.create_index(
        "ix_change_unsettled",
        "change",
        ["channel_id", "kind"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('done', 'superseded', 'dry_run')"),
        postgresql_where=sa.text("state NOT IN ('done', 'superseded', 'dry_run')"),
    )
    op.create_index(
        "uq_change_live",
        "change",
        ["channel_id", "kind", "target"],
        unique=True,
        sqlite_where=sa.text("state IN ('planned', 'approved', 'sending', 'unknown', 'parked')"),
        postgresql_where=sa.text("state IN ('planned', 'approved', 'sending', 'unknown', 'parked')"),
    )
    op.create_table(
        "kept_value",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("kept", Json, nullable=True),
        sa.Column("written", Json, nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"]),
        sa.PrimaryKeyConstraint("channel_id", "kind", "target"),
    )
    op.create_table(
        "listing",
        sa.Column("missing_sweeps", sa.Integer(), nullable=False),
        sa.Column("deleted_at", Utc(), nullable=True),
        sa.Column("id", Key, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("product_id", sa.BigInteger(), nullable=False),
        sa.Column("product_platform_id", sa.String(), nullable=False),
        sa.Column("variant_platform_id", sa.String(), nullable=False),
        sa.Column("pack", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("own_item_id", sa.BigInteger(), nullable=False),
        sa.Column("match", sa.String(), server_default="own", nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("sku_key", sa.String(), nullable=False),
        sa.Column("price_e4", sa.BigInteger(), nullable=True),
        sa.Column("cost_e4", sa.BigInteger(), nullable=True),
        sa.Column("is_purchasable", sa.Boolean(), nullable=False),
        sa.Column("options", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["own_item_id"],
            ["item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["product.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel_id", "product_platform_id", "variant_platform_id", "pack"),
    )
    op.create_index(op.f("ix_listing_item_id"), "listing", ["item_id"], unique=False)
    op.create_index(op.f("ix_listing_product_id"), "listing", ["product_id"], unique=False)
    op.create_index("ix_listing_sku_key", "listing", ["sku_key"], unique=False)
    op.create_index("ix_listing_variant", "listing", ["channel_id", "variant_platform_id"], unique=False)
    op.create_table(
        "movement",
        sa.Column("id", Key, nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("occurred_at", Utc(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('received', 'shipped', 'returned', 'adjusted', 'counted', 'transferred')", name="ck_movement_kind"
        ),
        sa.CheckConstraint("quantity <> 0", name="ck_movement_quantity"),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["location.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cause"),
    )
    op.create_index("ix_movement_item", "movement", ["item_id", "location_id"], unique=False)
    op.create_table(
        "order_line",
        sa.Column("id", Key, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("product_platform_id", sa.String(), nullable=False),
        sa.Column("variant_platform_id", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("needs_stock", sa.Boolean(), nullable=False),
        sa.Column("unit_price_e4", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("qty_ordered", sa.BigInteger(), nullable=False),
        sa.Column("qty_shipped", sa.BigInteger(), nullable=False),
        sa.Column("qty_shipped_told", sa.BigInteger(), nullable=False),
        sa.Column("qty_cancelled", sa.BigInteger(), nullable=False),
        sa.Column("qty_refunded", sa.BigInteger(), nullable=False),
        sa.Column("is_removed", sa.Boolean(), nullable=False),
        *words(),
        *withdrawals(),
        sa.CheckConstraint(
            "qty_shipped >= 0 AND qty_cancelled >= 0 AND qty_shipped + qty_cancelled <= qty_ordered",
            name="ck_order_line_sum",
        ),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["sales_order.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel_id", "platform_id"),
    )
    op.create_index("ix_order_line_item", "order_line", ["item_id"], unique=False)
    op.create_index("ix_order_line_order", "order_line", ["order_id"], unique=False)
    op.create_table(
        "refund_line",
        sa.Column("refund_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line_platform_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("amount_e4", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["refund_id"],
            ["refund.id"],
        ),
        sa.PrimaryKeyConstraint("refund_id", "position"),
    )
    op.create_table(
        "stock",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=False),
        sa.Column("allocated", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "allocated >= 0 AND allocated <= CASE WHEN on_hand > 0 THEN on_hand ELSE 0 END", name="ck_stock_allocated"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["location.id"],
        ),
        sa.PrimaryKeyConstraint("item_id", "location_id"),
    )
    op.create_table(
        "stock_reading",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("shown", sa.BigInteger(), nullable=False),
        sa.Column("safety_stock", sa.BigInteger(), nullable=False),
        sa.Column("backordered", sa.BigInteger(), nullable=True),
        sa.Column("backorder_limit", sa.BigInteger(), nullable=True),
        sa.Column("deducted", sa.BigInteger(), nullable=False),
        sa.Column("parts_known", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.String(), server_default="", nullable=False),
        sa.Column("kept_off", sa.BigInteger(), nullable=True),
        sa.Column("line_id", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("written_at", Utc(), nullable=True),
        sa.Column("first_read_at", Utc(), nullable=False),
        sa.Column("read_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["location.id"],
        ),
        sa.PrimaryKeyConstraint("channel_id", "item_id", "location_id"),
    )
    op.create_table(
        "allocation",
        sa.Column("id", Key, nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="ck_allocation_quantity"),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["item.id"],
        ),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["order_line.id"],
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["location.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("line_id", "item_id", "location_id"),
    )
    op.create_index("ix_allocation_item", "allocation", ["item_id", "location_id"], unique=False)
    op.create_table(
        "open_unit",
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("queued_at", Utc(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("state IN ('new', 'backlog', 'backorder')", name="ck_open_unit_state"),
        sa.CheckConstraint("quantity > 0", name="ck_open_unit_quantity"),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["order_line.id"],
        ),
        sa.PrimaryKeyConstraint("line_id", "state", "reason", "queued_at"),
    )
    op.create_table(
        "shipment",
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("shipped_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["order_line.id"],
        ),
        sa.PrimaryKeyConstraint("line_id", "number"),
    )
    op.create_table(
        "transition",
        sa.Column("id", Key, nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("from_state", sa.String(), nullable=False),
        sa.Column("from_reason", sa.String(), nullable=False),
        sa.Column("to_state", sa.String(), nullable=False),
        sa.Column("to_reason", sa.String(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="ck_transition_quantity"),
        sa.ForeignKeyConstraint(
            ["line_id"],
            ["order_line.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_transition_line", "transition", ["line_id"], unique=False)
    for create in (
        supply_tables,
        promise_tables,
        notice_tables,
        kit_tables,
        warehouse_tables,
        adopted_tables,
        shown_tables,
        hook_tables,
    ):
        create()
    # ### end Alembic commands ###
    journals = ("movement", "transition", "shipment", "inbound_event", "promise", "notice", "answer", "part_left")
    for table in (*journals, *WAREHOUSE_JOURNALS):
        append_only(table)


def words() -> list[sa.Column[Any]]:  # Any: columns of several types
    """Return the columns of a person's words on an order or a line."""
    hold = sa.Column("hold", sa.String(), server_default="", nullable=False)
    return [hold, sa.Column("priority", sa.Integer(), nullable=True)]


def withdrawals() -> list[sa.schema.SchemaItem]:
    """Return the columns of what a person gave up of a line, and of what was refunded and lies in the number again."""
    names = ("qty_withdrawn", "qty_withdrawn_shown", "qty_withdrawn_floor", "qty_put_back")
    columns = [sa.Column(name, sa.BigInteger(), server_default="0", nullable=False) for name in names]
    is_sound = "qty_withdrawn_shown >= 0 AND qty_withdrawn_shown <= qty_withdrawn"
    return [*columns, sa.CheckConstraint(is_sound, name="ck_order_line_withdrawn")]


def supply_tables() -> None:
    """Create what is known of goods on their way."""
    op.create_table(
        "supplier",
        sa.Column("id", Key, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "inbound",
        sa.Column("id", Key, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("position", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("supplier_id", sa.BigInteger(), nullable=True),
        sa.Column("item_id", sa.BigInteger(), nullable=True),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("sku_key", sa.String(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=True),
        sa.Column("from_location_id", sa.BigInteger(), nullable=True),
        sa.Column("qty_ordered", sa.BigInteger(), nullable=False),
        sa.Column("qty_received", sa.BigInteger(), nullable=False),
        sa.Column("qty_cancelled", sa.BigInteger(), nullable=False),
        sa.Column("qty_seen", sa.BigInteger(), nullable=False),
        sa.Column("qty_by_hand", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("ordered_at", Utc(), nullable=True),
        sa.Column("first_expected_at", Utc(), nullable=True),
        sa.Column("expected_at", Utc(), nullable=True),
        sa.Column("closed_at", Utc(), nullable=True),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("told_at", Utc(), nullable=False),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.Column("missing_sweeps", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('purchase', 'transfer')", name="ck_inbound_kind"),
        sa.CheckConstraint("status IN ('open', 'closed', 'cancelled')", name="ck_inbound_status"),
        sa.CheckConstraint(
            "qty_ordered >= 0 AND qty_received >= 0 AND qty_cancelled >= 0 AND qty_seen >= 0", name="ck_inbound_units"
        ),
        sa.ForeignKeyConstraint(["supplier_id"], ["supplier.id"]),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"]),
        sa.ForeignKeyConstraint(["from_location_id"], ["location.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "reference", "position"),
    )
    op.create_index("ix_inbound_status", "inbound", ["status"], unique=False)
    op.create_index("ix_inbound_item_id", "inbound", ["item_id"], unique=False)
    op.create_index("ix_inbound_supplier_id", "inbound", ["supplier_id"], unique=False)
    op.create_table(
        "inbound_event",
        sa.Column("id", Key, nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("expected_before", Utc(), nullable=True),
        sa.Column("expected_after", Utc(), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('announced', 'slipped', 'advanced', 'cut', 'raised', 'received', 'taken_back', 'over_delivered', "
            "'counted', 'cancelled', 'reopened', 'closed')",
            name="ck_inbound_event_kind",
        ),
        sa.CheckConstraint("quantity >= 0", name="ck_inbound_event_quantity"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("cause"),
    )
    op.create_index("ix_inbound_event_inbound", "inbound_event", ["inbound_id"], unique=False)
    op.create_table(
        "import_file",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("modified_at", Utc(), nullable=False),
        sa.Column("read_at", Utc(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("refused", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "name"),
    )
    op.create_table(
        "rejected_row",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "name", "row"),
    )
    op.create_table(
        "touched",
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.PrimaryKeyConstraint("item_id"),
    )
    op.create_table(
        "touched_order",
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"]),
        sa.PrimaryKeyConstraint("order_id"),
    )
    op.create_table(
        "mark",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def promise_tables() -> None:
    """Create what waiting units wait for, and what customers were told."""
    op.create_table(
        "cover",
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("queued_at", Utc(), nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("quantity > 0", name="ck_cover_quantity"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"]),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"]),
        sa.PrimaryKeyConstraint("line_id", "queued_at", "inbound_id", "item_id"),
    )
    op.create_index("ix_cover_inbound", "cover", ["inbound_id"], unique=False)
    op.create_index("ix_cover_item", "cover", ["item_id"], unique=False)
    op.create_table(
        "forecast",
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("likely_by", Utc(), nullable=True),
        sa.Column("sure_by", Utc(), nullable=True),
        sa.Column("uncovered", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"]),
        sa.PrimaryKeyConstraint("line_id"),
    )
    op.create_table(
        "promise",
        sa.Column("id", Key, nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ship_by", Utc(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("given_at", Utc(), nullable=False),
        sa.Column("plan_id", sa.String(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("source IN ('stock', 'supply', 'shown', 'slip', 'person')", name="ck_promise_source"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"]),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("line_id", "number"),
    )
    op.create_table(
        "shown_day",
        sa.Column("listing_id", sa.BigInteger(), nullable=False),
        sa.Column("shown_from", Utc(), nullable=False),
        sa.Column("shown_until", Utc(), nullable=True),
        sa.Column("ship_by", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["listing_id"], ["listing.id"]),
        sa.PrimaryKeyConstraint("listing_id", "shown_from"),
    )


def notice_tables() -> None:
    """Create what customers were told and answered, and what a delay asks to be done."""
    op.create_table(
        "notice",
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("mail_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ship_by", Utc(), nullable=True),
        sa.Column("told_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"]),
        sa.PrimaryKeyConstraint("line_id", "mail_key"),
    )
    op.create_table(
        "order_mail",
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("order_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"]),
        sa.ForeignKeyConstraint(["order_id"], ["sales_order.id"]),
        sa.PrimaryKeyConstraint("change_id"),
    )
    op.create_index("ix_order_mail_order_id", "order_mail", ["order_id"], unique=False)
    op.create_table(
        "suppressed",
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("since", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("address"),
    )
    op.create_table(
        "answer",
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("mail_key", sa.String(), nullable=False),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", Utc(), nullable=False),
        sa.CheckConstraint("answer IN ('keep', 'cancel')", name="ck_answer_answer"),
        sa.PrimaryKeyConstraint("question"),
    )
    op.create_table(
        "delay",
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("to_do", sa.String(), nullable=False),
        sa.Column("deadline", Utc(), nullable=True),
        sa.Column("ship_by", Utc(), nullable=True),
        sa.Column("why", sa.String(), nullable=False),
        sa.Column("complete_at", Utc(), nullable=True),
        sa.Column("look_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"]),
        sa.PrimaryKeyConstraint("line_id"),
    )
    op.create_index("ix_delay_look", "delay", ["look_at"], unique=False)
    op.create_index("ix_delay_to_do", "delay", ["to_do"], unique=False)


def kit_tables() -> None:
    """Create what kits are made of, and which parts left with them."""
    op.create_table(
        "kit_part",
        sa.Column("kit_id", sa.BigInteger(), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=False),
        sa.Column("per", sa.BigInteger(), nullable=False),
        sa.Column("is_pack", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.CheckConstraint("per > 0 AND part_id <> kit_id", name="ck_kit_part"),
        sa.ForeignKeyConstraint(["kit_id"], ["item.id"]),
        sa.ForeignKeyConstraint(["part_id"], ["item.id"]),
        sa.PrimaryKeyConstraint("kit_id", "part_id"),
    )
    op.create_index("ix_kit_part_part", "kit_part", ["part_id"], unique=False)
    op.create_table(
        "part_left",
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("part_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"]),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"]),
        sa.ForeignKeyConstraint(["part_id"], ["item.id"]),
        sa.PrimaryKeyConstraint("line_id", "number", "part_id", "location_id"),
    )
    op.create_index("ix_part_left_part", "part_left", ["part_id", "location_id"], unique=False)


def warehouse_tables() -> None:
    """Create what the warehouse is asked to pick, and what it tells."""
    op.create_table(
        "pick_list",
        sa.Column("id", Key, nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.Column("day", Utc(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_at", Utc(), nullable=False),
        sa.Column("taken_at", Utc(), nullable=True),
        sa.CheckConstraint("state IN ('open', 'taken', 'done', 'undone')", name="ck_pick_list_state"),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("run_id", "location_id"),
    )
    op.create_index("ix_pick_list_day", "pick_list", ["location_id", "day"], unique=False)
    op.create_table(
        "pick_line",
        sa.Column("id", Key, nullable=False),
        sa.Column("list_id", sa.BigInteger(), nullable=False),
        sa.Column("line_id", sa.BigInteger(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("quantity", "shipped", "seen", "short", "removed")
        ),
        sa.Column("tracking", sa.String(), nullable=False),
        sa.CheckConstraint(
            "quantity > 0 AND shipped >= 0 AND seen >= 0 AND short >= 0 AND removed >= 0 AND shipped <= quantity"
            " AND seen + short + removed <= quantity",
            name="ck_pick_line_units",
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.ForeignKeyConstraint(["line_id"], ["order_line.id"]),
        sa.ForeignKeyConstraint(["list_id"], ["pick_list.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("list_id", "line_id"),
    )
    op.create_index("ix_pick_line_line", "pick_line", ["line_id"], unique=False)
    unsettled = sa.text("seen + short + removed < quantity")
    op.create_index(
        "ix_pick_line_unsettled", "pick_line", ["list_id"], sqlite_where=unsettled, postgresql_where=unsettled
    )
    op.create_table(
        "shelf_report",
        sa.Column("id", Key, nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("expected", sa.BigInteger(), nullable=False),
        sa.Column("movement_id", sa.BigInteger(), nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.CheckConstraint("kind IN ('short', 'counted')", name="ck_shelf_report_kind"),
        sa.CheckConstraint("quantity >= 0", name="ck_shelf_report_quantity"),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_shelf_report_item", "shelf_report", ["item_id", "location_id"], unique=False)
    op.create_table(
        "receipt",
        sa.Column("call_key", sa.String(), nullable=False),
        sa.Column("inbound_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("received_at", Utc(), nullable=False),
        sa.CheckConstraint("quantity <> 0", name="ck_receipt_quantity"),
        sa.ForeignKeyConstraint(["inbound_id"], ["inbound.id"]),
        sa.PrimaryKeyConstraint("call_key"),
    )
    op.create_index("ix_receipt_inbound_id", "receipt", ["inbound_id"], unique=False)
    op.create_table(
        "warehouse_call",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("answer", Json, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def adopted_tables() -> None:
    """Create what is taken over from another app."""
    op.create_table(
        "adopted_shelf",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("on_hand", sa.BigInteger(), nullable=True),
        sa.Column("is_counted", sa.Boolean(), nullable=False),
        sa.Column("taken_off", sa.BigInteger(), nullable=False),
        sa.Column("beyond", sa.BigInteger(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channel.id"],
        ),
        sa.ForeignKeyConstraint(
            ["location_id"],
            ["location.id"],
        ),
        sa.PrimaryKeyConstraint("channel_id", "origin", "location_id"),
    )


def shown_tables() -> None:
    """Create what channels show of stock that lies elsewhere, and what was found when that was reconciled."""
    op.create_index(op.f("ix_listing_own_item_id"), "listing", ["own_item_id"], unique=False)
    whole = ("taken", "returned", "parts", "line_id")
    op.create_table(
        "shown_stock",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("shown", sa.BigInteger(), nullable=False),  # these three come first: every row is compared by them
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("is_settled", sa.Boolean(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in whole),
        sa.Column("read_at", Utc(), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=True),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("odd", sa.BigInteger(), nullable=False),
        sa.Column("odd_since", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"]),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"]),
        sa.PrimaryKeyConstraint("channel_id", "target"),
    )
    op.create_index("ix_shown_stock_item", "shown_stock", ["item_id"], unique=False)
    op.create_table(
        "drift",
        sa.Column("id", Key, nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("item_id", sa.BigInteger(), nullable=False),
        sa.Column("location_id", sa.BigInteger(), nullable=False),
        sa.Column("drift", sa.String(), nullable=False),
        sa.Column("base", sa.BigInteger(), nullable=False),
        sa.Column("theirs", sa.BigInteger(), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=True),
        sa.Column("unexplained", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("found_at", Utc(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.Column("settled_at", Utc(), nullable=True),
        sa.Column("run_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"]),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"]),
        sa.ForeignKeyConstraint(["location_id"], ["location.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_drift_target", "drift", ["channel_id", "target"], unique=False)
    op.create_index("ix_drift_found", "drift", ["found_at"], unique=False)
    op.create_table(
        "listing_word",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("product_platform_id", sa.String(), nullable=False),
        sa.Column("variant_platform_id", sa.String(), nullable=False),
        sa.Column("listing_key", sa.String(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("sku_key", sa.String(), nullable=False),
        sa.Column("per", sa.Integer(), nullable=False),
        sa.CheckConstraint("per > 0", name="ck_listing_word_per"),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"]),
        sa.PrimaryKeyConstraint("channel_id", "product_platform_id", "variant_platform_id", "listing_key"),
    )


def hook_tables() -> None:
    """Create what shops told by hooks."""
    op.create_table(
        "hook_seen",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("seen_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"]),
        sa.PrimaryKeyConstraint("channel_id", "key"),
    )
    op.create_index("ix_hook_seen_seen_at", "hook_seen", ["seen_at"], unique=False)
    op.create_table(
        "hint",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("stream", sa.String(), nullable=False),
        sa.Column("platform_id", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("heard_at", Utc(), nullable=False),
        sa.Column("look_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"]),
        sa.PrimaryKeyConstraint("channel_id", "stream", "platform_id"),
    )
    op.create_index("ix_hint_look_at", "hint", ["look_at"], unique=False)
    op.create_table(
        "hook_watch",
        sa.Column("channel_id", sa.BigInteger(), nullable=False),
        sa.Column("heard_at", Utc(), nullable=True),
        sa.Column("forged_at", Utc(), nullable=True),
        sa.Column("late_at", Utc(), nullable=True),
        sa.Column("missed_at", Utc(), nullable=True),
        sa.Column("stock_at", Utc(), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channel.id"]),
        sa.PrimaryKeyConstraint("channel_id"),
    )


def append_only(table: str) -> None:
    """Refuse every change and removal of a table's rows."""
    if op.get_bind().dialect.name == "sqlite":
        for event in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )
