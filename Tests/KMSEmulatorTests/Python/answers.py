"""Holds every answer to botocore's own model of the service, before botocore has touched it.

Botocore overlooks members it does not know and invents none that are missing. This does neither.
"""

import base64
import binascii
import json
import re

# What AWS always answers, although its model marks hardly any member of an answer as required
# (Response Elements of docs.aws.amazon.com/kms/latest/APIReference/API_<operation>.html).
ALWAYS = {
    "CreateKey": ["KeyMetadata"],
    "DescribeKey": ["KeyMetadata"],
    "GetParametersForImport": ["KeyId", "ImportToken", "PublicKey", "ParametersValidTo"],
    "ImportKeyMaterial": ["KeyId"],
    "RotateKeyOnDemand": ["KeyId"],
    "ListKeyRotations": ["Rotations", "Truncated"],
    "ListAliases": ["Aliases", "Truncated"],
    "Encrypt": ["CiphertextBlob", "KeyId", "EncryptionAlgorithm"],
    "Decrypt": ["KeyId", "Plaintext", "EncryptionAlgorithm"],
    "GetKeyPolicy": ["Policy", "PolicyName"],
    "CancelKeyDeletion": ["KeyId"],
    "CreateAlias": [],
    "CreateGrant": ["GrantToken", "GrantId"],
    "DeleteAlias": [],
    "DeleteImportedKeyMaterial": ["KeyId"],
    "DisableKey": [],
    "EnableKey": [],
    "GenerateDataKey": ["CiphertextBlob", "Plaintext", "KeyId", "KeyMaterialId"],
    "GenerateDataKeyWithoutPlaintext": ["CiphertextBlob", "KeyId", "KeyMaterialId"],
    "GenerateMac": ["Mac", "MacAlgorithm", "KeyId"],
    "GenerateRandom": ["Plaintext"],
    "GetKeyRotationStatus": ["KeyRotationEnabled", "KeyId"],
    "GetPublicKey": ["KeyId", "PublicKey", "CustomerMasterKeySpec", "KeySpec", "KeyUsage"],
    "ListGrants": ["Grants", "Truncated"],
    "ListKeyPolicies": ["PolicyNames", "Truncated"],
    "ListKeys": ["Keys", "Truncated"],
    "ListResourceTags": ["Tags", "Truncated"],
    "PutKeyPolicy": [],
    "ReEncrypt": ["CiphertextBlob", "SourceKeyId", "KeyId", "SourceEncryptionAlgorithm", "DestinationEncryptionAlgorithm"],
    "ReplicateKey": ["ReplicaKeyMetadata", "ReplicaPolicy", "ReplicaTags"],
    "RevokeGrant": [],
    "ScheduleKeyDeletion": ["KeyId", "KeyState", "PendingWindowInDays"],
    "Sign": ["KeyId", "Signature", "SigningAlgorithm"],
    "TagResource": [],
    "UntagResource": [],
    "UpdateAlias": [],
    "UpdateKeyDescription": [],
    "Verify": ["KeyId", "SignatureValid", "SigningAlgorithm"],
    "VerifyMac": ["KeyId", "MacValid", "MacAlgorithm"],
}

# What each script must have had answered at its end: together, all there is.
COVERED = {
    "ceremony": """CreateKey DescribeKey GetParametersForImport ImportKeyMaterial RotateKeyOnDemand ListKeyRotations
        CreateAlias UpdateAlias ListAliases Encrypt Decrypt GetKeyPolicy""",
    "management": """ListKeys TagResource UntagResource ListResourceTags GetKeyPolicy PutKeyPolicy ListKeyPolicies
        CreateGrant ListGrants RevokeGrant EnableKey DisableKey UpdateKeyDescription ScheduleKeyDeletion
        CancelKeyDeletion DeleteAlias""",
    "material": "DeleteImportedKeyMaterial GetKeyRotationStatus ListKeyRotations",
    "symmetric": "ReEncrypt GenerateDataKey GenerateDataKeyWithoutPlaintext GenerateRandom GenerateMac VerifyMac",
    "asymmetric": "GetPublicKey Sign Verify Encrypt Decrypt ReEncrypt",
    "regions": "ReplicateKey RotateKeyOnDemand DeleteImportedKeyMaterial ScheduleKeyDeletion",
}
assert set(" ".join(COVERED.values()).split()) == set(ALWAYS), "an operation is held by no script"


class NotTheModel(AssertionError):
    pass


def walk(value, shape, path):
    """Raises NotTheModel unless value, as JSON gave it, is of the shape."""
    globals()["walk_" + shape.type_name](value, shape, path)


def fail(path, what):
    raise NotTheModel(f"{path}: {what}")


def walk_structure(value, shape, path):
    if not isinstance(value, dict):
        fail(path, f"a structure is an object, not {value!r}")
    for name in shape.required_members:
        if name not in value:
            fail(path, f"{name} is required")
    for name, member in value.items():
        if name not in shape.members:
            fail(path, f"the model has no member {name}")
        walk(member, shape.members[name], f"{path}.{name}")


