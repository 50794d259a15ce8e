"""Tags, policies, grants, descriptions, states and deletion through boto3, with AWS's pages beside what is expected.

Pages are docs.aws.amazon.com/kms/latest/APIReference/API_<operation>.html unless another is named.
"""

import json

import answers
import room

kms = room.client()
checked = answers.Checked(kms)
unknown = "1234abcd-12ab-34cd-56ef-1234567890ab"
DAY = 24 * 60 * 60


def arn(key):
    return f"arn:aws:kms:{room.REGION}:111122223333:key/{key}"


def create(**more):
    return kms.create_key(**more)["KeyMetadata"]["KeyId"]


def pages(operation, result, size, **more):
    """Lists in pages of a size, turned by hand."""
    listed, marker = [], {}
    while True:
        page = getattr(kms, operation)(Limit=size, **more, **marker)
        assert len(page[result]) <= size
        listed.append(page[result])
        assert page["Truncated"] == ("NextMarker" in page)
        if not page["Truncated"]:
            return listed
        marker = {"Marker": page["NextMarker"]}


# ListKeys: id and ARN, 1 to 1000 a page. Pages go on where the last one ended, whatever has been deleted since.
keys = [create(Description=str(number)) for number in range(5)]
listed = pages("list_keys", "Keys", 2)
assert [len(page) for page in listed] == [2, 2, 1]
assert {entry["KeyId"]: entry["KeyArn"] for page in listed for entry in page} == {key: arn(key) for key in keys}
assert len(kms.list_keys()["Keys"]) == 5
for limit in [0, 1001]:
    with room.refused("ValidationException"):
        room.unchecked("ListKeys", {"Limit": limit})
with room.refused("InvalidMarkerException"):
    kms.list_keys(Marker="nonsense")
key, other = keys[0], keys[1]

# TagResource: an existing tag key gets the new value. UntagResource: a tag key that is not there is no error.
kms.tag_resource(KeyId=key, Tags=[{"TagKey": f"key-{number}", "TagValue": str(number)} for number in range(7)])
kms.tag_resource(KeyId=arn(key), Tags=[{"TagKey": "key-3", "TagValue": ""}])
listed = pages("list_resource_tags", "Tags", 3, KeyId=key)
assert [len(page) for page in listed] == [3, 3, 1]
tags = {tag["TagKey"]: tag["TagValue"] for page in listed for tag in page}
assert tags == {f"key-{number}": "" if number == 3 else str(number) for number in range(7)}
kms.untag_resource(KeyId=key, TagKeys=["key-0", "key-6", "not there"])
assert len(kms.list_resource_tags(KeyId=key)["Tags"]) == 5
# Tag: no aws: prefix. developerguide/resource-limits.html: 50 tags a key.
with room.refused("TagException"):
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": "aws:x", "TagValue": ""}])
with room.refused("TagException"):
    kms.untag_resource(KeyId=key, TagKeys=["aws:x"])
with room.refused("TagException"):
    kms.tag_resource(KeyId=key, Tags=[{"TagKey": f"more-{number}", "TagValue": ""} for number in range(46)])
assert len(kms.list_resource_tags(KeyId=key)["Tags"]) == 5
for call in [kms.list_resource_tags, lambda KeyId: kms.tag_resource(KeyId=KeyId, Tags=[])]:
    with room.refused("NotFoundException"):
        call(KeyId=unknown)

# PutKeyPolicy: the one name is default, and GetKeyPolicy gives back what was put. ListKeyPolicies: "Currently, only
# the default policy name".
policy = json.dumps({"Version": "2012-10-17", "Statement": [], "Id": "größe"}, indent=3)
kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy, BypassPolicyLockoutSafetyCheck=True)
assert kms.get_key_policy(KeyId=key)["Policy"] == policy
assert '"kms:*"' in kms.get_key_policy(KeyId=other)["Policy"]
assert kms.list_key_policies(KeyId=key) ["PolicyNames"] == ["default"]
with room.refused("MalformedPolicyDocumentException"):
    kms.put_key_policy(KeyId=key, Policy="{")
# "The key policy must allow the calling principal to make a subsequent PutKeyPolicy request"
with room.refused("MalformedPolicyDocumentException"):
    kms.put_key_policy(KeyId=key, Policy=policy)
with room.refused("NotFoundException"):
    kms.put_key_policy(KeyId=key, PolicyName="other", Policy=policy)
# developerguide/resource-limits.html: 32 KB a key policy.
with room.refused("LimitExceededException"):
    kms.put_key_policy(KeyId=key, Policy=json.dumps({"Statement": [], "Id": "x" * 32768}))

