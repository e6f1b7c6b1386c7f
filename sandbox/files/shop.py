"""The place itself: `/out/…` to read, `/in/stock.…` to put."""

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from sandbox.exchange import Request, Response
from sandbox.files.actions import FILE_ACTIONS
from sandbox.files.box import QUARTER_HOUR, Box, File, Put, hindered, read, validators
from sandbox.files.rows import NEEDED, ORDERS, PUT, STOCK, order_rows, stock_rows, take
from sandbox.files.style import TYPES, Row, Style, Unreadable
from sandbox.files.switches import CHOICES
from sandbox.market import Manners, Market, Trouble
from sandbox.market.actions import Action
from sandbox.market.state import MarketState
from sandbox.tokens import basic

OUT, IN = "/out/", "/in/"
GIVEN = ("stock.csv", "stock.json")
LEFT_BY_NAME: dict[str, tuple[tuple[str, ...], Callable[[MarketState], list[Row]]]] = {
    "stock": (STOCK, stock_rows),
    "orders": (ORDERS, order_rows),
}
LEFT = tuple(f"{name}.{kind}" for name in LEFT_BY_NAME for kind in TYPES)
PLAIN = "text/plain; charset=utf-8"


class Files(Market):
    """A program that knows its goods and sales and speaks in files only."""

    kind = "files"
    CHOICES: ClassVar[Mapping[str, tuple[Any, ...]]] = CHOICES

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        told = self.switches
        self.style = Style(told["delimiter"], told["encoding"], told["decimal"])
        self.state.own["box"] = Box()
        self.export()

    @property
    def box(self) -> Box:
        """What lies there."""
        found: Box = self.state.own["box"]
        return found

    @property
    def manners(self) -> Manners:  # type: ignore[override]
        """A till's number falls with the sale, a warehouse's with what leaves; both may fall below nothing."""
        return Manners(moves_at="order" if self.switches["counts"] == "sellable" else "shipping")

    def secrets(self) -> Mapping[str, str]:
        """A password, or a token."""
        if self.switches["auth"] == "token":
            return {"TOKEN": f"{self.name}-token"}
        return {"PASSWORD": f"{self.name}-password"}

    def settings(self, base_url: str) -> Mapping[str, str]:
        """Where files lie and what they are called, and who asks where that is by name and password."""
        who = {} if self.switches["auth"] == "token" else {"user": self.name}
        names = {"stock_file": "out/stock", "orders_file": "out/orders", "own_file": "in/stock"}
        encoding = {"encoding": self.style.encoding.removesuffix("-sig")}
        return {"url": base_url, **who, **names, **encoding}

    def authenticate(self, request: Request) -> Response | None:
        """What was agreed on, and nothing else."""
        sent, keys = request.header("Authorization"), self.secrets()
        if self.switches["auth"] == "token":
            good, wanted = sent == f"Bearer {keys['TOKEN']}", "Bearer"
        else:
            good, wanted = basic(sent) == (self.name, keys["PASSWORD"]), 'Basic realm="files"'
        if good:
            return None
        response = self.refusal(request, 401)
        response.headers["WWW-Authenticate"] = wanted
        return response

    def refusal(self, request: Request, status: int) -> Response:
        """A line of text."""
        return Response(status, f"{status}\n".encode(), PLAIN)

    def template(self, path: str) -> str:
        """Paths are counted as they are."""
        return path

    # Writing and taking files.

    def export(self, *names: str) -> None:
        """Write the files that lie to be read, or some of them."""
        now = self.state.clock.now()
        self.box.exported = now
        for name in names or LEFT:
            what, _, kind = name.rpartition(".")
            columns, rows = LEFT_BY_NAME[what]
            self.box.leave(name, self.style.write(kind, columns, rows(self.state)), now)

    def settle(self) -> None:
        """Take and write the files that are due."""
        box, now = self.box, self.state.clock.now()
        due = [one for one in box.waiting if one.due_request <= box.asked or one.due_second <= now]
        box.waiting = [one for one in box.waiting if one not in due]
        for one in due:
            self._take(one)
        if now // QUARTER_HOUR > box.exported // QUARTER_HOUR:
            self.export()

    def _take(self, put: Put) -> None:
        """Take a file of stock. What cannot be used is left out without a word; only the truth knows."""
        try:
            rows = self.style.read(put.name.rpartition(".")[2], put.body, PUT, NEEDED)
        except Unreadable as error:
            self.state.refused.append({"what": put.name, "reason": str(error)})
            return
        for index, row in enumerate(rows):
            reason = "nobody knows why" if put.trouble.fails(index) else take(self.state, row)
            if reason is not None:
                self.state.refused.append({"what": row, "reason": reason})

    # HTTP.

    def dispatch(self, request: Request, trouble: Trouble) -> Response:
        """The true answer."""
        self.box.asked += 1
        self.settle()
        if request.path.startswith(OUT):
            return self._out(request, request.path.removeprefix(OUT))
        if request.path.startswith(IN) and request.path.removeprefix(IN) in GIVEN:
            return self._in(request, request.path.removeprefix(IN), trouble)
        return self.refusal(request, 404)

    def _out(self, request: Request, name: str) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return self.refusal(request, 405)
        if name in LEFT and self.switches["exports"] == "at_once":
            self.export(name)
        file = None if name in self.box.gone else self.box.left.get(name)
        if file is None:
            return self.refusal(request, 404)
        half = self.box.half(name, self.state.clock.now()) if request.method == "GET" else None
        return read(request, half or file, TYPES[name.rpartition(".")[2]], self.switches["validators"])

    def _in(self, request: Request, name: str, trouble: Trouble) -> Response:
        file, way = self.box.given.get(name), self.switches["validators"]
        if request.method in {"GET", "HEAD"}:
            return (
                self.refusal(request, 404) if file is None else read(request, file, TYPES[name.rpartition(".")[2]], way)
            )
        if request.method != "PUT":
            return self.refusal(request, 405)
        if hindered(request, file):
            return self.refusal(request, 412)
        made = self.box.given[name] = File(request.body, self.state.clock.now())
        self._give(name, request.body, trouble)
        return Response(201 if file is None else 204, headers=validators(made, way))

    def _give(self, name: str, body: bytes, trouble: Trouble) -> None:
        """A file was put: it is taken now, or waits its turn."""
        box, wait = self.box, self.state.fresh_id("put", 1)
        due = box.asked + 1 + wait % 4, self.state.clock.now() + 60 * (1 + wait % 10)
        put = Put(name, body, *due, trouble)
        if self.switches["takes"] == "at_once":
            self._take(put)
        else:
            box.waiting.append(put)

    def own_truth(self) -> Mapping[str, Any]:
        """Files that were put and are not taken: {"waiting": [name]}."""
        return {"waiting": [one.name for one in self.box.waiting]}

    def actions(self) -> Mapping[str, Action]:
        """What people can do to it."""
        return FILE_ACTIONS
