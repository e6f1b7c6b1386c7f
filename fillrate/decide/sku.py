"""The comparable form of a SKU: people type the same code in many ways."""

import unicodedata

SKU_KEY_VERSION = 1
INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Cs"}  # controls, zero-width marks, and what is no character at all


def sku_key(sku: str) -> str:
    """Return a SKU without differences of case, width, blanks and invisible characters; "" for an empty one."""
    if sku.isascii() and sku.isprintable():  # most of them: nothing to fold but case and blanks
        return " ".join(sku.lower().split())
    seen = "".join(one for one in sku if one.isspace() or unicodedata.category(one) not in INVISIBLE)
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", seen).casefold())
    return " ".join(folded.split())
