"""Asymmetric keys, made by the emulator and imported, with the openssl program as the one who signs, verifies and opens.

Pages are docs.aws.amazon.com/kms/latest/APIReference/API_<operation>.html unless another is named.
"""

import hashlib
import pathlib
import subprocess
import tempfile

import answers
import room

kms = room.client()
checked = answers.Checked(kms)
folder = pathlib.Path(tempfile.mkdtemp(dir=room.FOLDER))

RSA_SIGNING = [f"RSASSA_{padding}_SHA_{size}" for padding in ["PKCS1_V1_5", "PSS"] for size in [256, 384, 512]]
# developerguide/symm-asymm-choose-key-spec.html, and OpenSSL's way to make such a key.
SIGNING = {
    "RSA_2048": (RSA_SIGNING, ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"]),
    "RSA_3072": (RSA_SIGNING, ["RSA", "-pkeyopt", "rsa_keygen_bits:3072"]),
    "RSA_4096": (RSA_SIGNING, ["RSA", "-pkeyopt", "rsa_keygen_bits:4096"]),
    "ECC_NIST_P256": (["ECDSA_SHA_256"], ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"]),
    "ECC_NIST_P384": (["ECDSA_SHA_384"], ["EC", "-pkeyopt", "ec_paramgen_curve:P-384"]),
    "ECC_NIST_P521": (["ECDSA_SHA_512"], ["EC", "-pkeyopt", "ec_paramgen_curve:P-521"]),
    "ECC_SECG_P256K1": (["ECDSA_SHA_256"], ["EC", "-pkeyopt", "ec_paramgen_curve:secp256k1"]),
}
MESSAGE = b"a message of some length"


def openssl(*arguments, input=b""):
    return subprocess.run(["/usr/bin/openssl", *arguments], input=input, capture_output=True, check=True).stdout


def file(name, content):
    path = folder / name
    path.write_bytes(content)
    return str(path)


def new_key(spec):
    """PKCS #8 DER of a new key, as openssl makes it."""
    made = openssl("genpkey", "-algorithm", *SIGNING[spec][1], "-outform", "DER")
    return openssl("pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER", input=made)


def padding(algorithm):
    """OpenSSL's options for KMS's algorithm; PSS has a salt as long as its hash (developerguide, RSASSA_PSS)."""
    if "PSS" in algorithm:
        return ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"]
    return []


def hash_of(algorithm):
    return "sha" + algorithm[-3:]


def verified_by_openssl(public, algorithm, signature):
    arguments = ["dgst", f"-{hash_of(algorithm)}", "-keyform", "DER", "-verify", file("public", public)]
    openssl(*arguments, "-signature", file("signature", signature), *padding(algorithm), input=MESSAGE)


def signed_by_openssl(private, algorithm):
    return openssl("dgst", f"-{hash_of(algorithm)}", "-keyform", "DER", "-sign", file("private", private), *padding(algorithm), input=MESSAGE)


def hold_signing(key, arn, spec):
    """What KMS signs openssl verifies, RAW and DIGEST; what was changed KMS refuses."""
    public = kms.get_public_key(KeyId=key)
    assert (public["KeyId"], public["KeySpec"], public["KeyUsage"]) == (arn, spec, "SIGN_VERIFY")
    assert public["CustomerMasterKeySpec"] == spec and "EncryptionAlgorithms" not in public
    assert sorted(public["SigningAlgorithms"]) == sorted(SIGNING[spec][0])
    for algorithm in SIGNING[spec][0]:
        digest = hashlib.new(hash_of(algorithm), MESSAGE).digest()
        for kind, message in [({}, MESSAGE), ({"MessageType": "RAW"}, MESSAGE), ({"MessageType": "DIGEST"}, digest)]:
            asked = {"KeyId": key, "Message": message, "SigningAlgorithm": algorithm, **kind}
            made = kms.sign(**asked)
            assert (made["KeyId"], made["SigningAlgorithm"]) == (arn, algorithm)
            verified_by_openssl(public["PublicKey"], algorithm, made["Signature"])
            assert kms.verify(Signature=made["Signature"], **asked)["SignatureValid"] is True
        # Verify: "If the signature verification fails, Verify fails with a KMSInvalidSignatureException".
        with room.refused("KMSInvalidSignatureException"):
            kms.verify(**{**asked, "Message": digest[:-1] + bytes([digest[-1] ^ 1])}, Signature=made["Signature"])
        with room.refused("KMSInvalidSignatureException"):
            kms.verify(**asked, Signature=made["Signature"][:-1])
        for length in [len(digest) - 1, len(digest) + 1]:
            with room.refused("ValidationException"):
                kms.sign(**{**asked, "Message": bytes(length)})
        with room.refused("DryRunOperationException", status=412):
            kms.sign(DryRun=True, **asked)
        with room.refused("DryRunOperationException", status=412):
            kms.verify(DryRun=True, Signature=made["Signature"], **asked)
    stranger = "ECDSA_SHA_256" if spec.startswith("RSA") else "RSASSA_PSS_SHA_256"
    with room.refused("InvalidKeyUsageException"):
        kms.sign(KeyId=key, Message=MESSAGE, SigningAlgorithm=stranger)
    with room.refused("InvalidKeyUsageException"):
        kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionAlgorithm="RSAES_OAEP_SHA_256")
    with room.refused("ValidationException"):
        kms.sign(KeyId=key, Message=bytes(4097), SigningAlgorithm=SIGNING[spec][0][0])
    return public["PublicKey"]


def hold_encryption(key, arn, spec):
    """KMS opens what openssl encrypted under the public key, and itself."""
    public = kms.get_public_key(KeyId=key)
    assert public["EncryptionAlgorithms"] == ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
    assert "SigningAlgorithms" not in public
    name = file("public", public["PublicKey"])
    # Encrypt, Plaintext: the most bytes by spec and algorithm.
    room_for = {"RSA_2048": (214, 190), "RSA_3072": (342, 318), "RSA_4096": (470, 446)}[spec]
    for hash, most in zip(["sha1", "sha256"], room_for):
        algorithm = "RSAES_OAEP_SHA_" + hash[3:]
        options = [f"rsa_padding_mode:oaep", f"rsa_oaep_md:{hash}", f"rsa_mgf1_md:{hash}"]
        options = [word for option in options for word in ["-pkeyopt", option]]
        theirs = openssl("pkeyutl", "-encrypt", "-pubin", "-keyform", "DER", "-inkey", name, *options, input=b"theirs")
        opened = kms.decrypt(KeyId=key, CiphertextBlob=theirs, EncryptionAlgorithm=algorithm)
        assert (opened["Plaintext"], opened["KeyId"], opened["EncryptionAlgorithm"]) == (b"theirs", arn, algorithm)
        assert "KeyMaterialId" not in opened
        ours = kms.encrypt(KeyId=key, Plaintext=bytes(most), EncryptionAlgorithm=algorithm)
        opened = kms.decrypt(KeyId=key, CiphertextBlob=ours["CiphertextBlob"], EncryptionAlgorithm=algorithm)
        assert opened["Plaintext"] == bytes(most)
        with room.refused("ValidationException"):
            kms.encrypt(KeyId=key, Plaintext=bytes(most + 1), EncryptionAlgorithm=algorithm)
        with room.refused("ValidationException"):
            kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionAlgorithm=algorithm, EncryptionContext={"a": "b"})
    with room.refused("InvalidCiphertextException"):
        kms.decrypt(KeyId=key, CiphertextBlob=theirs, EncryptionAlgorithm="RSAES_OAEP_SHA_1")
    # Encrypt: "The default value, SYMMETRIC_DEFAULT, is the algorithm used for symmetric encryption KMS keys."
    with room.refused("InvalidKeyUsageException"):
        kms.encrypt(KeyId=key, Plaintext=b"x")
    # Decrypt, KeyId: "This parameter is required only when the ciphertext was encrypted under an asymmetric KMS key."
    with room.refused("ValidationException"):
        kms.decrypt(CiphertextBlob=theirs, EncryptionAlgorithm=algorithm)
    with room.refused("InvalidKeyUsageException"):
        kms.sign(KeyId=key, Message=b"x", SigningAlgorithm="RSASSA_PSS_SHA_256")
    symmetric = kms.create_key()["KeyMetadata"]["Arn"]
    moved = kms.re_encrypt(
        CiphertextBlob=theirs, SourceKeyId=key, SourceEncryptionAlgorithm=algorithm, DestinationKeyId=symmetric
    )
    assert kms.decrypt(CiphertextBlob=moved["CiphertextBlob"])["Plaintext"] == b"theirs"
    assert "SourceKeyMaterialId" not in moved and moved["DestinationKeyMaterialId"]


