"""Clients of the emulator, and the custodian's side of an import done with the library pyca/cryptography."""

import contextlib
import datetime
import json
import os
import urllib.request

import boto3
import botocore.auth
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from botocore.httpsession import URLLib3Session
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import padding

ENDPOINT = os.environ["KEYRITE_TEST_ENDPOINT"]
ACCESS_KEY = os.environ["AWS_ACCESS_KEY_ID"]
SECRET_KEY = os.environ["AWS_SECRET_ACCESS_KEY"]
REGION = os.environ["AWS_DEFAULT_REGION"]
# Where scripts may leave files.
FOLDER = os.environ["KEYRITE_TEST_FOLDER"]

# The newest members this project uses: an older botocore would drop them without a word.
NEWEST = {
    "ImportKeyMaterial": ["ImportType", "KeyMaterialId", "KeyMaterialDescription"],
    "ListKeyRotations": ["IncludeKeyMaterial"],
}


def client(service="kms", **overrides):
    made = boto3.client(
        service, endpoint_url=ENDPOINT, config=Config(retries={"total_max_attempts": 1}, read_timeout=120), **overrides
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


OAEP_SHA_256 = "RSAES_OAEP_SHA_256"
OAEP_SHA_1 = "RSAES_OAEP_SHA_1"
KEY_WRAP_SHA_256 = "RSA_AES_KEY_WRAP_SHA_256"
KEY_WRAP_SHA_1 = "RSA_AES_KEY_WRAP_SHA_1"


def wrap(material, parameters, algorithm=hashes.SHA256):
    key = serialization.load_der_public_key(parameters["PublicKey"])
    return key.encrypt(material, padding.OAEP(padding.MGF1(algorithm()), algorithm(), None))


def wrap_as(name, material, parameters):
    """Wraps by the algorithm that AWS calls so; the two-step ones are PKCS #11's CKM_RSA_AES_KEY_WRAP."""
    algorithm = hashes.SHA1 if name.endswith("_SHA_1") else hashes.SHA256
    if name.startswith("RSAES_OAEP"):
        return wrap(material, parameters, algorithm)
    key = os.urandom(32)
    return wrap(key, parameters, algorithm) + keywrap.aes_key_wrap_with_padding(key, material)


def parameters(kms, key, spec="RSA_2048", algorithm=OAEP_SHA_256):
    return kms.get_parameters_for_import(KeyId=key, WrappingAlgorithm=algorithm, WrappingKeySpec=spec)


def import_material(kms, key, material, fetched=None, algorithm=OAEP_SHA_256, **more):
    fetched = fetched or parameters(kms, key, algorithm=algorithm)
    if "ValidTo" not in more:
        more.setdefault("ExpirationModel", "KEY_MATERIAL_DOES_NOT_EXPIRE")
    wrapped = wrap_as(algorithm, material, fetched)
    return kms.import_key_material(
        KeyId=key, ImportToken=fetched["ImportToken"], EncryptedKeyMaterial=wrapped, **more
    )


def unchecked(operation, body):
    """Makes a signed call that botocore would not make, of any operation and any body; raises as botocore does."""
    request = AWSRequest(
        "POST",
        ENDPOINT + "/",
        data=json.dumps(body),
        headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"TrentService.{operation}"},
    )
    SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "kms", REGION).add_auth(request)
    answer = URLLib3Session().send(request.prepare())
    parsed = json.loads(answer.content or b"{}")
    if answer.status_code != 200:
        error = {"Code": parsed["__type"], "Message": parsed.get("message", "")}
        raise ClientError({"Error": error, "ResponseMetadata": {"HTTPStatusCode": answer.status_code}}, operation)
    return parsed


def state(kms, key):
    return kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"]


@contextlib.contextmanager
def later(seconds):
    """Moves the service's clock, and botocore's with it, for what is done inside."""
    admin(action="set-clock-offset", seconds=seconds)
    real = botocore.auth.get_current_datetime
    botocore.auth.get_current_datetime = lambda *some, **more: real(*some, **more) + datetime.timedelta(seconds=seconds)
    try:
        yield
    finally:
        botocore.auth.get_current_datetime = real
        admin(action="set-clock-offset", seconds=0)


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
