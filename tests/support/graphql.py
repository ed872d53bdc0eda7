"""A small interpreter of GraphQL: fields, aliases, arguments, fragments; a wrong field is an error."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|\.\.\.|[A-Za-z_]\w*|-?\d+|[{}()\[\]:$!=]')


class Wrong(Exception):
    """The query cannot be answered; the message is for the client."""


@attrs.define
class Field:
    """One selected field; without a name it is a fragment on a type."""

    name: str
    alias: str = ""
    args: dict[str, Any] = attrs.field(factory=dict)
    fields: list[Field] = attrs.field(factory=list)
    on: str = ""
    spread: str = ""


def answer(query: str, variables: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a query from *root*: dicts, lists, values, and functions of the arguments."""
    parser = _Parser(_TOKEN.findall(query))
    operation = parser.document()
    found: dict[str, Any] = _Answer(parser.fragments, dict(variables)).of(operation, root)
    return found


@attrs.define
class _Parser:
    tokens: list[str]
    fragments: dict[str, list[Field]] = attrs.field(factory=dict)
    defaults: dict[str, Any] = attrs.field(factory=dict)

    def document(self) -> list[Field]:
        operation: list[Field] = []
        while self.tokens:
            if self.tokens[0] == "fragment":
                name = self.tokens[1]
                del self.tokens[:4]  # fragment NAME on TYPE
                self.fragments[name] = self.fields()
                continue
            while self.tokens[0] != "{":  # query NAME($variable: Type = default)
                self.tokens.pop(0)
            operation = self.fields()
        return operation

    def fields(self) -> list[Field]:
        self.take("{")
        found = []
        while self.tokens[0] != "}":
            found.append(self.field())
        self.take("}")
        return found

    def field(self) -> Field:
        name = self.tokens.pop(0)
        if name == "...":
            if self.tokens[0] != "on":
                return Field("", spread=self.tokens.pop(0))
            self.take("on")
            return Field("", on=self.tokens.pop(0), fields=self.fields())
        field = Field(name, name)
        if self.tokens[0] == ":":
            self.take(":")
            field.name = self.tokens.pop(0)
        if self.tokens[0] == "(":
            field.args = self.pairs("(", ")")
        if self.tokens[0] == "{":
            field.fields = self.fields()
        return field

    def pairs(self, start: str, end: str) -> dict[str, Any]:
        self.take(start)
        found = {}
        while self.tokens[0] != end:
            name = self.tokens.pop(0)
            self.take(":")
            found[name] = self.value()
        self.take(end)
        return found

    def value(self) -> Any:
        if self.tokens[0] == "{":
            return self.pairs("{", "}")
        if self.tokens[0] == "[":
            self.take("[")
            found = []
            while self.tokens[0] != "]":
                found.append(self.value())
            self.take("]")
            return found
        token = self.tokens.pop(0)
        if token == "$":
            return Variable(self.tokens.pop(0))
        constant = token[0] in '"-0123456789' or token in {"true", "false", "null"}
        return json.loads(token) if constant else token

    def take(self, token: str) -> None:
        if self.tokens.pop(0) != token:
            raise Wrong(f"Parse error: expected {token}")


@attrs.frozen
class Variable:
    """A variable of the query."""

    name: str


@attrs.frozen
class _Answer:
    fragments: Mapping[str, list[Field]]
    variables: Mapping[str, Any]

    def of(self, fields: list[Field], value: Any) -> Any:
        if isinstance(value, list):
            return [self.of(fields, each) for each in value]
        if value is None or not fields:
            return value
        found: dict[str, Any] = {}
        for field in fields:
            if field.spread:
                found |= self.of(self.fragments[field.spread], value)
            elif field.on:
                found |= self.of(field.fields, value) if value.get("__typename") == field.on else {}
            else:
                found[field.alias] = self.one(field, value)
        return found

    def one(self, field: Field, value: Mapping[str, Any]) -> Any:
        if field.name not in value:
            raise Wrong(f"Field '{field.name}' doesn't exist on type '{value.get('__typename', 'Query')}'")
        found = value[field.name]
        if callable(found):
            found = found({name: self.filled(each) for name, each in field.args.items()})
        if bool(field.fields) != isinstance(found, dict | list) and found is not None:
            raise Wrong(f"Field '{field.name}' must have selections, or must not")
        return self.of(field.fields, found)

    def filled(self, value: Any) -> Any:
        if isinstance(value, Variable):
            return self.variables.get(value.name)
        if isinstance(value, dict):
            return {name: self.filled(each) for name, each in value.items()}
        return [self.filled(each) for each in value] if isinstance(value, list) else value
