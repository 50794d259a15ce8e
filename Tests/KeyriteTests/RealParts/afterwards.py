"""Holds KMS, as AWS's own client sees it, to the plan and the transcript of a ceremony that was closed."""

import base64
import hashlib
import json
import os
import sys
from urllib.parse import unquote

import boto3
from botocore.exceptions import ClientError

folder = sys.argv[1]
with open(os.path.join(folder, "plan.json")) as file:
    slots = json.load(file)["slots"]
with open(os.path.join(folder, "transcript.jsonl")) as file:
    lines = [json.loads(line) for line in file]

kms = boto3.client("kms")


def done(kind, slot):
    return next(line["body"] for line in lines if line["kind"] == kind and line["body"]["slot"] == slot["slot"])


def states(key):
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    return {material["KeyMaterialId"]: material["KeyMaterialState"] for material in listed}


def expect_old(slot):
    """What was encrypted before still decrypts, with the key and the material that did it."""
    ciphertext = base64.b64decode(slot["probe"]["ciphertext"])
    probe = kms.decrypt(CiphertextBlob=ciphertext)
    assert probe["KeyId"] == slot["key"] and probe["KeyMaterialId"] == slot["currentMaterial"], probe
    assert hashlib.sha256(probe["Plaintext"]).hexdigest() == slot["probe"]["plaintext"]


def expect_current(name, key, new):
    """The key is enabled under this name and encrypts with the new material."""
    found = kms.describe_key(KeyId=name)["KeyMetadata"]
    assert found["Arn"] == key and found["KeyState"] == "Enabled", found
    assert found["CurrentKeyMaterialId"] == new, found
    made = kms.encrypt(KeyId=name, Plaintext=b"after the ceremony")
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
    assert opened["Plaintext"] == b"after the ceremony" and opened["KeyId"] == key, opened
    assert opened["KeyMaterialId"] == new, opened


def expect_new_key(key, slot):
    """The new key is what the plan says, and the old one as it was."""
    wanted = slot["new"]
    found = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert found["Description"] == unquote(wanted["description"]), found
    assert found["MultiRegion"] == wanted["multiRegion"] and found["Origin"] == "EXTERNAL", found
    policy = kms.get_key_policy(KeyId=key)["Policy"]
    assert policy == unquote(wanted["policy"])
    assert hashlib.sha256(policy.encode()).hexdigest() == wanted["policyDigest"]
    tags = {tag["TagKey"]: tag["TagValue"] for tag in kms.list_resource_tags(KeyId=key)["Tags"]}
    assert tags == {unquote(tag["key"]): unquote(tag["value"]) for tag in wanted["tags"]}, tags
    assert tags["keyrite"] == slot["label"]
    assert states(slot["key"])[slot["currentMaterial"]] == "CURRENT"
    try:
        kms.decrypt(CiphertextBlob=base64.b64decode(slot["probe"]["ciphertext"]), KeyId=key)
    except ClientError as error:
        assert error.response["Error"]["Code"] == "IncorrectKeyException", error
    else:
        raise AssertionError("the new key decrypts what the old one encrypted")


for slot in slots:
    new = done("imported", slot)["material"]
    key = slot["key"]
    if slot["strategy"] == "replace":
        key = done("created", slot)["key"]
        expect_new_key(key, slot)
    if slot["strategy"] == "rotate":
        assert states(key) == {slot["currentMaterial"]: "NON_CURRENT", new: "CURRENT"}, states(key)
    else:
        assert states(key) == {new: "CURRENT"}, states(key)
    if slot["strategy"] != "import":
        expect_old(slot)
    expect_current(slot.get("alias", key), key, new)

print("as planned")