def walk_list(value, shape, path):
    if not isinstance(value, list):
        fail(path, f"a list is an array, not {value!r}")
    for index, item in enumerate(value):
        walk(item, shape.member, f"{path}[{index}]")


def walk_map(value, shape, path):
    if not isinstance(value, dict):
        fail(path, f"a map is an object, not {value!r}")
    for name, item in value.items():
        walk(name, shape.key, f"{path} name")
        walk(item, shape.value, f"{path}.{name}")


def walk_string(value, shape, path):
    if not isinstance(value, str):
        fail(path, f"not a string: {value!r}")
    if shape.enum and value not in shape.enum:
        fail(path, f"{value!r} is none of {shape.enum}")
    hold_length(len(value), shape, path)
    pattern = shape.metadata.get("pattern")
    if pattern and value and not re.search(pattern, value):
        fail(path, f"{value!r} does not match {pattern}")


def walk_blob(value, shape, path):
    try:
        hold_length(len(base64.b64decode(value, validate=True)), shape, path)
    except (binascii.Error, TypeError):
        fail(path, "not base64")


def walk_boolean(value, shape, path):
    if not isinstance(value, bool):
        fail(path, f"not a boolean: {value!r}")


def walk_integer(value, shape, path):
    if not isinstance(value, int) or isinstance(value, bool):
        fail(path, f"not an integer: {value!r}")


def walk_timestamp(value, shape, path):
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        fail(path, f"a timestamp is a number of seconds, not {value!r}")
    if not 1_500_000_000 < value < 5_000_000_000:
        fail(path, f"{value!r} is no time of this century in seconds")


def hold_length(length, shape, path):
    least, most = shape.metadata.get("min", 0), shape.metadata.get("max", length)
    if not least <= length <= most:
        fail(path, f"length {length} is not within {least} and {most}")


class Checked:
    """Checks every answer that a boto3 KMS client gets, and counts them by operation."""

    def __init__(self, client):
        self.seen = {}
        self.refused = {}
        self.watch(client)

    def watch(self, client):
        """Checks the answers of one more client."""
        client.meta.events.register("before-parse.kms", self.check)

    def finish(self, script):
        """Holds that the script had an answer of every operation that it is there for."""
        missing = set(COVERED[script].split()) - set(self.seen)
        assert not missing, f"never answered: {missing}"
        print(f"{sum(self.seen.values())} answers of {len(self.seen)} operations are as botocore's model has them")

    def check(self, operation_model, response_dict, customized_response_dict, **_):
        headers, status = response_dict["headers"], response_dict["status_code"]
        name = operation_model.name
        assert headers["Content-Type"] == "application/x-amz-json-1.1", headers
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers["x-amzn-RequestId"]), headers
        assert re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", headers["Date"]), headers
        if status >= 300:
            body = json.loads(response_dict["body"])
            assert set(body) <= {"__type", "message"}, body
            self.refused.setdefault(body["__type"], set()).add(name)
            return
        self.seen[name] = self.seen.get(name, 0) + 1
        shape = operation_model.output_shape
        if shape is None or not shape.members:
            assert response_dict["body"] == b"", f"{name} has nothing to say: {response_dict['body']!r}"
            return
        body = json.loads(response_dict["body"])
        walk(body, shape, name)
        for member in ALWAYS[name]:
            if member not in body:
                fail(name, f"AWS always answers {member}")


def hold_that_wrong_answers_are_seen(client):
    """A checker that lets everything pass would make every test pass."""
    right = {"Rotations": [{"KeyId": "x", "KeyMaterialState": "CURRENT", "ValidTo": 1.9e9}], "Truncated": False}
    shape = client.meta.service_model.operation_model("ListKeyRotations").output_shape
    walk(right, shape, "right")
    entry = right["Rotations"][0]
    for wrong in [
        {**right, "More": 1},
        {**right, "Truncated": "false"},
        {**right, "Rotations": entry},
        {**right, "Rotations": [{**entry, "KeyMaterialState": "current"}]},
        {**right, "Rotations": [{**entry, "KeyMaterialId": "A" * 64}]},
        {**right, "Rotations": [{**entry, "KeyMaterialId": "a" * 63}]},
        {**right, "Rotations": [{**entry, "ValidTo": "2030-01-01"}]},
        {**right, "Rotations": [{**entry, "ValidTo": 1.9e12}]},
    ]:
        try:
            walk(wrong, shape, "wrong")
        except NotTheModel:
            continue
        raise AssertionError(f"the checker took {wrong}")
    described = client.meta.service_model.operation_model("DescribeKey").output_shape
    try:
        walk({"KeyMetadata": {}}, described, "wrong")
    except NotTheModel:
        return
    raise AssertionError("the checker took metadata without a KeyId")
