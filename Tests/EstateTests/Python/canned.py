"""Holds answers that tests make up to botocore's own model of the service.

Reads a list of [service, operation, body as text] from standard input, and prints a line for each that is none.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "KMSEmulatorTests" / "Python"))

import answers
import botocore.parsers
import botocore.session


def named(element):
    return element.tag.rpartition("}")[2]


def walk_xml(element, shape, path):
    """What botocore's parser would overlook: elements that the shape does not have."""
    children = list(element)
    if shape.type_name == "structure":
        known = {}
        for name, member in shape.members.items():
            member_name = member.serialization.get("name", name)
            if member.type_name == "list" and member.serialization.get("flattened"):
                member_name = member.member.serialization.get("name", member_name)
            known[member_name] = member
        for child in children:
            if named(child) not in known:
                raise answers.NotTheModel(f"{path}: the model has no element {named(child)}")
            walk_xml(child, known[named(child)], f"{path}.{named(child)}")
    elif shape.type_name == "list":
        if shape.serialization.get("flattened"):
            return walk_xml(element, shape.member, path)
        item = shape.member.serialization.get("name", "member")
        for child in children:
            if named(child) != item:
                raise answers.NotTheModel(f"{path}: the model has no element {named(child)}, entries are {item}")
            walk_xml(child, shape.member, f"{path}.{item}")
    elif shape.type_name == "map":
        names = [shape.key.serialization.get("name", "key"), shape.value.serialization.get("name", "value")]
        for child in children:
            if named(child) != "entry" or [named(part) for part in child] != names:
                raise answers.NotTheModel(f"{path}: the model has entries of {names[0]} and {names[1]}")
    elif children:
        raise answers.NotTheModel(f"{path}: the model has no element {named(children[0])} in a {shape.type_name}")


def walk_document(body, model, service):
    """Elements first, then the values, as botocore itself reads them."""
    operation, shape, protocol = model.name, model.output_shape, service.metadata["protocol"]
    root = xml.etree.ElementTree.fromstring(body)
    top = root
    if protocol in ("query", "ec2"):
        if named(root) != operation + "Response":
            raise answers.NotTheModel(f"{operation}: the answer is a {named(root)}")
    if protocol == "query":
        wrapper = shape.serialization.get("resultWrapper")
        top = next((child for child in root if named(child) == wrapper), None)
        strangers = [named(child) for child in root if named(child) not in (wrapper, "ResponseMetadata")]
        if top is None or strangers:
            raise answers.NotTheModel(f"{operation}: the model has {wrapper} in it, and {strangers or 'this has not'}")
    elif protocol == "rest-xml" and "payload" in shape.serialization:
        shape = shape.members[shape.serialization["payload"]]
    walk_xml(top, shape, operation)
    parser = botocore.parsers.create_parser(protocol)
    parser.parse({"status_code": 200, "headers": {}, "body": body.encode()}, model.output_shape)


session = botocore.session.get_session()
for name, operation, body in json.load(sys.stdin):
    service = session.get_service_model(name)
    if operation not in service.operation_names:
        print(f"{operation}: botocore {botocore.__version__} does not know it; install a newer one")
        continue
    model = service.operation_model(operation)
    try:
        if body.startswith("<"):
            walk_document(body, model, service)
        else:
            answers.walk(json.loads(body), model.output_shape, operation)
    except (answers.NotTheModel, ValueError, SyntaxError, botocore.parsers.ResponseParserError) as error:
        print(f"{operation}: {error}" if operation not in str(error) else error)