def allowed(spec):
    """Wrapping algorithms and wrapping keys of developerguide/importing-keys-get-public-key-and-token.html."""
    key_wraps = [room.KEY_WRAP_SHA_256, room.KEY_WRAP_SHA_1]
    oaep = [room.OAEP_SHA_256, room.OAEP_SHA_1]
    pairs = [(algorithm, "RSA_2048") for algorithm in key_wraps]
    if spec == "ECC_NIST_P521":
        pairs += [(algorithm, "RSA_3072") for algorithm in oaep]
    elif spec.startswith("ECC"):
        pairs += [(algorithm, "RSA_2048") for algorithm in oaep]
    return pairs


privates = {}
for spec in SIGNING:
    if spec not in ["RSA_3072", "RSA_4096"]:
        made = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]
        assert made["KeyState"] == "Enabled" and "CurrentKeyMaterialId" not in made
        hold_signing(made["KeyId"], made["Arn"], spec)

    # An imported key is the key that openssl has.
    private = privates[spec] = new_key(spec)
    public = openssl("pkey", "-inform", "DER", "-pubout", "-outform", "DER", input=private)
    imported = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY", Origin="EXTERNAL")["KeyMetadata"]
    with room.refused("KMSInvalidStateException"):
        kms.get_public_key(KeyId=imported["KeyId"])
    for algorithm, wrapping in allowed(spec):
        fetched = room.parameters(kms, imported["KeyId"], wrapping, algorithm)
        room.import_material(kms, imported["KeyId"], private, fetched, algorithm)
    assert hold_signing(imported["KeyId"], imported["Arn"], spec) == public
    for algorithm in SIGNING[spec][0]:
        theirs = signed_by_openssl(private, algorithm)
        asked = {"KeyId": imported["KeyId"], "Message": MESSAGE, "SigningAlgorithm": algorithm}
        assert kms.verify(Signature=theirs, **asked)["SignatureValid"] is True
        if "PKCS1" in algorithm:
            assert kms.sign(**asked)["Signature"] == theirs

    # What is not that key is IncorrectKeyMaterialException: another key, another spec, no key, a key and more.
    others = [new_key("ECC_NIST_P384" if spec != "ECC_NIST_P384" else "ECC_NIST_P256")]
    if spec not in ["RSA_3072", "RSA_4096"]:
        others.append(new_key(spec))
    fetched = room.parameters(kms, imported["KeyId"], algorithm=room.KEY_WRAP_SHA_256)
    for wrong in [*others, public, bytes(100), private + b"x"]:
        with room.refused("IncorrectKeyMaterialException"):
            room.import_material(kms, imported["KeyId"], wrong, fetched, room.KEY_WRAP_SHA_256)
    with room.refused("InvalidCiphertextException"):
        kms.import_key_material(
            KeyId=imported["KeyId"],
            ImportToken=fetched["ImportToken"],
            EncryptedKeyMaterial=room.wrap(bytes(32), fetched) + bytes(40),
            ExpirationModel="KEY_MATERIAL_DOES_NOT_EXPIRE",
        )
    refused = [room.OAEP_SHA_256, room.OAEP_SHA_1]
    if not spec.startswith("ECC") or spec == "ECC_NIST_P521":
        for algorithm in refused:
            with room.refused("UnsupportedOperationException"):
                room.parameters(kms, imported["KeyId"], "RSA_2048", algorithm)

    # Deleted, and the same again.
    kms.delete_imported_key_material(KeyId=imported["KeyId"])
    with room.refused("KMSInvalidStateException"):
        kms.sign(KeyId=imported["KeyId"], Message=b"x", SigningAlgorithm=SIGNING[spec][0][0])
    room.import_material(kms, imported["KeyId"], private, fetched, room.KEY_WRAP_SHA_256)
    assert kms.get_public_key(KeyId=imported["KeyId"])["PublicKey"] == public

