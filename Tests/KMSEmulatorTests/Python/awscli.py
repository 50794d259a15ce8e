"""The aws program imports, rotates and moves an alias, as its manual has it: arguments, files and text, no Python."""

import base64
import json
import pathlib
import subprocess
import sys
import tempfile

import room

folder = pathlib.Path(tempfile.mkdtemp(dir=room.FOLDER))
AWS = pathlib.Path(sys.executable).with_name("aws")
assert AWS.exists(), f"there is no {AWS}: scripts/test installs it"


def aws(*arguments, code=0):
    """Runs `aws kms …`; returns its JSON."""
    done = subprocess.run(
        [sys.executable, AWS, "--endpoint-url", room.ENDPOINT, "--output", "json", "kms", *arguments],
        capture_output=True,
        text=True,
        cwd=folder,
    )
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout) if done.stdout else done.stderr


def openssl(*arguments):
    subprocess.run(["/usr/bin/openssl", *arguments], check=True, capture_output=True, cwd=folder)


def import_material(key, *more):
    """developerguide/importing-keys.html, step by step, with openssl as there."""
    fetched = aws(
        "get-parameters-for-import", "--key-id", key, "--wrapping-algorithm", "RSAES_OAEP_SHA_256",
        "--wrapping-key-spec", "RSA_4096",
    )
    (folder / "PublicKey.b64").write_text(fetched["PublicKey"])
    (folder / "importtoken.b64").write_text(fetched["ImportToken"])
    openssl("enc", "-d", "-base64", "-A", "-in", "PublicKey.b64", "-out", "WrappingPublicKey.bin")
    openssl("enc", "-d", "-base64", "-A", "-in", "importtoken.b64", "-out", "ImportToken.bin")
    openssl("rand", "-out", "PlaintextKeyMaterial.bin", "32")
    openssl(
        "pkeyutl", "-encrypt", "-in", "PlaintextKeyMaterial.bin", "-out", "EncryptedKeyMaterial.bin",
        "-inkey", "WrappingPublicKey.bin", "-keyform", "DER", "-pubin", "-pkeyopt", "rsa_padding_mode:oaep",
        "-pkeyopt", "rsa_oaep_md:sha256", "-pkeyopt", "rsa_mgf1_md:sha256",
    )
    return aws(
        "import-key-material", "--key-id", key, "--encrypted-key-material", "fileb://EncryptedKeyMaterial.bin",
        "--import-token", "fileb://ImportToken.bin", *more,
    )["KeyMaterialId"]


key = aws("create-key", "--origin", "EXTERNAL", "--description", "by the aws program")["KeyMetadata"]["KeyId"]
first = import_material(key, "--expiration-model", "KEY_MATERIAL_DOES_NOT_EXPIRE")
aws("create-alias", "--alias-name", "alias/aws-program", "--target-key-id", key)
(folder / "text").write_text("old")
old = aws("encrypt", "--key-id", "alias/aws-program", "--plaintext", "fileb://text")["CiphertextBlob"]

second = import_material(
    key, "--import-type", "NEW_KEY_MATERIAL", "--key-material-description", "second",
    "--expiration-model", "KEY_MATERIAL_DOES_NOT_EXPIRE",
)
listed = aws("list-key-rotations", "--key-id", key, "--include-key-material", "ALL_KEY_MATERIAL")["Rotations"]
assert [(entry["KeyMaterialId"], entry["KeyMaterialState"]) for entry in listed] == [
    (first, "CURRENT"), (second, "PENDING_ROTATION")
]
aws("rotate-key-on-demand", "--key-id", key)
assert aws("describe-key", "--key-id", "alias/aws-program")["KeyMetadata"]["CurrentKeyMaterialId"] == second
(folder / "old").write_bytes(base64.b64decode(old))
opened = aws("decrypt", "--ciphertext-blob", "fileb://old")
assert (opened["Plaintext"], opened["KeyMaterialId"]) == ("b2xk", first)

other = aws("create-key", "--origin", "EXTERNAL")["KeyMetadata"]["KeyId"]
aws("update-alias", "--alias-name", "alias/aws-program", "--target-key-id", other)
aliases = aws("list-aliases", "--key-id", other)["Aliases"]
assert [alias["AliasName"] for alias in aliases] == ["alias/aws-program"]
aws("tag-resource", "--key-id", other, "--tags", "TagKey=a,TagValue=b")
assert aws("list-resource-tags", "--key-id", other, "--page-size", "1")["Tags"] == [{"TagKey": "a", "TagValue": "b"}]
aws("delete-alias", "--alias-name", "alias/aws-program")
# A refusal is exit code 255 with AWS's name.
assert "(NotFoundException)" in aws("describe-key", "--key-id", "alias/aws-program", code=255)
print("the aws program imported, rotated and moved an alias")
