"""A place where a till, a warehouse or a bookkeeping program leaves its files, and takes one of stock: plain HTTP."""

from sandbox.files.shop import Files

__all__ = ["Files"]
