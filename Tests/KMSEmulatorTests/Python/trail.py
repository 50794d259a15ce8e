"""boto3 and the aws program read CloudTrail's event history of the calls that boto3 made, in AWS's shapes."""

import datetime
import json
import pathlib
import subprocess
import sys
import uuid

import answers
import room

kms, sts, trail = room.client(), room.client("sts"), room.client("cloudtrail")
model = trail.meta.service_model.operation_model("LookupEvents").output_shape


def check(response_dict, **_):
    assert response_dict["headers"]["Content-Type"] == "application/x-amz-json-1.1"
    if response_dict["status_code"] == 200:
        body = json.loads(response_dict["body"])
        answers.walk(body, model, "LookupEvents")
        for event in body["Events"]:
            assert {"EventId", "EventName", "EventTime", "EventSource", "ReadOnly", "Resources"} < set(event), event
            assert isinstance(event["EventTime"], int) and json.loads(event["CloudTrailEvent"])


trail.meta.events.register("before-parse.cloudtrail.LookupEvents", check)
ACCOUNT = sts.get_caller_identity()["Account"]
USER = f"arn:aws:iam::{ACCOUNT}:user/rehearsal"


def request_id(answer):
    return answer["ResponseMetadata"]["RequestId"]


def look(attribute=None, value=None, **more):
    if attribute:
        more["LookupAttributes"] = [{"AttributeKey": attribute, "AttributeValue": value}]
    return trail.lookup_events(**more)


def everything(**more):
    """All pages of boto3's own paginator."""
    return [event for page in trail.get_paginator("lookup_events").paginate(**more) for event in page["Events"]]


def of(call):
    """The one event of a call, found by its request id alone, and its JSON."""
    found = [
        (event, inner)
        for event in everything()
        for inner in [json.loads(event["CloudTrailEvent"])]
        if inner.get("requestID") == request_id(call)
    ]
    assert len(found) == 1, found
    return found[0]


# A ceremony's calls, each with its request id.
made = kms.create_key(Origin="EXTERNAL", Description="trail", Tags=[{"TagKey": "a", "TagValue": "b"}])
key, arn = made["KeyMetadata"]["KeyId"], made["KeyMetadata"]["Arn"]
fetched = room.parameters(kms, key)
first = room.import_material(kms, key, bytes(range(32)), fetched)
alias = kms.create_alias(AliasName="alias/trail", TargetKeyId=key)
encrypted = kms.encrypt(KeyId="alias/trail", Plaintext=b"old", EncryptionContext={"a": "b"})
validity = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0) + datetime.timedelta(days=30)
second = room.import_material(
    kms, key, bytes(range(1, 33)), ImportType="NEW_KEY_MATERIAL", KeyMaterialDescription="second", ValidTo=validity
)
rotated = kms.rotate_key_on_demand(KeyId=key)
decrypted = kms.decrypt(CiphertextBlob=encrypted["CiphertextBlob"], EncryptionContext={"a": "b"})
other = kms.create_key()["KeyMetadata"]
moved = kms.update_alias(AliasName="alias/trail", TargetKeyId=other["KeyId"])
policy = kms.get_key_policy(KeyId=key)["Policy"]
put = kms.put_key_policy(KeyId=key, Policy=policy)
reencrypted = kms.re_encrypt(
    CiphertextBlob=encrypted["CiphertextBlob"], SourceEncryptionContext={"a": "b"}, DestinationKeyId=other["KeyId"]
)
data_key = kms.generate_data_key(KeyId=key, KeySpec="AES_256")
grant = kms.create_grant(KeyId=key, GranteePrincipal=USER, Operations=["Decrypt"])
scheduled = kms.schedule_key_deletion(KeyId=other["KeyId"], PendingWindowInDays=7)
deleted = kms.delete_imported_key_material(KeyId=key, KeyMaterialId=second["KeyMaterialId"])
unaliased = kms.delete_alias(AliasName="alias/trail")
with room.refused("NotFoundException"):
    kms.describe_key(KeyId=str(uuid.uuid4()))
