"""A key's life through boto3: import, rotation, aliases, encryption. Every answer is held to botocore's model."""

import concurrent.futures
import datetime
import os

import answers
import room

kms = room.client()
answers.hold_that_wrong_answers_are_seen(kms)
checked = answers.Checked(kms)

# A key that waits for its material.
created = kms.create_key(Origin="EXTERNAL", Description="payments", Tags=[{"TagKey": "team", "TagValue": "keys"}])
metadata = created["KeyMetadata"]
key, arn = metadata["KeyId"], metadata["Arn"]
assert arn == f"arn:aws:kms:{room.REGION}:111122223333:key/{key}"
assert (metadata["KeyState"], metadata["Enabled"], metadata["Origin"]) == ("PendingImport", False, "EXTERNAL")
assert "CurrentKeyMaterialId" not in metadata and "ExpirationModel" not in metadata

# The first material, under each size of wrapping key, the last of them imported.
for spec, size in [("RSA_2048", 256), ("RSA_3072", 384), ("RSA_4096", 512)]:
    fetched = room.parameters(kms, key, spec)
    assert fetched["KeyId"] == arn
    lifetime = fetched["ParametersValidTo"] - datetime.datetime.now(datetime.timezone.utc)
    assert abs(lifetime.total_seconds() - 24 * 60 * 60) < 60
    assert len(room.wrap(bytes(32), fetched)) == size
old = os.urandom(32)
first = room.import_material(kms, key, old, fetched, KeyMaterialDescription="first")
assert first["KeyId"] == arn
metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
assert (metadata["KeyState"], metadata["CurrentKeyMaterialId"]) == ("Enabled", first["KeyMaterialId"])
assert metadata["ExpirationModel"] == "KEY_MATERIAL_DOES_NOT_EXPIRE"

# An alias, and ciphertext from before.
kms.create_alias(AliasName="alias/payments", TargetKeyId=key)
context = {"purpose": "test", "größe": "1"}
before = kms.encrypt(KeyId="alias/payments", Plaintext=b"before", EncryptionContext=context)
assert before["KeyId"] == arn and before["EncryptionAlgorithm"] == "SYMMETRIC_DEFAULT"

# New material waits; proved by importing it again; then made current.
new = os.urandom(32)
valid_to = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=300)
pending = room.import_material(kms, key, new, ImportType="NEW_KEY_MATERIAL", ValidTo=valid_to)
again = room.import_material(
    kms, key, new, ImportType="EXISTING_KEY_MATERIAL", KeyMaterialId=pending["KeyMaterialId"], ValidTo=valid_to
)
assert again["KeyMaterialId"] == pending["KeyMaterialId"] != first["KeyMaterialId"]
assert kms.list_key_rotations(KeyId=key)["Rotations"] == []
listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
assert [entry["KeyMaterialState"] for entry in listed] == ["CURRENT", "PENDING_ROTATION"]
assert [entry["ImportState"] for entry in listed] == ["IMPORTED", "IMPORTED"]
assert "RotationDate" not in listed[0] and "RotationDate" not in listed[1]
assert listed[0]["KeyMaterialDescription"] == "first"
assert kms.rotate_key_on_demand(KeyId=key)["KeyId"] == key
listed = kms.list_key_rotations(KeyId=key)["Rotations"]
assert [entry["KeyMaterialId"] for entry in listed] == [pending["KeyMaterialId"]]
assert listed[0]["RotationType"] == "ON_DEMAND" and listed[0]["KeyMaterialState"] == "CURRENT"
assert abs((listed[0]["ValidTo"] - valid_to).total_seconds()) < 1
metadata = kms.describe_key(KeyId=arn)["KeyMetadata"]
assert metadata["CurrentKeyMaterialId"] == pending["KeyMaterialId"]
assert metadata["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"

# Old ciphertext opens with the old material, new ciphertext with the new, with and without a KeyId.
opened = kms.decrypt(CiphertextBlob=before["CiphertextBlob"], EncryptionContext=context)
assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"before", first["KeyMaterialId"])
after = kms.encrypt(KeyId=arn, Plaintext=b"after")
opened = kms.decrypt(CiphertextBlob=after["CiphertextBlob"], KeyId="alias/payments")
assert (opened["Plaintext"], opened["KeyMaterialId"]) == (b"after", pending["KeyMaterialId"])

