"""Deletion and expiry of imported material, and what they do to a key, through boto3.

Pages are docs.aws.amazon.com/kms/latest/APIReference/API_<operation>.html unless another is named.
"""

import datetime
import os

import answers
import room

kms = room.client()
checked = answers.Checked(kms)
DAY = 24 * 60 * 60


def create(**more):
    return kms.create_key(Origin="EXTERNAL", **more)["KeyMetadata"]


def materials(key):
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    return [(entry["KeyMaterialId"], entry["KeyMaterialState"], entry["ImportState"]) for entry in listed]


created = create()
key, arn = created["KeyId"], created["Arn"]
# developerguide/key-state.html: DeleteImportedKeyMaterial of a key in PendingImport succeeds, "(No effect)".
assert kms.delete_imported_key_material(KeyId=key)["KeyId"] == arn

# Three materials: an old one, the current one, one that waits.
secrets = [os.urandom(32) for _ in range(3)]
ids = []
for index, secret in enumerate(secrets):
    ids.append(room.import_material(kms, key, secret, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"])
    if index == 1:
        kms.rotate_key_on_demand(KeyId=key)
old, current, pending = ids
whole = [(old, "NON_CURRENT", "IMPORTED"), (current, "CURRENT", "IMPORTED"), (pending, "PENDING_ROTATION", "IMPORTED")]
assert materials(key) == whole
blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]

# DeleteImportedKeyMaterial, KeyMaterialId: "Identifies the imported key material you are deleting." What only waited
# is gone, the key works on, and its place is free.
deleted = kms.delete_imported_key_material(KeyId=key, KeyMaterialId=pending)
assert (deleted["KeyId"], deleted["KeyMaterialId"]) == (arn, pending)
assert room.state(kms, key) == "Enabled"
assert materials(key) == whole[:2]
with room.refused("NotFoundException"):
    kms.delete_imported_key_material(KeyId=key, KeyMaterialId=pending)
with room.refused("KMSInvalidStateException"):
    kms.rotate_key_on_demand(KeyId=key)
assert room.import_material(kms, key, os.urandom(32), ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"] != pending

# "If no KeyMaterialId is specified, KMS deletes the current key material", and the key stops, the old one's ciphertexts
# included, until exactly that is there again.
assert kms.delete_imported_key_material(KeyId=key)["KeyMaterialId"] == current
assert room.state(kms, key) == "PendingImport"
assert materials(key)[1] == (current, "CURRENT", "PENDING_IMPORT")
with room.refused("KMSInvalidStateException"):
    kms.decrypt(CiphertextBlob=blob)
with room.refused("IncorrectKeyMaterialException"):
    room.import_material(kms, key, os.urandom(32), ImportType="EXISTING_KEY_MATERIAL")
with room.refused("IncorrectKeyMaterialException"):
    room.import_material(kms, key, secrets[0], ImportType="EXISTING_KEY_MATERIAL", KeyMaterialId=current)
kms.delete_imported_key_material(KeyId=key, KeyMaterialId=old)
room.import_material(kms, key, secrets[1], KeyMaterialId=current)
assert room.state(kms, key) == "PendingImport"
room.import_material(kms, key, secrets[0])
assert room.state(kms, key) == "Enabled"
assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"

# ImportKeyMaterial: "the state of the KMS key changes to Enabled", of one that was disabled and then lost its material.
kms.disable_key(KeyId=key)
room.import_material(kms, key, secrets[1], KeyMaterialId=current)
assert room.state(kms, key) == "Disabled"
kms.delete_imported_key_material(KeyId=key, KeyMaterialId=current)
assert room.state(kms, key) == "PendingImport"
room.import_material(kms, key, secrets[1], KeyMaterialId=current)
assert room.state(kms, key) == "Enabled"

# "When the specified KMS key is in the PendingDeletion state, this operation does not change the KMS key's state."
kms.schedule_key_deletion(KeyId=key)
kms.delete_imported_key_material(KeyId=key, KeyMaterialId=old)
assert room.state(kms, key) == "PendingDeletion"
# developerguide/key-state.html [8]: no import into a key that is pending deletion.
with room.refused("KMSInvalidStateException"):
    room.parameters(kms, key)
kms.cancel_key_deletion(KeyId=key)
assert room.state(kms, key) == "PendingImport"
room.import_material(kms, key, secrets[0], KeyMaterialId=old)

# DescribeKey, ValidTo: the earliest expiry of any material. Then the key stops, whichever expired.
now = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
soon, late = now + datetime.timedelta(days=10), now + datetime.timedelta(days=300)
room.import_material(kms, key, secrets[0], KeyMaterialId=old, ValidTo=soon)
room.import_material(kms, key, secrets[1], KeyMaterialId=current, ValidTo=late)
metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
assert (metadata["ValidTo"], metadata["ExpirationModel"]) == (soon, "KEY_MATERIAL_EXPIRES")
with room.later(10 * DAY - 3600):
    assert room.state(kms, key) == "Enabled"
with room.later(10 * DAY):
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert metadata["KeyState"] == "PendingImport" and "ValidTo" not in metadata
    assert materials(key)[0] == (old, "NON_CURRENT", "PENDING_IMPORT")
    room.import_material(kms, key, secrets[0], KeyMaterialId=old)
    assert room.state(kms, key) == "Enabled"

# A token lives 24 hours: ExpiredImportTokenException.
fetched = room.parameters(kms, key)
with room.later(DAY + 1):
    with room.refused("ExpiredImportTokenException"):
        room.import_material(kms, key, secrets[1], fetched)

# Only into keys of origin EXTERNAL: UnsupportedOperationException.
made = kms.create_key()["KeyMetadata"]["KeyId"]
with room.refused("UnsupportedOperationException"):
    room.parameters(kms, made)
with room.refused("UnsupportedOperationException"):
    kms.delete_imported_key_material(KeyId=made)

# GetKeyRotationStatus: imported keys never rotate by themselves; of other than symmetric keys it is unsupported.
status = kms.get_key_rotation_status(KeyId=key)
assert status["KeyRotationEnabled"] is False and status["KeyId"] == key
signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
for call in [kms.get_key_rotation_status, kms.list_key_rotations, kms.rotate_key_on_demand]:
    with room.refused("UnsupportedOperationException"):
        call(KeyId=signing)

# RotateKeyOnDemand of a key whose material KMS made: new material at once, and no import states to tell of.
before = kms.encrypt(KeyId=made, Plaintext=b"y")["CiphertextBlob"]
first = kms.describe_key(KeyId=made)["KeyMetadata"]["CurrentKeyMaterialId"]
kms.rotate_key_on_demand(KeyId=made)
second = kms.describe_key(KeyId=made)["KeyMetadata"]["CurrentKeyMaterialId"]
listed = kms.list_key_rotations(KeyId=made, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
assert [entry["KeyMaterialId"] for entry in listed] == [first, second] and first != second
assert not any("ImportState" in entry or "ExpirationModel" in entry for entry in listed)
assert kms.decrypt(CiphertextBlob=before)["KeyMaterialId"] == first

# All the ways of wrapping a symmetric key, and those that are none
# (developerguide/importing-keys-get-public-key-and-token.html).
for algorithm in [room.OAEP_SHA_256, room.OAEP_SHA_1]:
    for spec in ["RSA_2048", "RSA_3072"]:
        target = create()["KeyId"]
        fetched = room.parameters(kms, target, spec, algorithm)
        room.import_material(kms, target, os.urandom(32), fetched, algorithm)
        assert room.state(kms, target) == "Enabled"
for algorithm in [room.KEY_WRAP_SHA_256, room.KEY_WRAP_SHA_1, "RSAES_PKCS1_V1_5", "SM2PKE"]:
    with room.refused("UnsupportedOperationException"):
        room.parameters(kms, key, "RSA_4096", algorithm)
# ImportKeyMaterial: wrapped by another algorithm than was asked for, InvalidCiphertextException.
target = create()["KeyId"]
fetched = room.parameters(kms, target, algorithm=room.OAEP_SHA_1)
with room.refused("InvalidCiphertextException"):
    room.import_material(kms, target, os.urandom(32), fetched, room.OAEP_SHA_256)

checked.finish("material")
