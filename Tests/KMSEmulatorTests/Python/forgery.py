"""The emulator's CloudTrail hides, delays, alters, repeats and invents events, when it is told to and only then."""

import copy
import json
import urllib.error
import uuid

import room

kms, trail = room.client(), room.client("cloudtrail")


def events(name=None):
    more = {"LookupAttributes": [{"AttributeKey": "EventName", "AttributeValue": name}]} if name else {}
    return [event for page in trail.get_paginator("lookup_events").paginate(**more) for event in page["Events"]]


def inner(event):
    return json.loads(event["CloudTrailEvent"])


def requests(name):
    """Request ids, newest first."""
    return [inner(event).get("requestID") for event in events(name)]


def refused(reason, **request):
    try:
        room.admin(**request)
    except urllib.error.HTTPError as error:
        said = json.load(error)["error"]
        assert error.code == 400 and reason in said, said
    else:
        raise AssertionError(f"it was taken: {request}")


def rules(*some):
    room.admin(action="set-faults", events=some)


made = room.admin(action="seed-external-key", alias="alias/a")
key, arn, old = made["keyId"], made["arn"], made["materialId"]
new = room.import_material(kms, key, bytes(range(32)), ImportType="NEW_KEY_MATERIAL")
kms.rotate_key_on_demand(KeyId=key)
other = room.admin(action="seed-external-key", alias="alias/b")["keyId"]
room.import_material(kms, other, bytes(range(1, 33)), ImportType="NEW_KEY_MATERIAL")
true, imports = events(), requests("ImportKeyMaterial")
assert len(imports) == 2

# Hidden: by operation, by key, by request, by their number from the oldest on; and there again afterwards.
rules({"fault": "hide", "operation": "RotateKey"})
assert [event["EventName"] for event in events()] == [
    event["EventName"] for event in true if event["EventName"] != "RotateKey"
]
rules({"fault": "hide", "operation": "ImportKeyMaterial", "key": "alias/a"})
assert requests("ImportKeyMaterial") == imports[:1]
rules({"fault": "hide", "requestId": imports[0]})
assert requests("ImportKeyMaterial") == imports[1:]
rules({"fault": "hide", "operation": "ImportKeyMaterial", "after": 1, "times": 1})
assert requests("ImportKeyMaterial") == imports[1:]
rules({"fault": "hide"})
assert events() == []
rules()
assert events() == true

# Delayed: by the service's clock, or by how many calls there were since.
rules({"fault": "delay", "operation": "ImportKeyMaterial", "key": arn, "seconds": 900})
assert requests("ImportKeyMaterial") == imports[:1]
with room.later(901):
    assert requests("ImportKeyMaterial") == imports
rules({"fault": "delay", "operation": "DescribeKey", "calls": 2})
described = kms.describe_key(KeyId=key)["ResponseMetadata"]["RequestId"]
assert [requests("DescribeKey") for _ in range(3)] == [[], [], [described]]

# Of another caller, and nothing else is changed.
user = "arn:aws:iam::111122223333:user/mallory"
rules({"fault": "identity", "operation": "ImportKeyMaterial", "times": 1, "identity": user})
latest, first = events("ImportKeyMaterial")
assert first["Username"] == "mallory" and first["AccessKeyId"] == "AKIAI44QH8DHBEXAMPLE"
assert latest == next(event for event in true if event["EventId"] == latest["EventId"])
was = inner(next(event for event in true if event["EventId"] == first["EventId"]))
assert inner(first)["userIdentity"]["arn"] == user and inner(first)["userIdentity"]["userName"] == "mallory"
assert {**inner(first), "userIdentity": None} == {**was, "userIdentity": None}
session = "arn:aws:sts::111122223333:assumed-role/Importer/keyrite-2026"
rules({"fault": "identity", "identity": session, "accessKeyId": "ASIAIOSFODNN7EXAMPLE"})
role = inner(events("ImportKeyMaterial")[0])["userIdentity"]
assert role["type"] == "AssumedRole" and role["arn"] == session and role["accessKeyId"] == "ASIAIOSFODNN7EXAMPLE"
issuer = role["sessionContext"]["sessionIssuer"]
assert issuer["arn"] == "arn:aws:iam::111122223333:role/Importer" and issuer["userName"] == "Importer"
assert role["principalId"].split(":") == [issuer["principalId"], "keyrite-2026"]
assert events("ImportKeyMaterial")[0]["Username"] == "keyrite-2026"
assert inner(events("RotateKey")[0])["userIdentity"] == {"accountId": "111122223333", "invokedBy": "AWS Internal"}

