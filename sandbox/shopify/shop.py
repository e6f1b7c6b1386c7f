"""The Shopify shop: takes documents over POST, counts what they cost, carries them out."""

import re
from collections.abc import Mapping
from functools import lru_cache
from random import Random
from typing import Any, ClassVar

from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from sandbox.exchange import NotJson, Request, Response, answer, decode
from sandbox.faults.instead import TITLES
from sandbox.market import Manners, Market, Trouble
from sandbox.market.actions import Action
from sandbox.market.pace import Bucket
from sandbox.market.records import Cell, Listing, Order
from sandbox.market.state import MarketState
from sandbox.shopify import bulk, cost, ids
from sandbox.shopify.actions import ACTIONS
from sandbox.shopify.roots import SCOPES, resolve, sort_of
from sandbox.shopify.schema import VERSIONS, schema, served_version
from sandbox.shopify.things import Context
from sandbox.shopify.tokens import CLIENT_ID, CLIENT_SECRET, Tokens

ENDPOINT = re.compile(r"/admin/api/([^/]+)/graphql\.json")
FILE = re.compile(r"/bulk/(\d+)\.jsonl")
TOKEN_PATH, JSONL = "/admin/oauth/access_token", "application/jsonl"
CODES = (
    (re.compile(r"^Variable"), "INVALID_VARIABLE"),
    (re.compile(r"Cannot query field"), "undefinedField"),
    (re.compile(r"Unknown argument|is not defined by type"), "argumentNotAccepted"),
    (re.compile(r"Unknown directive"), "undefinedDirective"),
)
PLANS = {"unlimited": (10**9, 10**9), "standard": (2000, 100), "plus": (20_000, 1000)}
UNTRACKED, CONTINUES, DAMAGED, ABSENT, TWINS = 0.04, 0.25, 0.1, 0.3, 0.05


