"""Data keys, re-encryption, random bytes and message codes through boto3; HMAC held to pyca/cryptography.

Pages are docs.aws.amazon.com/kms/latest/APIReference/API_<operation>.html unless another is named.
"""

import os

import answers
import room
from cryptography.hazmat.primitives import hashes, hmac

kms = room.client()
checked = answers.Checked(kms)


def create(**more):
    return kms.create_key(**more)["KeyMetadata"]


one, two = create(), create()
assert (one["KeyState"], one["Origin"], one["KeySpec"]) == ("Enabled", "AWS_KMS", "SYMMETRIC_DEFAULT")
assert one["EncryptionAlgorithms"] == ["SYMMETRIC_DEFAULT"] and one["CurrentKeyMaterialId"]
context = {"a": "b"}

# GenerateDataKey: AES_256, AES_128 or 1 to 1024 bytes, one of them; the plaintext is what the ciphertext holds.
sizes = [({"KeySpec": "AES_256"}, 32), ({"KeySpec": "AES_128"}, 16), ({"NumberOfBytes": 1}, 1), ({"NumberOfBytes": 1024}, 1024)]
for asked, size in sizes:
    made = kms.generate_data_key(KeyId=one["KeyId"], EncryptionContext=context, **asked)
    assert (made["KeyId"], made["KeyMaterialId"]) == (one["Arn"], one["CurrentKeyMaterialId"])
    assert len(made["Plaintext"]) == size
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=context)
    assert opened["Plaintext"] == made["Plaintext"]
    sealed = kms.generate_data_key_without_plaintext(KeyId=one["Arn"], **asked)
    assert "Plaintext" not in sealed
    assert len(kms.decrypt(CiphertextBlob=sealed["CiphertextBlob"])["Plaintext"]) == size
for asked in [{}, {"KeySpec": "AES_256", "NumberOfBytes": 32}, {"NumberOfBytes": 0}, {"NumberOfBytes": 1025}, {"KeySpec": "AES_512"}]:
    for operation in ["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"]:
        with room.refused("ValidationException"):
            room.unchecked(operation, {"KeyId": one["KeyId"], **asked})

# GenerateRandom: 1 to 1024 bytes.
assert len(kms.generate_random(NumberOfBytes=1024)["Plaintext"]) == 1024
for body in [{}, {"NumberOfBytes": 0}, {"NumberOfBytes": 1025}]:
    with room.refused("ValidationException"):
        room.unchecked("GenerateRandom", body)

# ReEncrypt: to another key, under another context.
blob = kms.encrypt(KeyId=one["KeyId"], Plaintext=b"x", EncryptionContext=context)["CiphertextBlob"]
moved = kms.re_encrypt(
    CiphertextBlob=blob,
    SourceEncryptionContext=context,
    DestinationKeyId=two["KeyId"],
    DestinationEncryptionContext={"c": "d"},
)
assert (moved["SourceKeyId"], moved["KeyId"]) == (one["Arn"], two["Arn"])
assert moved["SourceKeyMaterialId"] == one["CurrentKeyMaterialId"]
assert moved["DestinationKeyMaterialId"] == two["CurrentKeyMaterialId"]
opened = kms.decrypt(CiphertextBlob=moved["CiphertextBlob"], EncryptionContext={"c": "d"})
assert (opened["Plaintext"], opened["KeyId"]) == (b"x", two["Arn"])
# ReEncrypt: InvalidCiphertextException, IncorrectKeyException, NotFoundException.
with room.refused("InvalidCiphertextException"):
    kms.re_encrypt(CiphertextBlob=blob, DestinationKeyId=two["KeyId"])
with room.refused("IncorrectKeyException"):
    kms.re_encrypt(
        CiphertextBlob=blob, SourceEncryptionContext=context, SourceKeyId=two["KeyId"], DestinationKeyId=two["KeyId"]
    )
with room.refused("NotFoundException"):
    kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId="alias/unknown")

