"""What people and programs do to the files of a place."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sandbox.actions.reading import ActionRefused, whole, words
from sandbox.files.box import Half
from sandbox.files.style import DELIMITERS, ENCODINGS
from sandbox.market.actions import ACTIONS, Action
from sandbox.market.reading import Entry

if TYPE_CHECKING:
    from sandbox.files.shop import Files

CHOICES = {
    "delimiter": DELIMITERS,
    "encoding": ENCODINGS,
    "decimal": (".", ","),
    "line_end": ("\r\n", "\n"),
}


def _file(shop: "Files", entry: Entry) -> str:
    name = words(entry, "file")
    if name not in shop.box.left:
        raise ActionRefused(f"there is no file {name!r}; there are {', '.join(shop.box.left)}")
    return name


def set_style(shop: "Files", entry: Entry) -> dict[str, Any]:
    """The program writes otherwise from now on: `delimiter`, `encoding`, `decimal`, `line_end`, `columns` by name."""
    told = {name: value for name, value in entry.items() if name != "action"}
    for name, value in told.items():
        if name == "columns":
            fits = isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
        else:
            fits = value in CHOICES.get(name, ())
        if not fits:
            raise ActionRefused(f"{name} of a style cannot be {value!r}")
    shop.style = replace(shop.style, **told)
    shop.export()
    return {}


def export(shop: "Files", _: Entry) -> dict[str, Any]:
    """The files are written now."""
    shop.export()
    return {}


def half_write(shop: "Files", entry: Entry) -> dict[str, Any]:
    """Somebody is writing `file`: so many bytes of it are there (`keep`, half), so many `times` (1)."""
    name = _file(shop, entry)
    shop.export(name)
    keep = whole(entry, "keep", len(shop.box.left[name].body) // 2)
    shop.box.halves[name] = Half(keep, whole(entry, "times", 1, least=1))
    return {"file": name, "keep": keep}


def remove_file(shop: "Files", entry: Entry) -> dict[str, Any]:
    """Somebody took `file` away; `"gone": false` brings it back."""
    name = _file(shop, entry)
    if entry.get("gone", True):
        shop.box.gone.add(name)
    else:
        shop.box.gone.discard(name)
    return {"file": name}


FILE_ACTIONS: dict[str, Action] = {
    **ACTIONS,
    "set_style": set_style,
    "export": export,
    "half_write": half_write,
    "remove_file": remove_file,
}
