"""Holds answers that tests make up to botocore's own model of the service.

Reads a list of [service, operation, body as text] from standard input, and prints a line for each that is none.
"""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "KMSEmulatorTests" / "Python"))

import answers
import botocore.session

session = botocore.session.get_session()
for service, operation, body in json.load(sys.stdin):
    model = session.get_service_model(service)
    if operation not in model.operation_names:
        print(f"{operation}: botocore {botocore.__version__} does not know it; install a newer one")
        continue
    try:
        answers.walk(json.loads(body), model.operation_model(operation).output_shape, operation)
    except answers.NotTheModel as error:
        print(error)
