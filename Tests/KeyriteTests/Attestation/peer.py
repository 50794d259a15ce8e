"""Has securesystemslib verify a ceremony's attestation, and refuse it with a byte changed: python peer.py FOLDER."""

import base64
import hashlib
import json
import pathlib
import sys

from cryptography.hazmat.primitives.serialization import load_ssh_public_key
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import VerificationError
from securesystemslib.signer import SSlibKey

folder = pathlib.Path(sys.argv[1])
text = folder.joinpath("attestation.json").read_text()
members = json.loads(folder.joinpath("roster.json").read_text())["members"]


def key(member):
    kind, blob = member["key"].split()
    digest = hashlib.sha256(base64.b64decode(blob)).digest()
    fingerprint = "SHA256:" + base64.b64encode(digest).decode().rstrip("=")
    return SSlibKey.from_crypto(load_ssh_public_key(f"{kind} {blob}".encode()), keyid=fingerprint)


keys = {member["name"]: key(member) for member in members}


def signers(change=lambda envelope: None):
    envelope = Envelope.from_dict(json.loads(text))
    change(envelope)
    accepted = envelope.verify(list(keys.values()), 1)
    return envelope, [name for name, known in keys.items() if known.keyid in accepted]


envelope, names = signers()
statement = json.loads(envelope.payload)
assert envelope.payload_type == "application/vnd.in-toto+json"
assert statement["_type"] == "https://in-toto.io/Statement/v1"
for subject in statement["subject"]:
    path = folder.joinpath(subject["name"])
    content = path.read_bytes()
    if subject["name"] == "transcript.jsonl":
        # The manifest lists it up to the line before the close.
        assert hashlib.sha256(content.splitlines(keepends=True)[-1]).hexdigest() == statement["predicate"]["head"]
        continue
    assert hashlib.sha256(content).hexdigest() == subject["digest"]["sha256"], path


def flip(data, index):
    return data[:index] + bytes([data[index] ^ 1]) + data[index + 1:]


def in_payload(index):
    def change(envelope):
        envelope.payload = flip(envelope.payload, index)
    return change


def in_signature(index):
    def change(envelope):
        for signature in envelope.signatures.values():
            signature.signature = flip(bytes.fromhex(signature.signature), index).hex()
    return change


changes = [in_payload(index) for index in range(0, len(envelope.payload), 101)]
changes += [in_signature(index) for index in range(64)]
for change in changes:
    try:
        signers(change)
    except VerificationError:
        continue
    sys.exit("a changed byte was accepted")
print("signed by", *names)
