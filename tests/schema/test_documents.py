"""The two descriptions that the server hands out are what their specifications ask for, and leave nothing out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from livepoll_jupyter.core import messages
from livepoll_jupyter.schema import __main__ as command
from livepoll_jupyter.server.documents import asyncapi, openapi
from livepoll_jupyter.server.routes import ROUTES

ROOT = Path(__file__).parents[2]
ASYNCAPI_SCHEMA = ROOT / "labextension" / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0-without-$id.json"
GOLDEN = sorted((ROOT / "tests" / "wire").glob("*.json"))


def rest() -> dict[str, Any]:
    """The OpenAPI document as it is served."""
    document: dict[str, Any] = json.loads(openapi())
    return document


def socket() -> dict[str, Any]:
    """The AsyncAPI document as it is served."""
    document: dict[str, Any] = json.loads(asyncapi())
    return document


def test_the_openapi_document_is_valid() -> None:
    """By the validator of the OpenAPI 3.1 specification."""
    OpenAPIV31SpecValidator(rest()).validate()


def test_an_invalid_openapi_document_would_be_noticed() -> None:
    """The validator does look: an answer without a description is refused."""
    broken = rest()
    del broken["paths"]["/livepoll/api/rooms"]["get"]["responses"]["200"]["description"]
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def test_every_route_is_described_with_its_statuses() -> None:
    """Method, path, every success and every refusal."""
    paths = rest()["paths"]
    for route in ROUTES:
        described = paths[f"/{route.path}"][route.method.lower()]
        expected = {str(int(status)) for status in (route.status, *route.statuses)}
        assert expected <= described["responses"].keys()
    assert sum(len(methods) for methods in paths.values()) == len(ROUTES)


def test_only_the_participants_route_needs_no_token() -> None:
    """The description of who may is that of the routes."""
    methods = [each for path in rest()["paths"].values() for each in path.values()]
    assert [each["operationId"] for each in methods if not each["security"]] == ["add_participant"]
    assert all({"401", "403"} <= set(each["responses"]) for each in methods if each["security"])


def test_the_asyncapi_document_is_valid() -> None:
    """By the JSON Schema that the AsyncAPI initiative publishes for version 3.0.0."""
    schema = json.loads(ASYNCAPI_SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator(schema).validate(socket())


def test_an_invalid_asyncapi_document_would_be_noticed() -> None:
    """The schema does look: an operation that neither sends nor receives is refused."""
    schema = json.loads(ASYNCAPI_SCHEMA.read_text(encoding="utf-8"))
    broken = socket()
    broken["operations"]["tell"]["action"] = "shout"
    assert not jsonschema.Draft7Validator(schema).is_valid(broken)


def test_every_message_of_the_wire_is_described() -> None:
    """What the server sends and what it hears, none more, none less."""
    document = socket()
    described = {
        name: {reference["$ref"].rpartition("/")[2] for reference in operation["messages"]}
        for name, operation in document["operations"].items()
    }
    assert described == {
        "tell": {kind.__name__ for kind in get_args(messages.ServerEvent)},
        "hear": {kind.__name__ for kind in get_args(messages.ClientMessage)},
    }


def test_every_reference_leads_somewhere() -> None:
    """In both documents."""
    for document in (rest(), socket()):
        for reference in _references(document):
            found: Any = document
            for step in reference.removeprefix("#/").split("/"):
                found = found[step]


def _references(part: Any) -> list[str]:
    if isinstance(part, dict):
        here = [part["$ref"]] if isinstance(part.get("$ref"), str) else []
        return here + [found for value in part.values() for found in _references(value)]
    return [found for value in part for found in _references(value)] if isinstance(part, list) else []


@pytest.mark.parametrize("path", GOLDEN, ids=[path.stem for path in GOLDEN])
def test_every_golden_message_fits_its_description(path: Path) -> None:
    """Whoever writes a client from the document alone reads what is really sent."""
    golden = json.loads(path.read_text(encoding="utf-8"))
    document = socket()
    schema = {"$ref": f"#/components/schemas/{golden['type']}", "components": document["components"]}
    jsonschema.Draft202012Validator(schema).validate(golden["message"])


@pytest.mark.parametrize(("name", "document"), [("openapi", openapi), ("asyncapi", asyncapi)])
def test_the_command_prints_what_the_server_hands_out(
    name: str, document: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """``python -m livepoll_jupyter.schema openapi``."""
    command.main([name])
    assert json.loads(capsys.readouterr().out) == json.loads(document())
