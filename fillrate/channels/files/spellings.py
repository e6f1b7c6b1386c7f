"""What the columns that stock and orders share are also called, the likeliest first."""

SKU = (
    "item_sku",
    "item_number",
    "item_no",
    "item",
    "article_number",
    "article",
    "product_code",
    "artikelnummer",
)
QUANTITY = ("qty", "available", "available_quantity", "ordered_quantity", "units", "stock", "bestand", "menge")
