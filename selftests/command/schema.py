#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Holds a JSON document against its schema: schema.py COMMAND <document"""
import json
import pathlib
import sys

import jsonschema

top = pathlib.Path(__file__).resolve().parents[2]
schema = json.loads((top / "Documentation/shmstat.schema.json").read_text())
schema["anyOf"] = [{"$ref": "#/$defs/" + sys.argv[1]}]
validator = jsonschema.Draft202012Validator(schema)
validator.check_schema(schema)
wrong = 0
for error in validator.iter_errors(json.load(sys.stdin)):
    for why in error.context or [error]:
        print("/".join(map(str, why.absolute_path)), why.message[:300])
    wrong = 1
sys.exit(wrong)
