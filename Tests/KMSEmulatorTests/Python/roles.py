"""boto3 begins sessions of roles, one with another, and CloudTrail has their calls as AWS's documents show them."""

import json

import room

sts, trail = room.client("sts"), room.client("cloudtrail")
ACCOUNT = sts.get_caller_identity()["Account"]


def begin(by, role, name, **more):
    answer = by.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role}", RoleSessionName=name, **more)
    given = answer["Credentials"]
    keys = dict(
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
    return answer, keys


answer, keys = begin(sts, "path/importer", "keyrite-1", DurationSeconds=900, ExternalId="42", Tags=[{"Key": "a", "Value": "b"}])
arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/importer/keyrite-1"
user = answer["AssumedRoleUser"]
assert user["Arn"] == arn and user["AssumedRoleId"].endswith(":keyrite-1") and user["AssumedRoleId"].startswith("AROA")
assert keys["aws_access_key_id"].startswith("ASIA")
identity = room.client("sts", **keys).get_caller_identity()
assert identity["Arn"] == arn and identity["UserId"] == user["AssumedRoleId"] and identity["Account"] == ACCOUNT

made = room.client(**keys).create_key(Origin="EXTERNAL")
events = [json.loads(event["CloudTrailEvent"]) for event in trail.lookup_events()["Events"]]
created = [event for event in events if event["eventName"] == "CreateKey"]
assert len(created) == 1 and created[0]["requestID"] == made["ResponseMetadata"]["RequestId"]
who = created[0]["userIdentity"]
assert who["type"] == "AssumedRole" and who["arn"] == arn and who["principalId"] == user["AssumedRoleId"]
issuer = who["sessionContext"]["sessionIssuer"]
assert issuer["type"] == "Role" and issuer["userName"] == "importer" and issuer["accountId"] == ACCOUNT
begun = [event for event in events if event["eventName"] == "AssumeRole"]
assert begun[0]["requestParameters"]["roleSessionName"] == "keyrite-1" and begun[0]["userIdentity"]["type"] == "IAMUser"
assert keys["aws_secret_access_key"] not in json.dumps(events) and keys["aws_session_token"] not in json.dumps(events)

_, chained = begin(room.client("sts", **keys), "looker", "keyrite-1")
assert room.client("sts", **chained).get_caller_identity()["Arn"].endswith(":assumed-role/looker/keyrite-1")
with room.refused("ValidationError"):
    begin(room.client("sts", **keys), "looker", "keyrite-1", DurationSeconds=3601)
with room.refused("AccessDenied", status=403):
    sts.assume_role(RoleArn="arn:aws:iam::444455556666:role/r", RoleSessionName="keyrite-1")
with room.refused("AccessDenied", status=403):
    begin(sts, "importer", "keyrite-1", SerialNumber=f"arn:aws:iam::{ACCOUNT}:mfa/u", TokenCode="123456")
with room.refused("InvalidClientTokenId", status=403):
    other = dict(keys, aws_session_token=chained["aws_session_token"])
    room.client("sts", **other).get_caller_identity()
with room.refused("SignatureDoesNotMatch", status=403):
    room.client("sts", **dict(keys, aws_secret_access_key="x" * 40)).get_caller_identity()

# A role that is listed may do what is listed, under whatever session; everybody else what they could.
importer = f"arn:aws:iam::{ACCOUNT}:role/importer"
room.admin(action="set-faults", permissions=[{"caller": importer, "allow": ["DescribeKey"]}])
key = made["KeyMetadata"]["KeyId"]
room.client(**keys).describe_key(KeyId=key)
with room.refused("AccessDeniedException"):
    room.client(**keys).create_key()
room.client(**chained).create_key()
denied = [json.loads(e["CloudTrailEvent"]) for e in trail.lookup_events()["Events"] if e["EventName"] == "CreateKey"]
assert [event.get("errorCode") for event in denied] == [None, "AccessDenied", None]
assert f"User: {arn} is not authorized to perform: kms:CreateKey" in denied[1]["errorMessage"]
print("roles")
