"""The API reference at /docs: one static page made of the contract, readable without scripts, links to every part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

__all__ = ["reference_page"]

_METHODS = ("get", "post", "put", "patch", "delete")
_LIMITS = {
    "minLength": "at least {} characters", "maxLength": "at most {} characters",
    "minimum": "from {}", "maximum": "to {}",
    "minItems": "at least {} items", "maxItems": "at most {} items", "pattern": "matches {}", "default": "default {}",
}  # fmt: skip
_COMBINED = {"oneOf": Markup(" or "), "anyOf": Markup(" or "), "allOf": Markup(" and ")}
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


def reference_page(document: Mapping[str, Any]) -> bytes:
    """The page, in UTF-8. document: the contract."""
    templates = Environment(
        loader=PackageLoader("datastorage.edge", ""), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    templates.filters |= {"markdown": _prose, "json": _json}
    reader = _Reader(document)
    page = templates.get_template("reference.html").render(
        info=document["info"],
        tags=[(tag, list(reader.operations(tag["name"]))) for tag in document["tags"]],
        schemas=reader.schemas(),
    )
    return page.encode()


class _Reader:
    """Reads the contract, following its references."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def operations(self, tag: str) -> Iterator[dict[str, Any]]:
        """The operations of a tag, as the template wants them."""
        for path, item in self._document["paths"].items():
            for method in _METHODS:
                operation = item.get(method)
                if operation and tag in operation["tags"]:
                    yield self._operation(method, path, operation, item.get("parameters", []))

    def _operation(
        self, method: str, path: str, operation: Mapping[str, Any], shared: list[Mapping[str, Any]]
    ) -> dict[str, Any]:
        body = self._found(operation.get("requestBody", {}))
        return {
            "id": operation["operationId"],
            "method": method.upper(),
            "path": path,
            "summary": operation.get("summary", ""),
            "description": operation.get("description", ""),
            "scopes": sorted(
                {scope for way in operation.get("security", []) for some in way.values() for scope in some}
            ),
            "parameters": [self._parameter(one) for one in (*shared, *operation.get("parameters", []))],
            "body": list(self._contents(body)),
            "responses": [self._response(status, one) for status, one in sorted(operation["responses"].items())],
        }

    def _parameter(self, reference: Mapping[str, Any]) -> dict[str, Any]:
        parameter = self._found(reference)
        schema = parameter.get("schema") or next(iter(parameter["content"].values()))["schema"]
        defaults = {"required": False, "description": ""}
        return {**defaults, **parameter, "type": self.type_of(schema), "limits": self.limits_of(schema)}

    def _response(self, status: str, reference: Mapping[str, Any]) -> dict[str, Any]:
        response = self._found(reference)
        headers = {name: self._found(header) for name, header in response.get("headers", {}).items()}
        contents = list(self._contents(response))
        return {"status": status, "description": response["description"], "headers": headers, "contents": contents}

    def _contents(self, holder: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        for media_type, content in holder.get("content", {}).items():
            examples = {name: self._found(one)["value"] for name, one in content.get("examples", {}).items()}
            if "example" in content:
                examples["example"] = content["example"]
            yield {"media_type": media_type, "type": self.type_of(content.get("schema", {})), "examples": examples}

    def schemas(self) -> list[dict[str, Any]]:
        """Every named schema with its members."""
        return [
            {
                "name": name,
                "description": schema.get("description", ""),
                "type": self.type_of(schema),
                "limits": self.limits_of(schema),
                "members": [
                    {
                        "name": member,
                        "required": member in schema.get("required", []),
                        "type": self.type_of(of),
                        "limits": self.limits_of(self._found(of)),
                        "description": of.get("description", ""),
                    }
                    for member, of in schema.get("properties", {}).items()
                ],
            }
            for name, schema in sorted(self._document["components"]["schemas"].items())
        ]

    def type_of(self, schema: Mapping[str, Any]) -> Markup:
        """The type in words, with links to named schemas."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return Markup('<a href="#schema-{0}">{0}</a>').format(name)
        for key, word in _COMBINED.items():
            if key in schema:
                return word.join(self.type_of(one) for one in schema[key])
        kind = Markup.escape(schema.get("format") or schema.get("type", "any"))
        if schema.get("type") == "array":
            kind = Markup("array of {}").format(self.type_of(schema.get("items", {})))
        return kind + Markup(" or null") if schema.get("nullable") else kind

    @staticmethod
    def limits_of(schema: Mapping[str, Any]) -> list[str]:
        """Enum and limits in words."""
        said = [text.format(_json(schema[key])) for key, text in _LIMITS.items() if key in schema]
        return [*said, "one of " + ", ".join(map(_json, schema["enum"]))] if "enum" in schema else said

    def _found(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            found: Any = self._document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node


def _prose(text: str) -> Markup:
    return Markup(_markdown.render(text))  # noqa: S704 - the contract's own text, rendered without raw HTML


def _json(value: Any) -> str:
    text = msgspec.json.encode(value)
    return (msgspec.json.format(text, indent=2) if isinstance(value, dict | list) else text).decode()
