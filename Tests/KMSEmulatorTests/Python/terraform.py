"""The calls of Terraform's aws provider for aws_kms_external_key and aws_kms_alias, in its order and with its arguments.

From internal/service/kms/{external_key,alias,key}.go of hashicorp/terraform-provider-aws: what it asks, what it waits
for, and which refusals it takes for success.
"""

import base64
import datetime
import json
import os

import answers
import room
from botocore.exceptions import ClientError

kms = room.client()
checked = answers.Checked(kms)


def read(key):
    """resourceExternalKeyRead: findKey asks for metadata, policy and tags."""
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert (metadata["KeyManager"], metadata["Origin"]) == ("CUSTOMER", "EXTERNAL")
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    tags = kms.list_resource_tags(KeyId=key)["Tags"]
    return metadata, policy, {tag["TagKey"]: tag["TagValue"] for tag in tags}


def import_key_material(key, material, valid_to=None):
    """importExternalKeyMaterial."""
    fetched = kms.get_parameters_for_import(
        KeyId=key, WrappingAlgorithm="RSAES_OAEP_SHA_256", WrappingKeySpec="RSA_2048"
    )
    expiry = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    if valid_to:
        expiry = {"ExpirationModel": "KEY_MATERIAL_EXPIRES", "ValidTo": valid_to}
    kms.import_key_material(
        KeyId=key,
        ImportToken=fetched["ImportToken"],
        EncryptedKeyMaterial=room.wrap(base64.b64decode(material), fetched),
        **expiry,
    )
    # WaitKeyMaterialImported: pending is PendingImport, target is Disabled or Enabled.
    assert room.state(kms, key) in ["Disabled", "Enabled"]
    # WaitKeyValidToPropagated.
    metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert metadata.get("ValidTo") == valid_to


# resource "aws_kms_external_key" without material, then with it (which replaces the key), disabled, with an expiry.
policy = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*", "Resource": "*"}]})
key = kms.create_key(
    BypassPolicyLockoutSafetyCheck=False,
    KeyUsage="ENCRYPT_DECRYPT",
    Origin="EXTERNAL",
    Tags=[{"TagKey": "Name", "TagValue": "test"}],
    Description="external",
    Policy=policy,
)["KeyMetadata"]["KeyId"]
metadata, found, tags = read(key)
assert (metadata["KeyState"], metadata["Enabled"]) == ("PendingImport", False)
assert found == json.loads(policy) and tags == {"Name": "test"}
material = base64.b64encode(os.urandom(32)).decode()
import_key_material(key, material)
metadata, _, _ = read(key)
assert (metadata["KeyState"], metadata["ExpirationModel"]) == ("Enabled", "KEY_MATERIAL_DOES_NOT_EXPIRE")
assert metadata["MultiRegion"] is False

# enabled = false: updateKeyEnabled, and it waits for the state.
kms.disable_key(KeyId=key)
assert kms.describe_key(KeyId=key)["KeyMetadata"]["Enabled"] is False
# Update: enable before all else, then description, policy, valid_to with the same material, tags.
kms.enable_key(KeyId=key)
kms.update_key_description(KeyId=key, Description="changed")
changed = json.dumps({"Id": "changed", **json.loads(policy)})
kms.put_key_policy(KeyId=key, PolicyName="default", Policy=changed, BypassPolicyLockoutSafetyCheck=False)
valid_to = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=30)
import_key_material(key, material, valid_to)
kms.untag_resource(KeyId=key, TagKeys=["Name"])
kms.tag_resource(KeyId=key, Tags=[{"TagKey": "Team", "TagValue": "keys"}])
metadata, found, tags = read(key)
assert (metadata["Description"], found, tags) == ("changed", json.loads(changed), {"Team": "keys"})
assert metadata["ExpirationModel"] == "KEY_MATERIAL_EXPIRES"

# resource "aws_kms_alias": create, found by walking through ListAliases, target_key_id changed, deleted.
kms.create_alias(AliasName="alias/terraform", TargetKeyId=key)
other = kms.create_key(Origin="EXTERNAL", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]


def alias():
    for page in kms.get_paginator("list_aliases").paginate():
        for entry in page["Aliases"]:
            if entry["AliasName"] == "alias/terraform":
                return entry


assert alias()["TargetKeyId"] == key
assert kms.describe_key(KeyId=key)["KeyMetadata"]["Arn"].endswith(alias()["TargetKeyId"])
kms.update_alias(AliasName="alias/terraform", TargetKeyId=other["Arn"])
assert alias()["TargetKeyId"] == other["KeyId"]
kms.delete_alias(AliasName="alias/terraform")
assert alias() is None
with room.refused("NotFoundException"):
    kms.delete_alias(AliasName="alias/terraform")

# Delete: WaitKeyDeleted takes PendingDeletion for gone; a second destroy is told so in these words.
kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
assert room.state(kms, key) == "PendingDeletion"
try:
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
except ClientError as error:
    assert error.response["Error"]["Code"] == "KMSInvalidStateException"
    assert "is pending deletion" in error.response["Error"]["Message"]
else:
    raise AssertionError("a key is scheduled for deletion twice")
# "KMSInvalidStateException: arn:… is pending import." is why it disables only what is imported.
try:
    kms.disable_key(KeyId=other["KeyId"])
except ClientError as error:
    assert error.response["Error"]["Message"] == f"{other['Arn']} is pending import."
else:
    raise AssertionError("a key in PendingImport was disabled")
print(f"{sum(checked.seen.values())} calls of Terraform's were answered as botocore's model has them")