caller = sts.get_caller_identity()

# What every event has, outside and inside.
for event in everything():
    inner = json.loads(event["CloudTrailEvent"])
    assert event["EventId"] == inner["eventID"] == str(uuid.UUID(inner["eventID"]))
    assert event["EventName"] == inner["eventName"] and event["EventSource"] == inner["eventSource"]
    assert event["ReadOnly"] == json.dumps(inner["readOnly"])
    stamp = event["EventTime"].astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert stamp == inner["eventTime"], event
    assert inner["eventVersion"] == "1.11" and inner["awsRegion"] == room.REGION
    assert inner["recipientAccountId"] == ACCOUNT and inner["managementEvent"] is True
    assert inner["eventCategory"] == "Management"
    assert [each["ResourceName"] for each in event["Resources"]] == [each["ARN"] for each in inner.get("resources", [])]
    assert all(each["ResourceType"] == "AWS::KMS::Key" for each in event["Resources"])
    if inner["eventType"] == "AwsApiCall":
        assert inner["userIdentity"] == {
            "type": "IAMUser", "principalId": caller["UserId"], "arn": USER, "accountId": ACCOUNT,
            "accessKeyId": room.ACCESS_KEY, "userName": "rehearsal",
        }
        assert event["Username"] == "rehearsal" and event["AccessKeyId"] == room.ACCESS_KEY
        assert inner["sourceIPAddress"] == "127.0.0.1" and "Boto3" in inner["userAgent"]
    else:
        assert inner["eventType"] == "AwsServiceEvent" and "requestID" not in inner
        assert inner["userIdentity"] == {"accountId": ACCOUNT, "invokedBy": "AWS Internal"}
        assert "Username" not in event and "AccessKeyId" not in event


def asked(call):
    return of(call)[1]["requestParameters"]


def answered(call):
    return of(call)[1]["responseElements"]


def about(call):
    return [each["ResourceName"] for each in of(call)[0]["Resources"]]


