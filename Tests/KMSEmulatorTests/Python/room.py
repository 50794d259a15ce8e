"""Clients of the emulator, and the custodian's side of an import done with the library pyca/cryptography."""

import contextlib
import json
import os
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

ENDPOINT = os.environ["KEYRITE_TEST_ENDPOINT"]
ACCESS_KEY = os.environ["AWS_ACCESS_KEY_ID"]
SECRET_KEY = os.environ["AWS_SECRET_ACCESS_KEY"]
REGION = os.environ["AWS_DEFAULT_REGION"]

# The newest members this project uses: an older botocore would drop them without a word.
NEWEST = {
    "ImportKeyMaterial": ["ImportType", "KeyMaterialId", "KeyMaterialDescription"],
    "ListKeyRotations": ["IncludeKeyMaterial"],
}


def client(service="kms", **overrides):
    made = boto3.client(
        service, endpoint_url=ENDPOINT, config=Config(retries={"total_max_attempts": 1}, read_timeout=30), **overrides
    )
    if service == "kms":
        for operation, members in NEWEST.items():
            known = made.meta.service_model.operation_model(operation).input_shape.members
            assert all(member in known for member in members), f"this botocore is too old for {operation}"
    return made


def admin(**request):
    """Asks the admin path; returns its answer or raises urllib.error.HTTPError."""
    question = urllib.request.Request(
        ENDPOINT + "/_keyrite/admin", data=json.dumps(request).encode(), headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(question, timeout=30) as answer:
        return json.load(answer)


def wrap(material, parameters, algorithm=hashes.SHA256):
    key = serialization.load_der_public_key(parameters["PublicKey"])
    return key.encrypt(material, padding.OAEP(padding.MGF1(algorithm()), algorithm(), None))


def parameters(kms, key, spec="RSA_2048"):
    return kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec=spec)


def import_material(kms, key, material, fetched=None, **more):
    fetched = fetched or parameters(kms, key)
    if "ValidTo" not in more:
        more.setdefault("ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    return kms.import_key_material(
        KeyId=key, ImportToken=fetched["ImportToken"], EncryptedKeyMaterial=wrap(material, fetched), **more
    )


@contextlib.contextmanager
def refused(code, status=400):
    """Holds that what is done inside is refused under AWS's name."""
    try:
        yield
    except ClientError as error:
        answer = error.response
        assert answer["Error"]["Code"] == code, f"refused by {answer['Error']}, not by {code}"
        assert answer["ResponseMetadata"]["HTTPStatusCode"] == status, answer
    else:
        raise AssertionError(f"it was not refused; {code} was due")
