"""Gives policies to moto, as to IAM and KMS: {"roles": [text], "keys": [text]} in; what it keeps of them must be what it was given."""

import json
import sys

import boto3
from moto import mock_aws

given = json.load(sys.stdin)


@mock_aws
def give():
    keys = {"region_name": "eu-central-1", "aws_access_key_id": "none", "aws_secret_access_key": "none"}
    iam = boto3.client("iam", **keys)
    for number, text in enumerate(given["roles"]):
        made = iam.create_policy(PolicyName=f"p{number}", PolicyDocument=text)["Policy"]
        kept = iam.get_policy_version(PolicyArn=made["Arn"], VersionId=made["DefaultVersionId"])
        assert kept["PolicyVersion"]["Document"] == json.loads(text), kept
    kms = boto3.client("kms", **keys)
    for text in given["keys"]:
        key = kms.create_key(Origin="EXTERNAL", Policy=text)["KeyMetadata"]["KeyId"]
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=text)
        assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == text
        # Its rules for identities look closer than its KMS; but for principals, which they do not have.
        policy = json.loads(text)
        for statement in policy["Statement"]:
            del statement["Principal"]
        iam.create_policy(PolicyName=key, PolicyDocument=json.dumps(policy))
    # That it refuses what is no policy is what makes its word worth something.
    for wrong in ('{"Version":"2012-10-17"}', text.replace('"Effect":"Allow"', '"Effect":"allow"')):
        try:
            iam.create_policy(PolicyName="wrong", PolicyDocument=wrong)
        except iam.exceptions.MalformedPolicyDocumentException:
            continue
        raise AssertionError(wrong)


give()
print("kept")