class Shopify(Market):
    """One Shopify shop. `own` of a listing: its policy, when staff changed it, and damaged units."""

    kind = "shopify"
    manners = Manners(pending_holds=True)
    CHOICES: ClassVar[Mapping[str, tuple[Any, ...]]] = {
        "plan": tuple(PLANS),
        "cost": ("linear", "lean"),
        "failed_set_keeps": ("nothing", "good_rows"),
        "missing_change_from": ("top_level", "user_error"),
        "failed_attempt": ("replayed", "refused"),
        "negative_available": ("refused", "taken"),
        "adjust_unstocked": ("refused", "inactive_level"),
        "quantity_after_change": ("told", "null"),
        "item_dated_by_stock": (False, True),
        "old_orders": ("hidden", "shown"),
        "twin_skus": ("none", "some"),
        "customer_data": ("shown", "denied"),
    }

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.home = f"http://127.0.0.1{self.prefix}"
        self.tokens = Tokens(self.name)
        self.bucket = Bucket(*PLANS[self.switches["plan"]])

    def secrets(self) -> dict[str, str]:
        """What a client gets its tokens with."""
        return {"CLIENT_ID": CLIENT_ID, "CLIENT_SECRET": CLIENT_SECRET}

    def settings(self, base_url: str) -> dict[str, str]:
        """The version to ask for."""
        return {"api_version": VERSIONS[-1]}

    def actions(self) -> Mapping[str, Action]:
        """What people can do to this shop."""
        return ACTIONS

    def find_listing(self, name: object) -> Listing | None:
        """The variant of its own id or of the global id of the variant or its item."""
        if isinstance(name, int):
            return self.state.listings.get(name)
        named = ids.read_gid(name) if isinstance(name, str) else None
        sorts = {"Product", "ProductVariant", "InventoryItem"}
        return self.state.listings.get(named[1]) if named is not None and named[0] in sorts else None

    def sells_beyond(self, listing: Listing) -> bool:
        """Customers get more than there is only where the policy says CONTINUE."""
        return bool(listing.own["policy"] == "CONTINUE")

    def dress(self, state: MarketState, chance: Random) -> None:
        """Some items are not counted, some are oversold, some lie damaged, some are not kept everywhere."""
        super().dress(state, chance)
        first = min(state.places)
        for listing in list(state.sold()):
            listing.tracked = chance.random() >= UNTRACKED
            listing.own["policy"] = "CONTINUE" if chance.random() < CONTINUES else "DENY"
            listing.own["damaged"] = chance.randint(1, 2) if chance.random() < DAMAGED else 0
            for place in [place for place in listing.cells if place != first]:
                if chance.random() < ABSENT:
                    listing.cells[first].number += listing.cells.pop(place).number
            if self.switches["twin_skus"] == "some" and chance.random() < TWINS:
                self._twin(state, listing)

    def _twin(self, state: MarketState, listing: Listing) -> None:
        """Another product with the same SKU."""
        made_id = state.fresh_id("listing", 101)
        made = Listing(made_id, made_id, listing.sku, listing.title, listing.price, listing.created, listing.created)
        made.cells = {min(state.places): Cell(3, modified=listing.created)}
        state.listings[made_id] = made
        self.dress_listing(state, made)

    def dress_listing(self, state: MarketState, listing: Listing) -> None:
        """What every product has beside the common."""
        listing.own |= {"policy": "DENY", "damaged": 0, "changed": listing.created, "status": "ACTIVE"}

    def name_order(self, state: MarketState, order: Order) -> None:
        """Orders are called by their global id."""
        order.key = ids.gid("Order", order.id)

    def writes(self, request: Request) -> bool:
        """Whether a document has a mutation."""
        return request.path != TOKEN_PATH and re.search(rb"\bmutation\b", request.body) is not None

    def asked_for(self, request: Request) -> str:
        """The root fields of a document, such as `inventorySetQuantities` or `location,orders`."""
        return roots_of(request.body) if ENDPOINT.fullmatch(request.path) else ""

    def is_waiting(self, key: str) -> bool:
        """Whether a request with a key was answered and has not been carried out yet."""
        return any(key.encode() in request.body for _, request in self._waiting)

    def refusal(self, request: Request, status: int) -> Response:
        """An error as the gateway says it."""
        return answer({"errors": TITLES.get(status, "Error")}, status)

    def too_many(self, request: Request, seconds: int) -> Response:
        """Throttled, which is an answer like any other: the wait follows from the cost and the rate."""
        empty = Bucket(*PLANS["standard"])
        empty.left = 0
        return self._throttled(int(empty.rate) * seconds, empty)

    def handle(self, request: Request) -> Response:
        """Answer one request; files lie under the address that it came to."""
        host = request.header("Host")
        if host:
            self.home = f"http://{host}{self.prefix}"
        return super().handle(request)

    def authenticate(self, request: Request) -> Response | None:
        """A token opens the API; the files of bulk operations and the way to a token need none."""
        if not request.path.startswith("/admin/api/"):
            return None
        if self.tokens.opens(request.header("X-Shopify-Access-Token"), self.state.clock.now()):
            return None
        text = "[API] Invalid API key or access token (unrecognized login or wrong password)"
        return answer({"errors": text}, 401)

    def dispatch(self, request: Request, trouble: Trouble) -> Response:
        """The true answer."""
        if request.path == TOKEN_PATH and request.method == "POST":
            scopes = [scope for scope in SCOPES if scope != "read_all_orders" or self.switches["old_orders"] == "shown"]
            return self.tokens.answer(request, self.state.clock.now(), ",".join(scopes))
        file = FILE.fullmatch(request.path)
        if file is not None and request.method == "GET":
            text = bulk.file_of(self, int(file[1]))
            return Response(404) if text is None else Response(200, text.encode(), JSONL)
        asked = ENDPOINT.fullmatch(request.path)
        version = served_version(asked[1]) if asked is not None and request.method == "POST" else None
        if version is None:
            return answer({"errors": "Not Found"}, 404)
        response = self._document(request, Context(self, version, trouble))
        response.headers["X-Shopify-API-Version"] = version
        return response

    def _document(self, request: Request, context: Context) -> Response:
        try:
            told = decode(request.body)
        except NotJson:
            return answer({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        text = told.get("query") if isinstance(told, dict) else None
        if not isinstance(text, str) or (request.header("Content-Type") or "").partition(";")[0] != "application/json":
            return answer({"errors": {"query": "Required parameter missing or invalid"}}, 400)
        variables = told.get("variables") or {}
        if not isinstance(variables, dict):
            return answer({"errors": {"variables": "Variables must be an object"}}, 400)
        try:
            document = parse(text)
        except GraphQLError as error:
            return self._errors([error])
        wrong = validate(schema(context.version), document)
        operation = get_operation_ast(document, told.get("operationName"))
        if operation is None and not wrong:
            wrong = [GraphQLError("An operation name is required")]
        if wrong or operation is None:
            return self._errors(wrong)
        return self._charged(context, document, operation, variables)

    def _charged(
        self, context: Context, document: DocumentNode, operation: OperationDefinitionNode, variables: dict[str, Any]
    ) -> Response:
        """Carry out what may be paid for; what it really cost is taken."""
        costs = cost.Costs(schema(context.version), document, variables, self.switches["cost"])
        asked = costs.of(operation)
        if asked > cost.MOST:
            return self._too_dear(asked)
        self.bucket.fill(self.seconds())
        if asked > self.bucket.left:
            return self._throttled(asked, self.bucket)
        name = operation.name.value if operation.name is not None else None
        result = self._execute(context, document, variables, name)
        real = min(asked, _real_cost(result.data) + (10 if operation.operation.value == "mutation" else 0))
        self.bucket.take(real, self.seconds())
        body: dict[str, Any] = {} if result.data is None and result.errors else {"data": result.data}
        if result.errors:
            body["errors"] = [_shown(error) for error in result.errors]
        return answer({**body, "extensions": {"cost": self._cost(self.bucket, asked, real)}})

    def _execute(
        self, context: Context, document: DocumentNode, variables: dict[str, Any], name: str | None
    ) -> ExecutionResult:
        """Carry out a document. Raises what went wrong in the shop itself."""
        result = execute_sync(
            schema(context.version),
            document,
            context_value=context,
            variable_values=variables,
            operation_name=name,
            field_resolver=resolve,
            type_resolver=sort_of,
        )
        for error in result.errors or []:
            if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
                raise error.original_error
        return result

    def read_whole(self, context: Context, document: DocumentNode) -> Mapping[str, Any]:
        """Everything that a query finds, without pages. Raises Unfit."""
        whole = Context(self, context.version, context.trouble, whole=True)
        result = self._execute(whole, document, {}, None)
        if result.errors:
            raise bulk.Unfit(result.errors[0].message)
        return result.data or {}

    @staticmethod
    def _cost(bucket: Bucket, asked: int, real: int | None) -> dict[str, Any]:
        return {
            "requestedQueryCost": asked,
            "actualQueryCost": real,
            "throttleStatus": {
                "maximumAvailable": float(bucket.size),
                "currentlyAvailable": int(bucket.left),
                "restoreRate": float(bucket.rate),
            },
        }

    def _throttled(self, asked: int, bucket: Bucket) -> Response:
        extensions = {"code": "THROTTLED", "documentation": "https://shopify.dev/api/usage/rate-limits"}
        body = {"errors": [{"message": "Throttled", "extensions": extensions}]}
        return answer({**body, "extensions": {"cost": self._cost(bucket, asked, None)}})

    def _too_dear(self, asked: int) -> Response:
        message = f"Query cost is {asked}, which exceeds the single query max cost limit ({cost.MOST})."
        extensions = {"code": "MAX_COST_EXCEEDED", "cost": asked, "maxCost": cost.MOST}
        return answer({"errors": [{"message": message, "extensions": extensions}]})

    @staticmethod
    def _errors(found: list[GraphQLError]) -> Response:
        return answer({"errors": [_shown(error) for error in found]})


@lru_cache(maxsize=64)
def roots_of(body: bytes) -> str:
    """The root fields of the document in a body, in order; empty for what is none."""
    try:
        told = decode(body)
        document = parse(told["query"])
    except (NotJson, GraphQLError, KeyError, TypeError):
        return ""
    fields = [
        one.name.value
        for operation in document.definitions
        if isinstance(operation, OperationDefinitionNode)
        for one in operation.selection_set.selections
        if isinstance(one, FieldNode)
    ]
    return ",".join(fields)


def _shown(error: GraphQLError) -> dict[str, Any]:
    shown: dict[str, Any] = dict(error.formatted)
    code = next((code for shape, code in CODES if shape.search(error.message)), None)
    if "extensions" not in shown and code is not None:
        shown["extensions"] = {"code": code}
    return shown


def _real_cost(data: Any) -> int:
    """What came back: an object 1, a connection 2 beside its rows."""
    if isinstance(data, list):
        return sum(_real_cost(one) for one in data)
    if not isinstance(data, dict):
        return 0
    own = 0
    for name, value in data.items():
        if name in {"edges", "pageInfo"} or not isinstance(value, dict | list):
            own += _real_cost(value) if name == "edges" else 0
        elif isinstance(value, list):
            own += sum(1 + _real_cost(one) for one in value if isinstance(one, dict))
        else:
            own += (2 if {"edges", "nodes"} & set(value) else 1) + _real_cost(value)
    return own