# UpdateKeyDescription: up to 8192 characters.
kms.update_key_description(KeyId=key, Description="new")
assert kms.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "new"
with room.refused("ValidationException"):
    kms.update_key_description(KeyId=key, Description="x" * 8193)

# CreateGrant. Name: a repeated call with the same parameters answers the same grant with another token.
alice = "arn:aws:iam::111122223333:role/alice"
asked = {
    "KeyId": key,
    "GranteePrincipal": alice,
    "RetiringPrincipal": "arn:aws:iam::111122223333:role/bob",
    "Operations": ["Encrypt", "Decrypt"],
    "Constraints": {"EncryptionContextSubset": {"a": "b"}},
    "Name": "payments",
}
with room.refused("DryRunOperationException", status=412):
    kms.create_grant(**asked, DryRun=True)
first, again = kms.create_grant(**asked), kms.create_grant(**asked)
assert first["GrantId"] == again["GrantId"] and first["GrantToken"] != again["GrantToken"]
assert kms.create_grant(**{**asked, "Operations": ["Encrypt"]})["GrantId"] != first["GrantId"]
nameless = {name: value for name, value in asked.items() if name != "Name"}
nameless = [kms.create_grant(**nameless)["GrantId"] for _ in range(2)]
assert nameless[0] != nameless[1]
kms.create_grant(KeyId=key, GranteeServicePrincipal="s3.amazonaws.com", Operations=["DescribeKey"])
listed = pages("list_grants", "Grants", 2, KeyId=key)
assert [len(page) for page in listed] == [2, 2, 1]
entry = kms.list_grants(KeyId=arn(key), GrantId=first["GrantId"])["Grants"][0]
assert {name: entry[name] for name in asked} == {**asked, "KeyId": arn(key)}
assert len(kms.list_grants(KeyId=key, GranteePrincipal=alice)["Grants"]) == 4
assert kms.list_grants(KeyId=other)["Grants"] == []
# CreateGrant: InvalidArnException, and operations of other keys.
with room.refused("InvalidArnException"):
    kms.create_grant(KeyId=key, GranteePrincipal="alice", Operations=["Encrypt"])
with room.refused("ValidationException"):
    kms.create_grant(KeyId=key, GranteePrincipal=alice, Operations=["Sign"])
with room.refused("ValidationException"):
    kms.create_grant(KeyId=key, Operations=["Encrypt"])
# A grant's token is good for calls with its key and no other; InvalidGrantTokenException.
assert kms.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[first["GrantToken"], again["GrantToken"]])
with room.refused("InvalidGrantTokenException"):
    kms.encrypt(KeyId=other, Plaintext=b"x", GrantTokens=[first["GrantToken"]])
# RevokeGrant: NotFoundException, InvalidGrantIdException.
with room.refused("DryRunOperationException", status=412):
    kms.revoke_grant(KeyId=key, GrantId=first["GrantId"], DryRun=True)
kms.revoke_grant(KeyId=key, GrantId=first["GrantId"])
with room.refused("NotFoundException"):
    kms.revoke_grant(KeyId=key, GrantId=first["GrantId"])
with room.refused("InvalidGrantIdException"):
    kms.revoke_grant(KeyId=key, GrantId="x")
with room.refused("InvalidGrantTokenException"):
    kms.encrypt(KeyId=key, Plaintext=b"x", GrantTokens=[first["GrantToken"]])
assert len(kms.list_grants(KeyId=key)["Grants"]) == 4

# developerguide/key-state.html, Disabled: cryptographic operations fail with [1] DisabledException.
kms.disable_key(KeyId=key)
metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
assert (metadata["KeyState"], metadata["Enabled"]) == ("Disabled", False)
for call in [
    lambda: kms.encrypt(KeyId=key, Plaintext=b"x"),
    lambda: kms.generate_data_key(KeyId=key, KeySpec="AES_256"),
    lambda: kms.create_grant(KeyId=key, GranteePrincipal=alice, Operations=["Encrypt"]),
    lambda: kms.rotate_key_on_demand(KeyId=key),
]:
    with room.refused("DisabledException"):
        call()
kms.update_key_description(KeyId=key, Description="while disabled")
kms.create_alias(AliasName="alias/payments", TargetKeyId=key)
kms.enable_key(KeyId=key)
assert room.state(kms, key) == "Enabled"
# Pending import: [5] KMSInvalidStateException.
empty = create(Origin="EXTERNAL")
for call in [
    lambda: kms.disable_key(KeyId=empty),
    lambda: kms.enable_key(KeyId=empty),
    lambda: kms.create_grant(KeyId=empty, GranteePrincipal=alice, Operations=["Encrypt"]),
    lambda: kms.generate_data_key(KeyId=empty, KeySpec="AES_256"),
]:
    with room.refused("KMSInvalidStateException"):
        call()
