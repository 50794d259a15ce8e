"""Multi-Region keys with imported material through boto3: a primary, two replicas, and rotation of them all.

developerguide/multi-region-keys-import.html, rotating-keys-on-demand pages, and
docs.aws.amazon.com/kms/latest/APIReference/API_<operation>.html.
"""

import os

import answers
import room

HOME, PARIS, OREGON = room.REGION, "eu-west-3", "us-west-2"
DAY = 24 * 60 * 60
clients = {region: room.client(region_name=region) for region in [HOME, PARIS, OREGON]}
home, paris, oregon = clients.values()
checked = answers.Checked(home)
checked.watch(paris)
checked.watch(oregon)


def arn(key, region):
    return f"arn:aws:kms:{region}:111122223333:key/{key}"


def materials(kms, key):
    listed = kms.list_key_rotations(KeyId=key, IncludeKeyMaterial="ALL_KEY_MATERIAL")["Rotations"]
    return [(entry["KeyMaterialId"], entry["KeyMaterialState"], entry["ImportState"]) for entry in listed]


# Regions have nothing in common but their account.
plain = home.create_key()["KeyMetadata"]["KeyId"]
home.create_alias(AliasName="alias/payments", TargetKeyId=plain)
with room.refused("NotFoundException"):
    paris.describe_key(KeyId=plain)
assert paris.list_aliases()["Aliases"] == paris.list_keys()["Keys"] == []
# An ARN of another Region is not this endpoint's.
with room.refused("NotFoundException"):
    paris.describe_key(KeyId=arn(plain, HOME))

# CreateKey, MultiRegion: ids begin with mrk-.
created = home.create_key(Origin="EXTERNAL", MultiRegion=True, Description="primary")["KeyMetadata"]
key = created["KeyId"]
assert key.startswith("mrk-") and created["MultiRegion"] is True
primary = {"Arn": arn(key, HOME), "Region": HOME}
assert created["MultiRegionConfiguration"] == {
    "MultiRegionKeyType": "PRIMARY", "PrimaryKey": primary, "ReplicaKeys": []
}
first = os.urandom(32)
first_id = room.import_material(home, key, first)["KeyMaterialId"]

# ReplicateKey: "the replica key is created with no key material"; its own policy, tags and description.
made = home.replicate_key(
    KeyId=key, ReplicaRegion=PARIS, Description="replica", Tags=[{"TagKey": "a", "TagValue": "b"}]
)
metadata = made["ReplicaKeyMetadata"]
assert (metadata["Arn"], metadata["KeyId"], metadata["Description"]) == (arn(key, PARIS), key, "replica")
assert metadata["KeyState"] == "PendingImport" and made["ReplicaTags"] == [{"TagKey": "a", "TagValue": "b"}]
assert made["ReplicaPolicy"] == paris.get_key_policy(KeyId=key)["Policy"]
home.replicate_key(KeyId=key, ReplicaRegion=OREGON)
for region, kms in clients.items():
    configuration = kms.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
    assert configuration["MultiRegionKeyType"] == ("PRIMARY" if region == HOME else "REPLICA")
    assert configuration["PrimaryKey"] == primary
    assert [replica["Region"] for replica in configuration["ReplicaKeys"]] == [PARIS, OREGON]
assert home.list_resource_tags(KeyId=key)["Tags"] == oregon.list_resource_tags(KeyId=key)["Tags"] == []
# ReplicateKey: AlreadyExistsException, UnsupportedOperationException.
with room.refused("AlreadyExistsException"):
    home.replicate_key(KeyId=key, ReplicaRegion=PARIS)
with room.refused("AlreadyExistsException"):
    home.replicate_key(KeyId=key, ReplicaRegion=HOME)
with room.refused("UnsupportedOperationException"):
    home.replicate_key(KeyId=plain, ReplicaRegion=PARIS)
with room.refused("UnsupportedOperationException"):
    paris.replicate_key(KeyId=key, ReplicaRegion="sa-east-1")
with room.refused("ValidationException"):
    home.replicate_key(KeyId=key, ReplicaRegion="cn-north-1")

# "You must import the same key material that you imported into the primary key."
assert materials(paris, key) == [(first_id, "CURRENT", "PENDING_IMPORT")]
with room.refused("IncorrectKeyMaterialException"):
    room.import_material(paris, key, os.urandom(32))
assert room.import_material(paris, key, first)["KeyMaterialId"] == first_id
assert room.import_material(oregon, key, first, KeyMaterialId=first_id)["KeyMaterialId"] == first_id
assert [room.state(kms, key) for kms in clients.values()] == ["Enabled"] * 3
# A token belongs to the key of one Region.
with room.refused("InvalidImportTokenException"):
    room.import_material(paris, key, first, room.parameters(oregon, key))

# "You can use them interchangeably to encrypt data in one Region and decrypt it in a different Region."
blob = home.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "b"})["CiphertextBlob"]
opened = paris.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})
assert (opened["Plaintext"], opened["KeyId"], opened["KeyMaterialId"]) == (b"x", arn(key, PARIS), first_id)

