"""`keyrite emulator --state FILE`, killed in the middle of its work and started again on the same file."""

import concurrent.futures
import json
import os
import pathlib
import resource
import signal
import stat
import subprocess
import threading
import time

import room

PROGRAM = os.environ["KEYRITE_TEST_PROGRAM"]
FOLDER = pathlib.Path(room.FOLDER)
STATE = FOLDER / "state"
HOME, PARIS = room.REGION, "eu-west-3"


class Emulator:
    """A running `keyrite emulator`; room's clients and admin path are pointed at it."""

    def __init__(self, state=STATE, before=None):
        self.process = subprocess.Popen(
            [PROGRAM, "emulator", "--listen", "127.0.0.1:0", "--wrapping-keys-ahead", "none", "--state", str(state)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=before,
        )
        greeting = json.loads(self.process.stdout.readline())
        assert greeting["pid"] == self.process.pid and greeting["account"] == "111122223333"
        room.ENDPOINT = greeting["endpoint"]

    def end(self, number):
        self.process.send_signal(number)
        self.process.wait(timeout=30)
        self.process.stdout.close()
        return self.process.stderr.read().decode()

    def kill(self):
        return self.end(signal.SIGKILL)


def refused(state, words, listen="127.0.0.1:0", code=2):
    """Holds that the emulator does not start, and says why."""
    done = subprocess.run(
        [PROGRAM, "emulator", "--listen", listen, "--state", str(state)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == code and done.stdout == "", (done.returncode, done.stdout, done.stderr)
    for word in words:
        assert word in done.stderr, done.stderr


def snapshot():
    """All that the API tells, of both Regions."""
    told = {}
    for region in [HOME, PARIS]:
        kms = room.client(region_name=region)
        keys = [entry["KeyId"] for entry in kms.list_keys(Limit=1000)["Keys"]]
        aliases = kms.list_aliases()["Aliases"]
        told[region] = {"aliases": aliases, "keys": {}}
        for key in keys:
            metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
            told[region]["keys"][key] = {
                "metadata": metadata,
                "policy": kms.get_key_policy(KeyId=key)["Policy"],
                "tags": kms.list_resource_tags(KeyId=key)["Tags"],
                "grants": kms.list_grants(KeyId=key)["Grants"],
            }
            if metadata["KeySpec"] == "SYMMETRIC_DEFAULT":
                listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
                told[region]["keys"][key]["materials"] = listed
            if metadata["KeyUsage"] == "SIGN_VERIFY" and metadata["Enabled"]:
                told[region]["keys"][key]["public"] = kms.get_public_key(KeyId=key)["PublicKey"]
    return told


emulator = Emulator()
attributes = os.stat(STATE)
assert stat.S_IMODE(attributes.st_mode) == 0o600
kms = room.client()

# A bit of everything.
key = kms.create_key(Origin="EXTERNAL", Description="größe", Tags=[{"TagKey": "a", "TagValue": "b"}])["KeyMetadata"]["KeyId"]
old, new, pending = (os.urandom(32) for _ in range(3))
room.import_material(kms, key, old, KeyMaterialDescription="old")
before = kms.encrypt(KeyId=key, Plaintext=b"before", EncryptionContext={"a": "b"})["CiphertextBlob"]
room.import_material(kms, key, new, ImportType="NEW_KEY_MATERIAL")
kms.rotate_key_on_demand(KeyId=key)
room.import_material(kms, key, pending, ImportType="NEW_KEY_MATERIAL")
kms.create_alias(AliasName="alias/payments", TargetKeyId=key)
kms.put_key_policy(KeyId=key, Policy='{"Statement": [ ]}', BypassPolicyLockoutSafetyCheck=True)
token = kms.create_grant(
    KeyId=key, GranteePrincipal="arn:aws:iam::111122223333:role/alice", Operations=["Encrypt"], Name="alice"
)["GrantToken"]
waiting = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
fetched = room.parameters(kms, waiting, algorithm=room.OAEP_SHA_1)
mac = kms.create_key(KeySpec="HMAC_384", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
code = kms.generate_mac(KeyId=mac, MacAlgorithm="HMAC_SHA_384", Message=b"x")["Mac"]
signing = kms.create_key(KeySpec="ECC_NIST_P384", KeyUsage="SIGN_VERIFY", MultiRegion=True)["KeyMetadata"]["KeyId"]
kms.replicate_key(KeyId=signing, ReplicaRegion=PARIS)
signature = kms.sign(KeyId=signing, Message=b"x", SigningAlgorithm="ECDSA_SHA_384")["Signature"]
disabled = kms.create_key()["KeyMetadata"]["KeyId"]
kms.disable_key(KeyId=disabled)
going = kms.create_key()["KeyMetadata"]["KeyId"]
kms.schedule_key_deletion(KeyId=going, PendingWindowInDays=7)
gone = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
room.import_material(kms, gone, os.urandom(32))
kms.delete_imported_key_material(KeyId=gone)
kms.create_alias(AliasName="alias/gone", TargetKeyId=gone)
kms.delete_alias(AliasName="alias/gone")
room.admin(action="set-clock-offset", seconds=120)
seeded = room.admin(action="seed-external-key", alias="alias/seeded")
told = snapshot()

# Nobody else gets in while it runs.
refused(STATE, [str(STATE), "in use by another emulator"])

emulator.kill()
emulator = Emulator()
assert snapshot() == told
kms = room.client()
opened = kms.decrypt(CiphertextBlob=before, EncryptionContext={"a": "b"})
assert opened["Plaintext"] == b"before"
assert kms.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[token])
assert kms.verify_mac(KeyId=mac, MacAlgorithm="HMAC_SHA_384", Message=b"x", Mac=code)["MacValid"]
paris = room.client(region_name=PARIS)
assert paris.verify(KeyId=signing, Message=b"x", SigningAlgorithm="ECDSA_SHA_384", Signature=signature)
# A wrapping key and token that were fetched before are good for an import after.
room.import_material(kms, waiting, os.urandom(32), fetched, room.OAEP_SHA_1)
kms.rotate_key_on_demand(KeyId=key)
# The service's clock is still two minutes ahead of ours.
seen = kms.create_key()["ResponseMetadata"]["HTTPHeaders"]["date"]
ahead = time.mktime(time.strptime(seen, "%a, %d %b %Y %H:%M:%S GMT")) - time.mktime(time.gmtime())
assert 60 < ahead < 180, ahead
exported = room.admin(action="export-material", keyArn=seeded["arn"], materialId=seeded["materialId"])
assert len(exported["materialHex"]) == 64

# A rest at SIGTERM is an end in order.
told = snapshot()
assert emulator.end(signal.SIGTERM) == ""
assert emulator.process.returncode == 0
emulator = Emulator()
assert snapshot() == told
emulator.kill()

# Killed in the middle of many calls, five times: what was answered for is there, and each call happened whole or not.
answered = []
for round in range(5):
    emulator = Emulator()
    kms = room.client()
    stop = threading.Event()

    def work(worker):
        number = 0
        while not stop.is_set():
            try:
                made = kms.create_key(Description=f"{round}-{worker}-{number}")["KeyMetadata"]["KeyId"]
                kms.create_alias(AliasName=f"alias/{round}-{worker}-{number}", TargetKeyId=made)
                answered.append((made, f"alias/{round}-{worker}-{number}"))
            except Exception:
                return
            number += 1

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        workers = [pool.submit(work, worker) for worker in range(4)]
        least, deadline = len(answered) + 5 + round, time.monotonic() + 30
        while len(answered) < least and time.monotonic() < deadline:
            time.sleep(0.001)
        emulator.kill()
        stop.set()
        [worker.result() for worker in workers]
emulator = Emulator()
kms = room.client()
there = {}
for page in kms.get_paginator("list_aliases").paginate():
    there.update({alias["AliasName"]: alias["TargetKeyId"] for alias in page["Aliases"]})
assert len(answered) >= 25
for made, alias in answered:
    assert there[alias] == made == kms.describe_key(KeyId=alias)["KeyMetadata"]["KeyId"]

# History is not kept for ever: 60 changes of 30 KB each leave a file that is smaller than that.
for number in range(60):
    long = json.dumps({"Statement": [], "Id": "x" * 30_000 + str(number)})
    kms.put_key_policy(KeyId=key, Policy=long, BypassPolicyLockoutSafetyCheck=True)
assert STATE.stat().st_size < 1_500_000, STATE.stat().st_size
assert stat.S_IMODE(STATE.stat().st_mode) == 0o600
refused(STATE, ["in use by another emulator"])
told = snapshot()
emulator.kill()
emulator = Emulator()
assert snapshot() == told
kms = room.client()
kms.update_key_description(KeyId=key, Description="the last but one")
kms.update_key_description(KeyId=key, Description="the last")
emulator.kill()

# A last line that is torn was never answered for.
whole = STATE.read_bytes()
torn = FOLDER / "torn"
torn.write_bytes(whole[:-20])
torn.chmod(0o600)
emulator = Emulator(torn)
assert room.client().describe_key(KeyId=key)["KeyMetadata"]["Description"] == "the last but one"
emulator.kill()

# Whatever else is wrong with the file is said, and nothing is changed.
lines = whole.split(b"\n")
middle = lines[1][:100] + b"x" + lines[1][101:]
for name, content, words in [
    ("flipped", b"\n".join([lines[0], middle, *lines[2:]]), ["corrupt in line 2"]),
    ("missing", b"\n".join([lines[0], b"", *lines[2:]]), ["corrupt in line 2"]),
    ("version", whole.replace(b'"version":1', b'"version":2', 1), ["version 2", "reads version 1"]),
    ("account", whole.replace(b"111122223333", b"999999999999", 1), ["account 999999999999"]),
    ("foreign", b"[default]\nregion = eu-central-1\n", ["no state file"]),
    ("oneline", b"x", ["no state file"]),
]:
    path = FOLDER / name
    path.write_bytes(content)
    path.chmod(0o600)
    refused(path, [str(path), *words])
    assert path.read_bytes() == content
path.write_bytes(whole)
path.chmod(0o640)
refused(path, [f"chmod 600 {path}"])
link = FOLDER / "link"
link.symlink_to(STATE)
refused(link, [f"cannot open {link}"])
refused(FOLDER, [f"cannot open {FOLDER}"])
refused(FOLDER / "none" / "state", ["No such file or directory"])
refused(STATE, ["127.0.0.1"], listen="0.0.0.0:0")


# A file that cannot grow: the call that did not get to the disk is refused, those after it too, and the file is whole.
def cannot_grow():
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(whole) + 20_000, len(whole) + 20_000))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


emulator = Emulator(before=cannot_grow)
kms = room.client()
kms.update_key_description(KeyId=disabled, Description="fits")
with room.refused("KMSInternalException", status=500):
    kms.put_key_policy(KeyId=disabled, Policy=long, BypassPolicyLockoutSafetyCheck=True)
with room.refused("KMSInternalException", status=500):
    kms.describe_key(KeyId=disabled)
assert f"cannot write {STATE}" in emulator.kill()
emulator = Emulator()
kms = room.client()
assert kms.describe_key(KeyId=disabled)["KeyMetadata"]["Description"] == "fits"
assert "xxxx" not in kms.get_key_policy(KeyId=disabled)["Policy"]
emulator.kill()
print(f"{len(answered)} keys made and killed over are all there")