alias_arn = arn.rsplit(":", 1)[0] + ":alias/trail"
assert asked(made)["tags"] == [{"tagKey": "a", "tagValue": "b"}] and asked(made)["origin"] == "EXTERNAL"
assert answered(made)["keyMetadata"]["keyId"] == key and answered(made)["keyMetadata"]["aWSAccountId"] == ACCOUNT
assert about(made) == [arn]
assert asked(fetched) == {"keyId": key, "wrappingAlgorithm": room.OAEP_SHA_256, "wrappingKeySpec": "RSA_2048"}
assert answered(fetched) is None and of(fetched)[0]["ReadOnly"] == "true"
assert asked(first) == {"keyId": key, "expirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
hour = validity.strftime("%I").lstrip("0")
assert asked(second) == {
    "keyId": key, "importType": "NEW_KEY_MATERIAL", "keyMaterialDescription": "second",
    "validTo": f"{validity:%b} {validity.day}, {validity.year}, {hour}:{validity:%M:%S %p}",
}
for call in (first, second, deleted):
    assert answered(call) == {"keyId": arn, "keyMaterialId": call["KeyMaterialId"]} and about(call) == [arn]
assert asked(alias) == {"aliasName": "alias/trail", "targetKeyId": key} and about(alias) == [alias_arn, arn]
assert asked(moved)["targetKeyId"] == other["KeyId"] and answered(moved) == {"keyId": other["Arn"]}
assert about(moved) == [alias_arn, other["Arn"]] == about(unaliased) and answered(alias) == {"keyId": arn}
assert asked(rotated) == {"keyId": key} == answered(rotated)
assert asked(put)["policy"] == policy and answered(put) == {"keyId": arn}
assert asked(encrypted) == {
    "keyId": "alias/trail", "encryptionContext": {"a": "b"}, "encryptionAlgorithm": "SYMMETRIC_DEFAULT",
}
for call, material in (
    (encrypted, first["KeyMaterialId"]), (decrypted, first["KeyMaterialId"]), (data_key, second["KeyMaterialId"])
):
    assert of(call)[1]["additionalEventData"] == {"keyMaterialId": material} and about(call) == [arn]
    assert answered(call) is None
assert of(reencrypted)[1]["additionalEventData"]["sourceKeyMaterialId"] == first["KeyMaterialId"]
assert about(reencrypted) == [arn, other["Arn"]]
assert answered(grant) == {"grantId": grant["GrantId"], "keyId": arn}
assert answered(scheduled)["keyState"] == "PendingDeletion" and " " in answered(scheduled)["deletionDate"]
refusal = json.loads(look("EventName", "DescribeKey")["Events"][0]["CloudTrailEvent"])
assert refusal["errorCode"] == "NotFoundException" and refusal["errorMessage"] and "resources" not in refusal
identity = of(caller)[1]
assert identity["eventSource"] == "sts.amazonaws.com" and identity["requestParameters"] is None

# What KMS did by itself is joined by the material's id, and comes after the call that asked for it.
rotation = look("EventName", "RotateKey")["Events"]
assert len(rotation) == 1
details = json.loads(rotation[0]["CloudTrailEvent"])["serviceEventDetails"]
assert details == {
    "rotationType": "ON_DEMAND", "keyOrigin": "EXTERNAL", "keyId": key,
    "previousKeyMaterialId": first["KeyMaterialId"], "currentKeyMaterialId": second["KeyMaterialId"],
}

# No event has what is secret.
history = json.dumps([event["CloudTrailEvent"] for event in everything()])
for secret in (grant["GrantToken"], "ImportToken", "importToken", "encryptedKeyMaterial", "plaintext", "ciphertextBlob"):
    assert secret not in history, secret

# By each attribute: exactly those of all events that have it, newest first.
listed = everything()
times = [event["EventTime"] for event in listed]
assert times == sorted(times, reverse=True)


def expect(attribute, value, holds):
    found = everything(LookupAttributes=[{"AttributeKey": attribute, "AttributeValue": value}])
    wanted = [event["EventId"] for event in listed if holds(event)]
    assert wanted and [event["EventId"] for event in found] == wanted, (attribute, value)


expect("EventId", listed[3]["EventId"], lambda event: event["EventId"] == listed[3]["EventId"])
expect("EventName", "ImportKeyMaterial", lambda event: event["EventName"] == "ImportKeyMaterial")
expect("ReadOnly", "false", lambda event: event["ReadOnly"] == "false")
expect("Username", "rehearsal", lambda event: event.get("Username") == "rehearsal")
expect("ResourceType", "AWS::KMS::Key", lambda event: event["Resources"])
expect("ResourceName", arn, lambda event: arn in [each["ResourceName"] for each in event["Resources"]])
expect("EventSource", "sts.amazonaws.com", lambda event: event["EventSource"] == "sts.amazonaws.com")
expect("AccessKeyId", room.ACCESS_KEY, lambda event: event.get("AccessKeyId") == room.ACCESS_KEY)

# Pages end where they should, and new events do not move them.
page = look(MaxResults=5)
seen = [event["EventId"] for event in page["Events"]]
kms.list_keys()
while "NextToken" in page:
    page = look(MaxResults=5, NextToken=page["NextToken"])
    assert len(page["Events"]) <= 5
    seen += [event["EventId"] for event in page["Events"]]
assert seen == [event["EventId"] for event in listed]
for _ in range(50):
    kms.describe_key(KeyId=key)
page = look()
assert len(page["Events"]) == 50 and page["NextToken"]

# A range of time has its ends, in whole seconds.
moment = listed[0]["EventTime"]
inside = everything(StartTime=moment, EndTime=moment)
assert inside and all(event["EventTime"] == moment for event in inside)
assert not everything(EndTime=moment - datetime.timedelta(days=1))
assert not everything(StartTime=moment + datetime.timedelta(days=1))
assert look(EventCategory="insight")["Events"] == []

# Refusals by AWS's names.
name = {"AttributeKey": "EventName", "AttributeValue": "Encrypt"}
for code, question in (
    ("InvalidMaxResultsException", {"MaxResults": 51}),
    ("InvalidLookupAttributesException", {"LookupAttributes": [name, name]}),
    ("InvalidLookupAttributesException", {"LookupAttributes": [{"AttributeKey": "Color", "AttributeValue": "x"}]}),
    ("InvalidLookupAttributesException", {"LookupAttributes": [{**name, "AttributeValue": "x" * 2001}]}),
    ("InvalidNextTokenException", {"NextToken": "x"}),
    ("InvalidNextTokenException", {"NextToken": page["NextToken"], "MaxResults": 2}),
    ("InvalidNextTokenException", {"NextToken": page["NextToken"], "LookupAttributes": [name]}),
    ("InvalidTimeRangeException", {"StartTime": moment, "EndTime": moment - datetime.timedelta(seconds=1)}),
    ("InvalidEventCategoryException", {"EventCategory": "weather"}),
):
    with room.refused(code):
        trail.lookup_events(**question)

# Regions have events of their own; who signs wrongly has none.
stranger = {"aws_access_key_id": "AKIAI44QH8DHBEXAMPLE", "aws_secret_access_key": room.SECRET_KEY}
assert not room.client("cloudtrail", region_name="us-east-1").lookup_events()["Events"]
with room.refused("UnrecognizedClientException"):
    room.client("cloudtrail", **stranger).lookup_events()
count = len(everything())
with room.refused("UnrecognizedClientException"):
    room.client("kms", **stranger).list_keys()
assert len(everything()) == count

# Material that expires has an event of the moment it expired at; after 90 days there is none of anything.
third = room.import_material(kms, key, bytes(range(1, 33)), ValidTo=validity)
with room.later(40 * 24 * 3600):
    expired = look("EventName", "DeleteExpiredKeyMaterial")["Events"]
    assert [event["EventTime"] for event in expired] == [validity]
    details = json.loads(expired[0]["CloudTrailEvent"])["serviceEventDetails"]
    assert details == {"keyId": key, "keyMaterialId": third["KeyMaterialId"]}
    gone = look("EventName", "DeleteKey")["Events"]
    assert [event["Resources"][0]["ResourceName"] for event in gone] == [other["Arn"]]
with room.later(100 * 24 * 3600):
    assert {event["EventName"] for event in everything()} <= {"DeleteExpiredKeyMaterial", "DeleteKey"}

# The aws program, by AWS's manual.
program = pathlib.Path(sys.executable).with_name("aws")
done = subprocess.run(
    [
        sys.executable, program, "--endpoint-url", room.ENDPOINT, "--output", "json", "cloudtrail", "lookup-events",
        "--lookup-attributes", "AttributeKey=EventName,AttributeValue=ImportKeyMaterial",
    ],
    capture_output=True,
    text=True,
)
assert done.returncode == 0, done.stderr
shown = json.loads(done.stdout)["Events"]
assert [json.loads(event["CloudTrailEvent"])["requestID"] for event in shown] == [
    request_id(third), request_id(second), request_id(first)
]

# LookupEvents has AWS's quota where quotas are AWS's.
room.admin(action="set-faults", quotas="aws")
try:
    for _ in range(20):
        trail.lookup_events()
except trail.exceptions.ClientError as error:
    assert error.response["Error"]["Code"] == "ThrottlingException", error
else:
    raise AssertionError("twenty lookups at once were not throttled")
room.admin(action="set-faults")
print(f"{len(listed)} events read")
