"""Holds documents to their JSON Schemas: {"schemas": {NAME: SCHEMA}, "documents": [[COMMAND, DOCUMENT]]} on
standard input, one line on standard output for each mistake.

A field that a schema does not describe is a mistake too, though readers have to expect some."""

import json
import re
import sys

from jsonschema import Draft202012Validator, FormatChecker

formats = FormatChecker(formats=[])
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@formats.checks("date-time")
def is_time(value):
    return not isinstance(value, str) or TIME.fullmatch(value) is not None


def inlined(value, parts):
    """Without references, which hide fields from whoever closes an object."""
    if isinstance(value, list):
        return [inlined(inner, parts) for inner in value]
    if not isinstance(value, dict):
        return value
    value = dict(value)
    reference = value.pop("$ref", None)
    value = {key: inlined(inner, parts) for key, inner in value.items() if key != "$defs"}
    if reference is not None:
        part = inlined(parts[reference.removeprefix("#/$defs/")], parts)
        value = {**value, "allOf": [part, *value.get("allOf", [])]}
    return value


def closed(value):
    """With no other fields than those described; a variant knows only its own, so the object around is closed."""
    if isinstance(value, list):
        return [closed(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    value = {key: inner if key in ("enum", "const", "allOf", "oneOf", "anyOf") else closed(inner) for key, inner in value.items()}
    nullable = value.get("anyOf", [])
    if {"type": "null"} in nullable:
        value["anyOf"] = closed(nullable)
    if "allOf" in value:
        value["allOf"] = [below(inner) for inner in value["allOf"]]
    if "oneOf" in value:
        value["oneOf"] = [below(inner) for inner in value["oneOf"]]
    if objects(value):
        value["unevaluatedProperties"] = False
    return value


def below(value):
    """With all closed that lies deeper."""
    value = closed(value)
    value.pop("unevaluatedProperties", None)
    return value


def objects(value):
    described = [value, *value.get("allOf", []), *value.get("oneOf", [])]
    return any("properties" in inner or inner is not value and objects(inner) for inner in described)


def main():
    asked = json.load(sys.stdin)
    validators = {}
    for name, schema in asked["schemas"].items():
        Draft202012Validator.check_schema(schema)
        strict = closed(inlined(schema, schema.get("$defs", {})))
        validators[f"certctl/{name}/v1"] = Draft202012Validator(strict, format_checker=formats)
    for command, document in asked["documents"]:
        for error in validators[document["schema"]].iter_errors(document):
            print(f"{command}: {error.json_path}: {error.message}")


main()
