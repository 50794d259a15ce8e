"""Holds KMS, as AWS's own client sees it, to the plan and the transcript of a ceremony that was closed."""

import base64
import hashlib
import json
import os
import sys

import boto3

folder = sys.argv[1]
with open(os.path.join(folder, "plan.json")) as file:
    slot = json.load(file)["slots"][0]
with open(os.path.join(folder, "transcript.jsonl")) as file:
    lines = [json.loads(line) for line in file]
new = next(line["body"]["material"] for line in lines if line["kind"] == "imported")
old = slot["currentMaterial"]
assert new != old

kms = boto3.client("kms")

probe = kms.decrypt(CiphertextBlob=base64.b64decode(slot["probe"]["ciphertext"]))
assert probe["KeyMaterialId"] == old, probe["KeyMaterialId"]
assert hashlib.sha256(probe["Plaintext"]).hexdigest() == slot["probe"]["plaintext"]

key = kms.describe_key(KeyId=slot["alias"])["KeyMetadata"]
assert key["Arn"] == slot["key"] and key["KeyState"] == "Enabled", key
assert key["CurrentKeyMaterialId"] == new, key

made = kms.encrypt(KeyId=slot["alias"], Plaintext=b"after the ceremony")
opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"])
assert opened["Plaintext"] == b"after the ceremony" and opened["KeyMaterialId"] == new, opened["KeyMaterialId"]

materials = kms.list_key_rotations(KeyId=slot["key"], IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
states = {material["KeyMaterialId"]: material["KeyMaterialState"] for material in materials}
assert states == {old: "NON_CURRENT", new: "CURRENT"}, states

print("as planned")