# Replayed: one request, two events, each with an id that lasts.
rules({"fault": "replay", "requestId": imports[0]})
twice = events("ImportKeyMaterial")
assert [inner(event)["requestID"] for event in twice] == [imports[0], *imports]
assert len({event["EventId"] for event in twice}) == 3 and twice == events("ImportKeyMaterial")
assert {**inner(twice[0]), "eventID": 0} == {**inner(twice[1]), "eventID": 0}
assert inner(twice[0])["eventID"] == twice[0]["EventId"]
rules()

# Forged by its parts: an import by somebody else, within the window or before it.
stranger = {"action": "forge-event", "operation": "ImportKeyMaterial", "key": "alias/a", "identity": user}
forged = room.admin(**stranger, materialId="ab" * 32, seconds=-7200)
found = next(event for event in events("ImportKeyMaterial") if event["EventId"] == forged["eventId"])
told = inner(found)
assert told["requestID"] == forged["requestId"] and told["userIdentity"]["arn"] == user
assert told["responseElements"] == {"keyId": arn, "keyMaterialId": "ab" * 32}
assert told["requestParameters"]["keyId"] == key and told["readOnly"] is False
assert set(told) == set(was) and [each["ResourceName"] for each in found["Resources"]] == [arn]
assert events()[-1]["EventId"] == forged["eventId"], "what was before all else is not listed last"
room.admin(action="forge-event", operation="UpdateAlias", key=other, alias="alias/a", requestId="taken-from-elsewhere")
moved = events("UpdateAlias")[0]
assert inner(moved)["requestParameters"] == {"aliasName": "alias/a", "targetKeyId": other}
assert inner(moved)["requestID"] == "taken-from-elsewhere" and moved["Username"] == "rehearsal"
spontaneous = room.admin(action="forge-event", operation="RotateKey", key=key, materialId="cd" * 32)
assert "requestId" not in spontaneous
details = inner(events("RotateKey")[0])["serviceEventDetails"]
assert details["currentKeyMaterialId"] == "cd" * 32 and details["keyId"] == key

# Forged whole: whatever it says.
whole = copy.deepcopy(was)
whole.update(eventID=str(uuid.uuid4()), eventTime="2026-01-02T03:04:05Z", strange={"deep": [1, 2.5, None, True, "ü"]})
whole["eventTime"] = told["eventTime"]
answer = room.admin(action="forge-event", event=whole)
assert answer == {"eventId": whole["eventID"], "requestId": whole["requestID"]}
assert inner(next(event for event in events() if event["EventId"] == whole["eventID"])) == whole

# What is no rule and no event is refused by name.
for reason, rule in (
    ("unknown members: color", {"fault": "hide", "color": "red"}),
    ("unknown members: seconds", {"fault": "hide", "seconds": 1}),
    ("either of seconds or of calls", {"fault": "delay"}),
    ("none that has events", {"fault": "hide", "operation": "Encipher"}),
    ("ARN of a user", {"fault": "identity", "identity": "mallory"}),
    ("must be 1 or more", {"fault": "replay", "times": 0}),
):
    refused(reason, action="set-faults", events=[rule])
for reason, more in (
    ("unknown members: color", {**stranger, "color": "red"}),
    ("does not exist", {**stranger, "key": str(uuid.uuid4())}),
    ("none of KMS", {**stranger, "operation": "GetCallerIdentity"}),
    ("64 lowercase hex digits", {**stranger, "materialId": "AB"}),
    ("90 days", {**stranger, "seconds": 1e9}),
    ("belongs to operations on aliases", {**stranger, "alias": "alias/a"}),
    ("unknown members: key", {"event": whole, "key": key}),
    ("eventTime", {"event": {**whole, "eventTime": "yesterday"}}),
    ("eventID", {"event": {**whole, "eventID": 7}}),
    ("awsRegion", {"event": {**whole, "awsRegion": None}}),
    ("262144", {"event": {**whole, "strange": "x" * 300_000}}),
):
    refused(reason, **{"action": "forge-event", **more})
assert len(events()) == len(true) + 5, "what was refused has left an event"

# What became of an answer on its way is nothing to the record; what never arrived has none.
room.admin(
    action="set-faults",
    rules=[
        {"operation": "TagResource", "fault": "lose-answer", "times": 1},
        {"operation": "UntagResource", "fault": "reset", "times": 1},
        {"operation": "EnableKey", "fault": "throttle", "times": 1},
    ],
)
for call in (
    lambda: kms.tag_resource(KeyId=key, Tags=[{"TagKey": "a", "TagValue": "b"}]),
    lambda: kms.untag_resource(KeyId=key, TagKeys=["a"]),
    lambda: kms.enable_key(KeyId=key),
):
    try:
        call()
    except Exception:
        continue
    raise AssertionError("a call that was to fail did not")
assert len(events("TagResource")) == 1 and "errorCode" not in inner(events("TagResource")[0])
assert events("UntagResource") == []
assert inner(events("EnableKey")[0])["errorCode"] == "ThrottlingException"
print("events hidden, delayed, altered, replayed and forged")
