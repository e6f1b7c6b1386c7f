"""Hooks as shops send them: signed, with the headers that they put on."""

import base64
import hashlib
import hmac
import json
from typing import Any

SECRET, OLD, STRANGE = (f"{name}-secret-of-more-than-thirty-two-letters" for name in ("present", "former", "strange"))


def proof(secret: str, content: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), content, hashlib.sha256).digest()).decode()


def standard(raw: bytes, stamp: int, secret: str = SECRET, name: str = "msg_1") -> dict[str, str]:
    """The headers of Standard Webhooks."""
    signature = f"v1,{proof(secret, f'{name}.{stamp}.'.encode() + raw)}"
    return {"webhook-id": name, "webhook-timestamp": str(stamp), "webhook-signature": signature}


def letter(scope: str, data: dict[str, Any], **more: Any) -> bytes:
    """A body as BigCommerce writes it."""
    said = {
        "scope": scope,
        "store_id": "1025646",
        "data": data,
        "created_at": 1_700_000_000,
        "producer": "stores/abcde",
    }
    return json.dumps({**said, "hash": hashlib.sha1(json.dumps(said).encode()).hexdigest(), **more}).encode()
