"""What AWS refuses, and under which name. Each name is a literal from the page beside it, not from our code."""

import datetime
import os
import urllib.error

import answers
import room
from cryptography.hazmat.primitives import hashes

# Errors are those of docs.aws.amazon.com/kms/latest/APIReference/API_<operation>.html unless another page is named.
kms = room.client()
checked = answers.Checked(kms)
unknown = "1234abcd-12ab-34cd-56ef-1234567890ab"
key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
other = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]

# DescribeKey: NotFoundException, InvalidArnException.
with room.refused("NotFoundException"):
    kms.describe_key(KeyId=unknown)
with room.refused("NotFoundException"):
    kms.describe_key(KeyId="alias/unknown")
with room.refused("InvalidArnException"):
    kms.describe_key(KeyId="arn:aws:kms:nonsense")

# developerguide/key-state.html: cryptographic operations on a key in PendingImport fail with KMSInvalidStateException.
with room.refused("KMSInvalidStateException"):
    kms.encrypt(KeyId=key, Plaintext=b"x")
with room.refused("KMSInvalidStateException"):
    kms.rotate_key_on_demand(KeyId=key)

# ImportKeyMaterial: InvalidCiphertextException, "KMS could not decrypt the encrypted (wrapped) key material".
fetched = room.parameters(kms, key)
never = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
with room.refused("InvalidCiphertextException"):
    wrapped = room.wrap(os.urandom(32), fetched, hashes.SHA1)
    kms.import_key_material(KeyId=key, ImportToken=fetched["ImportToken"], EncryptedKeyMaterial=wrapped, **never)
# ImportKeyMaterial: IncorrectKeyMaterialException, "the key material in the request is, expired, invalid, …".
with room.refused("IncorrectKeyMaterialException"):
    room.import_material(kms, key, os.urandom(16), fetched)
# ImportKeyMaterial: InvalidImportTokenException, "invalid or is associated with a different KMS key".
with room.refused("InvalidImportTokenException"):
    room.import_material(kms, other, os.urandom(32), fetched)
with room.refused("InvalidImportTokenException"):
    room.import_material(kms, key, os.urandom(32), {**fetched, "ImportToken": b"x"})
# ImportKeyMaterial, ValidTo: "required when … KEY_MATERIAL_EXPIRES. Otherwise it is not valid"; in the future; within
# 365 days. Constraints are ValidationError of CommonErrors.html, ValidationException on the wire.
now = datetime.datetime.now(datetime.timezone.utc)
with room.refused("ValidationException"):
    room.import_material(kms, key, os.urandom(32), fetched, ExpirationModel="KEY_MATERIAL_EXPIRES")
with room.refused("ValidationException"):
    room.import_material(kms, key, os.urandom(32), fetched, ValidTo=now, **never)
with room.refused("ValidationException"):
    room.import_material(kms, key, os.urandom(32), fetched, ValidTo=now - datetime.timedelta(hours=1))
with room.refused("ValidationException"):
    room.import_material(kms, key, os.urandom(32), fetched, ValidTo=now + datetime.timedelta(days=366))

# ImportKeyMaterial: IncorrectKeyMaterialException, "not the same key material that was previously imported or KMS
# expected new key material but the key material being imported is already associated with the KMS key".
first = os.urandom(32)
first_id = room.import_material(kms, key, first, fetched)["KeyMaterialId"]
with room.refused("IncorrectKeyMaterialException"):
    room.import_material(kms, key, os.urandom(32), fetched, ImportType="EXISTING_KEY_MATERIAL", KeyMaterialId=first_id)
with room.refused("IncorrectKeyMaterialException"):
    room.import_material(kms, key, first, fetched, ImportType="NEW_KEY_MATERIAL")
# ImportKeyMaterial, ImportType: after the first import the default is EXISTING_KEY_MATERIAL.
with room.refused("IncorrectKeyMaterialException"):
    room.import_material(kms, key, os.urandom(32), fetched)
# ImportKeyMaterial, KeyMaterialId: "You cannot specify a key material ID with ImportType set to NEW_KEY_MATERIAL".
with room.refused("ValidationException"):
    room.import_material(kms, key, first, fetched, ImportType="NEW_KEY_MATERIAL", KeyMaterialId=first_id)

# developerguide/rotating-keys-on-demand.html: imported keys rotate only when material is pending.
with room.refused("KMSInvalidStateException"):
    kms.rotate_key_on_demand(KeyId=key)
# developerguide/importing-keys-import-key-material.html: one pending material at a time. The name is inferred.
room.import_material(kms, key, os.urandom(32), fetched, ImportType="NEW_KEY_MATERIAL")
with room.refused("KMSInvalidStateException"):
    room.import_material(kms, key, os.urandom(32), fetched, ImportType="NEW_KEY_MATERIAL")
# RotateKeyOnDemand: "a maximum of 25 times per KMS key"; LimitExceededException.
kms.rotate_key_on_demand(KeyId=key)
for _ in range(24):
    room.import_material(kms, key, os.urandom(32), fetched, ImportType="NEW_KEY_MATERIAL")
    kms.rotate_key_on_demand(KeyId=key)