# An elliptic curve key whose parameters are written out is refused: "Named curves only"
# (developerguide/importing-keys-conceptual.html).
explicit = openssl(
    "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt", "ec_param_enc:explicit",
    "-outform", "DER",
)
explicit = openssl("pkcs8", "-topk8", "-nocrypt", "-inform", "DER", "-outform", "DER", input=explicit)
target = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY", Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
with room.refused("IncorrectKeyMaterialException"):
    room.import_material(kms, target, explicit, algorithm=room.KEY_WRAP_SHA_256)

made = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]
assert made["EncryptionAlgorithms"] == ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
hold_encryption(made["KeyId"], made["Arn"], "RSA_2048")
for spec in ["RSA_2048", "RSA_3072", "RSA_4096"]:
    imported = kms.create_key(KeySpec=spec, KeyUsage="ENCRYPT_DECRYPT", Origin="EXTERNAL")["KeyMetadata"]
    room.import_material(kms, imported["KeyId"], privates[spec], algorithm=room.KEY_WRAP_SHA_256)
    hold_encryption(imported["KeyId"], imported["Arn"], spec)

# GetPublicKey of a symmetric key: UnsupportedOperationException. Of a disabled one: DisabledException.
with room.refused("UnsupportedOperationException"):
    kms.get_public_key(KeyId=kms.create_key()["KeyMetadata"]["KeyId"])
kms.disable_key(KeyId=made["KeyId"])
with room.refused("DisabledException"):
    kms.get_public_key(KeyId=made["KeyId"])

checked.finish("asymmetric")