kms.tag_resource(KeyId=empty, Tags=[{"TagKey": "a", "TagValue": "b"}])
kms.create_alias(AliasName="alias/empty", TargetKeyId=empty)

# ScheduleKeyDeletion: 7 to 30 days, 30 by default.
for days in [6, 31]:
    with room.refused("ValidationException"):
        room.unchecked("ScheduleKeyDeletion", {"KeyId": key, "PendingWindowInDays": days})
scheduled = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
assert (scheduled["KeyId"], scheduled["KeyState"], scheduled["PendingWindowInDays"]) == (arn(key), "PendingDeletion", 7)
metadata = kms.describe_key(KeyId=key)["KeyMetadata"]
assert (metadata["KeyState"], metadata["DeletionDate"]) == ("PendingDeletion", scheduled["DeletionDate"])
# Pending deletion: [3] KMSInvalidStateException; reading, policies, grants and aliases' deletion go on.
for call in [
    lambda: kms.encrypt(KeyId=key, Plaintext=b"x"),
    lambda: kms.schedule_key_deletion(KeyId=key),
    lambda: kms.enable_key(KeyId=key),
    lambda: kms.disable_key(KeyId=key),
    lambda: kms.create_alias(AliasName="alias/late", TargetKeyId=key),
    lambda: kms.update_alias(AliasName="alias/empty", TargetKeyId=key),
    lambda: kms.tag_resource(KeyId=key, Tags=[]),
    lambda: kms.untag_resource(KeyId=key, TagKeys=[]),
    lambda: kms.update_key_description(KeyId=key, Description=""),
    lambda: kms.create_grant(KeyId=key, GranteePrincipal=alice, Operations=["Encrypt"]),
    lambda: kms.rotate_key_on_demand(KeyId=key),
]:
    with room.refused("KMSInvalidStateException"):
        call()
kms.put_key_policy(KeyId=key, Policy=policy, BypassPolicyLockoutSafetyCheck=True)
assert len(kms.list_grants(KeyId=key)["Grants"]) == 4
# CancelKeyDeletion: "the key state of the KMS key is Disabled"; [4] of a key that is not pending deletion.
assert kms.cancel_key_deletion(KeyId=key)["KeyId"] == arn(key)
assert room.state(kms, key) == "Disabled"
with room.refused("KMSInvalidStateException"):
    kms.cancel_key_deletion(KeyId=key)
kms.enable_key(KeyId=key)
# "After the waiting period ends, KMS deletes the KMS key, …, including all aliases that refer to it."
assert kms.schedule_key_deletion(KeyId=key)["PendingWindowInDays"] == 30
with room.later(30 * DAY - 3600):
    assert room.state(kms, key) == "PendingDeletion"
with room.later(30 * DAY + 3600):
    with room.refused("NotFoundException"):
        kms.describe_key(KeyId=key)
    with room.refused("NotFoundException"):
        kms.describe_key(KeyId="alias/payments")
    assert key not in [entry["KeyId"] for entry in kms.list_keys()["Keys"]]
with room.refused("NotFoundException"):
    kms.cancel_key_deletion(KeyId=key)

# DeleteAlias: NotFoundException the second time. A list that shrinks while its pages are turned is listed whole.
kms.delete_alias(AliasName="alias/empty")
with room.refused("NotFoundException"):
    kms.delete_alias(AliasName="alias/empty")
for number in range(5):
    kms.create_alias(AliasName=f"alias/{number}", TargetKeyId=other)
deleted, marker = [], {}
while True:
    page = kms.list_aliases(Limit=2, **marker)
    for alias in page["Aliases"]:
        kms.delete_alias(AliasName=alias["AliasName"])
        deleted.append(alias["AliasName"])
    if not page["Truncated"]:
        break
    marker = {"Marker": page["NextMarker"]}
assert deleted == [f"alias/{number}" for number in range(5)]

# UpdateAlias: "The current and new KMS key must be the same type …, and they must have the same key usage."
kinds = [
    {},
    {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"},
    {"KeySpec": "ECC_NIST_P256", "KeyUsage": "SIGN_VERIFY"},
    {"KeySpec": "RSA_2048", "KeyUsage": "ENCRYPT_DECRYPT"},
]
made = [create(**kind) for kind in kinds]
for index, target in enumerate(made):
    name = f"alias/kind-{index}"
    kms.create_alias(AliasName=name, TargetKeyId=target)
    for stranger in made:
        if stranger != target:
            with room.refused("ValidationException"):
                kms.update_alias(AliasName=name, TargetKeyId=stranger)
    kms.update_alias(AliasName=name, TargetKeyId=create(**kinds[index]))
kms.update_alias(AliasName="alias/kind-2", TargetKeyId=create(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY"))

checked.finish("management")
