#!/usr/bin/python3 -B
# SPDX-License-Identifier: GPL-2.0
"""Holds a JSON document against its schema: schema.py COMMAND <document"""
import functools
import json
import pathlib
import sys

import jsonschema

TOP = pathlib.Path(__file__).resolve().parents[2]
SCHEMA = json.loads((TOP / "Documentation/shmstat.schema.json").read_text())


@functools.lru_cache
def validator(command):
    return jsonschema.Draft202012Validator(
        dict(SCHEMA, anyOf=[{"$ref": "#/$defs/" + command}]))


def complaints(command, document):
    """What is wrong with what a command wrote."""
    return ["/".join(map(str, why.absolute_path)) + " " + why.message[:300]
            for error in validator(command).iter_errors(document)
            for why in error.context or [error]]


if __name__ == "__main__":
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    found = complaints(sys.argv[1], json.load(sys.stdin))
    print("\n".join(found))
    sys.exit(bool(found))