# Aliases: moved, listed in pages.
other = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
kms.update_alias(AliasName="alias/payments", TargetKeyId=other)
assert kms.describe_key(KeyId=f"arn:aws:kms:{room.REGION}:111122223333:alias/payments")["KeyMetadata"]["KeyId"] == other
for number in range(5):
    kms.create_alias(AliasName=f"alias/more-{number}", TargetKeyId=key)
pages = list(kms.get_paginator("list_aliases").paginate(PaginationConfig={"PageSize": 2}))
assert [len(page["Aliases"]) for page in pages] == [2, 2, 2]
names = [alias["AliasName"] for page in pages for alias in page["Aliases"]]
assert names == [f"alias/more-{number}" for number in range(5)] + ["alias/payments"]
assert [alias["TargetKeyId"] for alias in kms.list_aliases(KeyId=other)["Aliases"]] == [other]

# Many at once are answered each with its own.
with concurrent.futures.ThreadPoolExecutor(8) as pool:
    fetches = list(pool.map(lambda _: room.parameters(kms, key), range(8)))
    texts = [str(number).encode() for number in range(64)]
    blobs = list(pool.map(lambda text: kms.encrypt(KeyId=key, Plaintext=text)["CiphertextBlob"], texts))
    assert list(pool.map(lambda blob: kms.decrypt(CiphertextBlob=blob)["Plaintext"], blobs)) == texts
assert len({fetched["PublicKey"] for fetched in fetches}) == len({fetched["ImportToken"] for fetched in fetches}) == 8

# The policy is a JSON document, AWS's default.
policy = kms.get_key_policy(KeyId=key)
assert policy["PolicyName"] == "default" and '"AWS" : "arn:aws:iam::111122223333:root"' in policy["Policy"]

# Who is calling, through STS at the same address.
identity = room.client("sts").get_caller_identity()
assert identity["Account"] == "111122223333"
assert identity["Arn"] == "arn:aws:iam::111122223333:user/rehearsal"
assert identity["UserId"]

# A seeded key, its material exported, and the calls in order.
seeded = room.admin(action="seed-external-key", alias="alias/seeded", description="old")
metadata = kms.describe_key(KeyId="alias/seeded")["KeyMetadata"]
assert (metadata["Arn"], metadata["CurrentKeyMaterialId"]) == (seeded["arn"], seeded["materialId"])
exported = room.admin(action="export-material", keyArn=arn, materialId=pending["KeyMaterialId"])
assert bytes.fromhex(exported["materialHex"]) == new
# Seeds of other kinds: one that waits for its material, with an alias or without; other specs; another Region.
waiting = room.admin(action="seed-external-key", state="PendingImport")
assert set(waiting) == {"keyId", "arn"} and room.state(kms, waiting["keyId"]) == "PendingImport"
room.admin(action="seed-external-key", state="PendingImport", alias="alias/waiting", description="waits")
assert kms.describe_key(KeyId="alias/waiting")["KeyMetadata"]["Description"] == "waits"
for spec, usage in [("HMAC_384", "GENERATE_VERIFY_MAC"), ("ECC_NIST_P256", "SIGN_VERIFY"), ("RSA_2048", "ENCRYPT_DECRYPT")]:
    other_kind = room.admin(action="seed-external-key", alias=f"alias/{spec}", keySpec=spec, keyUsage=usage)
    metadata = kms.describe_key(KeyId=other_kind["arn"])["KeyMetadata"]
    assert (metadata["KeySpec"], metadata["KeyUsage"]) == (spec, usage)
    assert (metadata["KeyState"], metadata["Origin"]) == ("Enabled", "EXTERNAL")
abroad = room.admin(action="seed-external-key", alias="alias/seeded", region="us-east-1")
assert room.client(region_name="us-east-1").describe_key(KeyId="alias/seeded")["KeyMetadata"]["Arn"] == abroad["arn"]
exported = room.admin(action="export-material", keyArn=abroad["arn"], materialId=abroad["materialId"])
assert len(exported["materialHex"]) == 64
calls = room.admin(action="calls")["calls"]
assert calls[0] == {"operation": "CreateKey", "keyId": key}
assert [call for call in calls if call["operation"] == "RotateKeyOnDemand"] == [
    {"operation": "RotateKeyOnDemand", "keyId": key}
]

checked.finish("ceremony")
