"""What a document costs: a mutation 10, an object 1, scalars nothing, a connection 2 and its rows times what is in each.

How rows are counted is a switch: `linear` as the documents say, `lean` by the root of the page size, since real shops have
been seen to charge less.
"""

from collections.abc import Mapping
from math import ceil, sqrt
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    is_composite_type,
    value_from_ast_untyped,
)

MOST, MUTATION, CONNECTION = 1000, 10, 2


class Costs:
    """The cost of one operation of a document with its variables."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode, variables: Mapping[str, Any], way: str) -> None:
        self._schema = schema
        self._variables = dict(variables)
        self._lean = way == "lean"
        self._fragments = {
            one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)
        }

    def of(self, operation: OperationDefinitionNode) -> int:
        """The points that the operation may cost at most."""
        root = self._schema.get_root_type(operation.operation)
        if root is None:
            return 0
        fields = list(self._fields(operation.selection_set))
        flat = MUTATION * len(fields) if operation.operation.value == "mutation" else 0
        return flat + self._set(operation.selection_set, root, 1)

    def _fields(self, selections: SelectionSetNode) -> list[FieldNode]:
        found: list[FieldNode] = []
        for one in selections.selections:
            if isinstance(one, FieldNode):
                found.append(one)
            elif isinstance(one, InlineFragmentNode):
                found += self._fields(one.selection_set)
            elif isinstance(one, FragmentSpreadNode):
                found += self._fields(self._fragments[one.name.value].selection_set)
        return found

    def _types(self, selections: SelectionSetNode, parent: Any) -> list[tuple[FieldNode, Any]]:
        """The fields of a selection with the type that each is selected on."""
        found: list[tuple[FieldNode, Any]] = []
        for one in selections.selections:
            if isinstance(one, FieldNode):
                found.append((one, parent))
            elif isinstance(one, FragmentSpreadNode):
                fragment = self._fragments[one.name.value]
                named = self._schema.get_type(fragment.type_condition.name.value)
                found += self._types(fragment.selection_set, named)
            elif isinstance(one, InlineFragmentNode):
                condition = one.type_condition
                named = parent if condition is None else self._schema.get_type(condition.name.value)
                found += self._types(one.selection_set, named)
        return found

    def _set(self, selections: SelectionSetNode, parent: Any, rows: float) -> int:
        return sum(self._field(field, kind, rows) for field, kind in self._types(selections, parent))

    def _field(self, field: FieldNode, parent: Any, rows: float) -> int:
        definition = getattr(parent, "fields", {}).get(field.name.value)
        if definition is None or field.selection_set is None:
            return 0
        kind = get_named_type(definition.type)
        if not is_composite_type(kind):
            return 0
        if kind.name.endswith("Connection"):
            size = self._page(field)
            return CONNECTION + self._set(field.selection_set, kind, sqrt(size) if self._lean else size)
        inner = self._set(field.selection_set, kind, 1)
        if isinstance(parent, GraphQLObjectType) and parent.name.endswith("Connection"):
            if field.name.value == "pageInfo":
                return 0
            return ceil(rows * (inner if field.name.value == "edges" else 1 + inner))
        return self._asked(field) * (1 + inner)

    def _asked(self, field: FieldNode) -> int:
        """How many objects a field is: as many as it names ids."""
        for argument in field.arguments:
            if argument.name.value == "ids":
                found = value_from_ast_untyped(argument.value, self._variables)
                return len(found) if isinstance(found, list) else 1
        return 1

    def _page(self, field: FieldNode) -> int:
        for argument in field.arguments:
            if argument.name.value in {"first", "last"}:
                found = value_from_ast_untyped(argument.value, self._variables)
                return found if isinstance(found, int) else 0
        return 0