# HMAC keys, KMS's own and imported: the codes are RFC 2104's.
for size, hash in [(224, hashes.SHA224), (256, hashes.SHA256), (384, hashes.SHA384), (512, hashes.SHA512)]:
    spec, algorithm = f"HMAC_{size}", f"HMAC_SHA_{size}"
    imported = create(KeySpec=spec, KeyUsage="GENERATE_VERIFY_MAC", Origin="EXTERNAL")
    assert imported["MacAlgorithms"] == [algorithm] and imported["KeyState"] == "PendingImport"
    secret = os.urandom(size // 8)
    for wrong in [secret + b"x", secret[:-1]]:
        with room.refused("IncorrectKeyMaterialException"):
            room.import_material(kms, imported["KeyId"], wrong)
    # ImportKeyMaterial: ImportType, KeyMaterialId and KeyMaterialDescription are "only usable with symmetric
    # encryption keys".
    with room.refused("ValidationException"):
        room.import_material(kms, imported["KeyId"], secret, ImportType="NEW_KEY_MATERIAL")
    assert "KeyMaterialId" not in room.import_material(kms, imported["KeyId"], secret, algorithm=room.OAEP_SHA_1)
    made = kms.generate_mac(KeyId=imported["KeyId"], MacAlgorithm=algorithm, Message=b"message")
    expected = hmac.HMAC(secret, hash())
    expected.update(b"message")
    assert made["Mac"] == expected.finalize() and made["KeyId"] == imported["Arn"]
    asked = {"KeyId": imported["KeyId"], "MacAlgorithm": algorithm, "Message": b"message"}
    assert kms.verify_mac(Mac=made["Mac"], **asked)["MacValid"] is True
    # VerifyMac: KMSInvalidMacException.
    for wrong in [made["Mac"][:-1], made["Mac"][:-1] + bytes([made["Mac"][-1] ^ 1]), b"x"]:
        with room.refused("KMSInvalidMacException"):
            kms.verify_mac(Mac=wrong, **asked)
    with room.refused("DryRunOperationException", status=412):
        kms.generate_mac(DryRun=True, **asked)
    with room.refused("DryRunOperationException", status=412):
        kms.verify_mac(DryRun=True, Mac=made["Mac"], **asked)
    own = create(KeySpec=spec, KeyUsage="GENERATE_VERIFY_MAC")["KeyId"]
    code = kms.generate_mac(KeyId=own, MacAlgorithm=algorithm, Message=b"message")["Mac"]
    assert len(code) == size // 8 and code != made["Mac"]
    # One material for ever: "For asymmetric and HMAC keys, you cannot change the key material after the initial import."
    with room.refused("IncorrectKeyMaterialException"):
        room.import_material(kms, imported["KeyId"], os.urandom(size // 8))
    kms.delete_imported_key_material(KeyId=imported["KeyId"])
    with room.refused("KMSInvalidStateException"):
        kms.generate_mac(**asked)
    room.import_material(kms, imported["KeyId"], secret)
    assert kms.generate_mac(**asked)["Mac"] == made["Mac"]
# InvalidKeyUsageException: another usage, another algorithm.
with room.refused("InvalidKeyUsageException"):
    kms.generate_mac(KeyId=one["KeyId"], MacAlgorithm="HMAC_SHA_256", Message=b"x")
with room.refused("InvalidKeyUsageException"):
    kms.generate_mac(KeyId=own, MacAlgorithm="HMAC_SHA_256", Message=b"x")
for call in [
    lambda: kms.encrypt(KeyId=own, Plaintext=b"x"),
    lambda: kms.generate_data_key(KeyId=own, KeySpec="AES_256"),
    lambda: kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId=own),
]:
    with room.refused("InvalidKeyUsageException"):
        call()
# An asymmetric or HMAC key is wrapped by what AWS has for it.
with room.refused("UnsupportedOperationException"):
    room.parameters(kms, imported["KeyId"], algorithm=room.KEY_WRAP_SHA_256)

# DryRun, wherever the model has it: what would succeed is DryRunOperationException (developerguide/testing-permissions.html),
# what would fail fails by its own name.
dry = {"DryRun": True}
for call in [
    lambda: kms.encrypt(KeyId=one["KeyId"], Plaintext=b"x", **dry),
    lambda: kms.decrypt(CiphertextBlob=blob, EncryptionContext=context, **dry),
    lambda: kms.decrypt(KeyId=one["KeyId"], DryRunModifiers=["IGNORE_CIPHERTEXT"], **dry),
    lambda: kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext=context, DestinationKeyId=two["KeyId"], **dry),
    lambda: kms.re_encrypt(
        SourceKeyId=one["KeyId"], DestinationKeyId=two["KeyId"], DryRunModifiers=["IGNORE_CIPHERTEXT"], **dry
    ),
    lambda: kms.generate_data_key(KeyId=one["KeyId"], KeySpec="AES_256", **dry),
    lambda: kms.generate_data_key_without_plaintext(KeyId=one["KeyId"], KeySpec="AES_256", **dry),
]:
    with room.refused("DryRunOperationException", status=412):
        call()
with room.refused("InvalidCiphertextException"):
    kms.decrypt(CiphertextBlob=blob, **dry)
with room.refused("NotFoundException"):
    kms.encrypt(KeyId="alias/unknown", Plaintext=b"x", **dry)
with room.refused("ValidationException"):
    kms.decrypt(KeyId=one["KeyId"], DryRunModifiers=["IGNORE_CIPHERTEXT"])
model = kms.meta.service_model
dryable = {name for name in answers.ALWAYS if "DryRun" in model.operation_model(name).input_shape.members}
tried = {name for names in checked.refused.get("DryRunOperationException", []) for name in [names]}
assert dryable - tried == {"Sign", "Verify", "CreateGrant", "RevokeGrant"}, "those are tried in the other scripts"

checked.finish("symmetric")