room.import_material(kms, key, os.urandom(32), fetched, ImportType="NEW_KEY_MATERIAL")
with room.refused("LimitExceededException"):
    kms.rotate_key_on_demand(KeyId=key)
pages = kms.get_paginator("list_key_rotations").paginate(
    KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL", PaginationConfig={"PageSize": 10}
)
listed = [entry for page in pages for entry in page["Rotations"]]
assert len({entry["KeyMaterialId"] for entry in listed}) == len(listed) == 27
# ListKeyRotations: InvalidMarkerException.
with room.refused("InvalidMarkerException"):
    kms.list_key_rotations(KeyId=key, Marker="nonsense")

# Decrypt: InvalidCiphertextException, "the specified ciphertext, or additional authenticated data …, is corrupted".
blob = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
with room.refused("InvalidCiphertextException"):
    kms.decrypt(CiphertextBlob=blob)
with room.refused("InvalidCiphertextException"):
    kms.decrypt(CiphertextBlob=blob[:-1] + bytes([blob[-1] ^ 1]), EncryptionContext={"a": "b"})
# Decrypt: IncorrectKeyException, "the specified KMS key cannot decrypt the data".
room.import_material(kms, other, os.urandom(32))
with room.refused("IncorrectKeyException"):
    kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"}, KeyId=other)
# Encrypt: DryRunOperationException, status 412; InvalidKeyUsageException.
with room.refused("DryRunOperationException", status=412):
    kms.encrypt(KeyId=key, Plaintext=b"x", DryRun=True)
with room.refused("InvalidKeyUsageException"):
    kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256")
# Encrypt, Plaintext: 1 to 4096 bytes. Botocore would let the longer one through.
with room.refused("ValidationException"):
    kms.encrypt(KeyId=key, Plaintext=bytes(4097))

# CreateAlias: AlreadyExistsException; TargetKeyId is "the key ID or key ARN".
kms.create_alias(AliasName="alias/payments", TargetKeyId=key)
with room.refused("AlreadyExistsException"):
    kms.create_alias(AliasName="alias/payments", TargetKeyId=other)
with room.refused("ValidationException"):
    kms.create_alias(AliasName="alias/second", TargetKeyId="alias/payments")
with room.refused("NotFoundException"):
    kms.create_alias(AliasName="alias/second", TargetKeyId=unknown)
# UpdateAlias: NotFoundException.
with room.refused("NotFoundException"):
    kms.update_alias(AliasName="alias/unknown", TargetKeyId=key)
# GetKeyPolicy: NotFoundException; "The only valid name is default".
with room.refused("NotFoundException"):
    kms.get_key_policy(KeyId=key, PolicyName="other")
# CreateKey: MalformedPolicyDocumentException, TagException, UnsupportedOperationException.
with room.refused("MalformedPolicyDocumentException"):
    kms.create_key(Origin="EXTERNAL", Policy="{")
with room.refused("TagException"):
    kms.create_key(Origin="EXTERNAL", Tags=[{"TagKey": "aws:x", "TagValue": ""}])
with room.refused("UnsupportedOperationException"):
    kms.create_key(Origin="EXTERNAL", KeySpec="ML_DSA_44", KeyUsage="SIGN_VERIFY")
# CommonErrors.html: an operation that is not there. Nothing that botocore knows is half there.
known = set(kms.meta.service_model.operation_names)
assert set(answers.ALWAYS) < known
absent = sorted(known - set(answers.ALWAYS))
for operation in absent:
    with room.refused("UnknownOperationException"):
        room.unchecked(operation, {})

# The admin path takes what it knows and nothing else.
for request in [
    {"action": "nonsense"},
    {"action": "calls", "more": 1},
    {"action": "seed-external-key"},
    {"action": "seed-external-key", "alias": "alias/x", "keyId": key},
    {"action": "seed-external-key", "alias": "alias/x", "state": "Disabled"},
    {"action": "seed-external-key", "alias": "alias/x", "keySpec": "SM2"},
    {"action": "seed-external-key", "alias": "alias/x", "keyUsage": "SIGN_VERIFY"},
    {"action": "seed-external-key", "alias": "alias/x", "region": "nowhere"},
    {"action": "set-clock-offset", "seconds": "1"},
    {"action": "set-clock-offset", "seconds": 1e300},
    {"action": "export-material", "keyArn": key, "materialId": "0" * 64},
]:
    try:
        room.admin(**request)
    except urllib.error.HTTPError as error:
        assert error.code == 400, error
    else:
        raise AssertionError(f"the admin path took {request}")

calls = room.admin(action="calls")["calls"]
assert sum(call["operation"] == "RotateKeyOnDemand" and "error" not in call for call in calls) == 25
assert calls[-1] == {"operation": absent[-1], "error": "UnknownOperationException"}
print(f"{len(checked.refused)} names of refusals: {', '.join(sorted(checked.refused))}")
