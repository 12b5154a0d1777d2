"""The JSON of `sfvisuals check --json`, held to the shape that was promised."""

from __future__ import annotations

import json
from typing import Any

from jsonschema import Draft202012Validator

from sfvisuals.io.report import Report

# The shape that the issue prescribes, no more and no less.
SHAPE: dict[str, Any] = {
    "type": "object",
    "required": ["runs"],
    "additionalProperties": False,
    "properties": {"runs": {"type": "array", "items": {"$ref": "#/$defs/run"}}},
    "$defs": {
        "count": {"type": ["integer", "null"], "minimum": 0},
        "run": {
            "type": "object",
            "additionalProperties": False,
            "required": [
                "run",
                "format",
                "samples",
                "classes",
                "latent_dim",
                "mc_passes",
                "studies",
                "scores",
                "images",
                "problems",
            ],
            "properties": {
                "run": {"type": "string"},
                "format": {"type": ["string", "null"]},
                "samples": {"$ref": "#/$defs/count"},
                "classes": {"$ref": "#/$defs/count"},
                "latent_dim": {"$ref": "#/$defs/count"},
                "mc_passes": {"$ref": "#/$defs/count"},
                "studies": {
                    "type": "array",
                    "items": {
                        "additionalProperties": False,
                        "required": ["name", "kind", "samples", "accuracy"],
                        "properties": {
                            "name": {"type": "string"},
                            "kind": {"type": "string"},
                            "samples": {"type": "integer"},
                            "accuracy": {"type": ["number", "null"], "minimum": 0, "maximum": 1},
                        },
                    },
                },
                "scores": {
                    "type": "array",
                    "items": {
                        "additionalProperties": False,
                        "required": ["name", "available", "why"],
                        "properties": {
                            "name": {"type": "string"},
                            "available": {"type": "boolean"},
                            "why": {"type": "string"},
                        },
                    },
                },
                "images": {
                    "additionalProperties": False,
                    "required": ["found", "missing"],
                    "properties": {"found": {"$ref": "#/$defs/count"}, "missing": {"$ref": "#/$defs/count"}},
                },
                "problems": {
                    "type": "array",
                    "items": {
                        "additionalProperties": False,
                        "required": ["level", "title", "detail", "hint"],
                        "properties": {
                            "level": {"enum": ["info", "warning", "error"]},
                            "title": {"type": "string", "minLength": 1},
                            "detail": {"type": "string"},
                            "hint": {"type": "string"},
                        },
                    },
                },
            },
        },
    },
}


def in_shape(report: Report) -> dict[str, Any]:
    """The report as JSON, through text, checked against the prescribed shape."""
    content: dict[str, Any] = json.loads(json.dumps(report.to_json(), allow_nan=False))
    Draft202012Validator(SHAPE).validate(content)
    return content