# RotationsListEntry, KeyMaterialState: PENDING_MULTI_REGION_IMPORT_AND_ROTATION "identifies key material that has been
# imported into the primary Region key but not all of the replica Region keys", then PENDING_ROTATION.
second = os.urandom(32)
# "You cannot directly import new key material into the replica Region keys." The refusal's name is inferred.
with room.refused("UnsupportedOperationException"):
    room.import_material(paris, key, second, ImportType="NEW_KEY_MATERIAL")
second_id = room.import_material(home, key, second, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
waiting = "PENDING_MULTI_REGION_IMPORT_AND_ROTATION"
assert materials(home, key)[1] == (second_id, waiting, "IMPORTED")
assert materials(paris, key)[1] == (second_id, waiting, "PENDING_IMPORT")
assert [room.state(kms, key) for kms in clients.values()] == ["Enabled"] * 3
with room.refused("KMSInvalidStateException"):
    home.rotate_key_on_demand(KeyId=key)
room.import_material(paris, key, second, ImportType="EXISTING_KEY_MATERIAL", KeyMaterialId=second_id)
assert materials(paris, key)[1] == (second_id, waiting, "IMPORTED")
with room.refused("KMSInvalidStateException"):
    home.rotate_key_on_demand(KeyId=key)
room.import_material(oregon, key, second, ImportType="EXISTING_KEY_MATERIAL")
assert [materials(kms, key)[1][1] for kms in clients.values()] == ["PENDING_ROTATION"] * 3
# DeleteImportedKeyMaterial: "If you delete any key material of a replica Region key, the primary Region key and other
# replica Region keys remain unchanged."
paris.delete_imported_key_material(KeyId=key, KeyMaterialId=second_id)
assert materials(paris, key)[1] == (second_id, waiting, "PENDING_IMPORT")
assert materials(oregon, key)[1] == (second_id, waiting, "IMPORTED")
room.import_material(paris, key, second)

# "Invoke the on-demand rotation on the primary Region key": it rotates them all.
with room.refused("UnsupportedOperationException"):
    paris.rotate_key_on_demand(KeyId=key)
home.rotate_key_on_demand(KeyId=key)
for kms in clients.values():
    assert materials(kms, key) == [(first_id, "NON_CURRENT", "IMPORTED"), (second_id, "CURRENT", "IMPORTED")]
    assert len(kms.list_key_rotations(KeyId=key)["Rotations"]) == 1
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext={"a": "b"})["Plaintext"] == b"x"
    assert kms.decrypt(CiphertextBlob=oregon.encrypt(KeyId=key, Plaintext=b"y")["CiphertextBlob"])["Plaintext"] == b"y"

# "When you delete the key material of a primary Region key that is in PENDING_ROTATION or
# PENDING_MULTI_REGION_IMPORT_AND_ROTATION state, you'll also be deleting the key materials for the replica Region keys."
third = os.urandom(32)
third_id = room.import_material(home, key, third, ImportType="NEW_KEY_MATERIAL")["KeyMaterialId"]
room.import_material(paris, key, third)
home.delete_imported_key_material(KeyId=key, KeyMaterialId=third_id)
assert [len(materials(kms, key)) for kms in clients.values()] == [2, 2, 2]
# Material that is missing in one Region stops the key there alone.
paris.delete_imported_key_material(KeyId=key, KeyMaterialId=first_id)
assert [room.state(kms, key) for kms in clients.values()] == ["Enabled", "PendingImport", "Enabled"]
room.import_material(paris, key, first)

# Keys whose material KMS made replicate with it, asymmetric ones too.
own = home.create_key(MultiRegion=True, KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
assert home.replicate_key(KeyId=own, ReplicaRegion=PARIS)["ReplicaKeyMetadata"]["KeyState"] == "Enabled"
assert home.get_public_key(KeyId=own)["PublicKey"] == paris.get_public_key(KeyId=own)["PublicKey"]
own = home.create_key(MultiRegion=True)["KeyMetadata"]["KeyId"]
home.replicate_key(KeyId=own, ReplicaRegion=PARIS)
home.rotate_key_on_demand(KeyId=own)
current = [kms.describe_key(KeyId=own)["KeyMetadata"]["CurrentKeyMaterialId"] for kms in [home, paris]]
assert current[0] == current[1]

# ScheduleKeyDeletion: a primary waits for its replicas, and its waiting period begins when the last is deleted.
scheduled = home.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
assert scheduled["KeyState"] == "PendingReplicaDeletion" and "DeletionDate" not in scheduled
metadata = home.describe_key(KeyId=key)["KeyMetadata"]
assert metadata["PendingDeletionWindowInDays"] == 7 and "DeletionDate" not in metadata
with room.refused("KMSInvalidStateException"):
    home.encrypt(KeyId=key, Plaintext=b"x")
assert paris.encrypt(KeyId=key, Plaintext=b"x")
paris.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
oregon.schedule_key_deletion(KeyId=key, PendingWindowInDays=10)
with room.later(8 * DAY):
    assert room.state(home, key) == "PendingReplicaDeletion"
    with room.refused("NotFoundException"):
        paris.describe_key(KeyId=key)
with room.later(11 * DAY):
    metadata = home.describe_key(KeyId=key)["KeyMetadata"]
    assert metadata["KeyState"] == "PendingDeletion" and "PendingDeletionWindowInDays" not in metadata
with room.later(18 * DAY):
    with room.refused("NotFoundException"):
        home.describe_key(KeyId=key)

checked.finish("regions")
