"""Makes an IAM user with a policy of its own and an access key: {endpoint, name, policy} in, its key and secret out."""

import json
import sys

import boto3

question = json.load(sys.stdin)
iam = boto3.client(
    "iam",
    endpoint_url=question["endpoint"],
    region_name="us-east-1",
    aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
    aws_secret_access_key="none",
)
iam.create_user(UserName=question["name"])
iam.put_user_policy(UserName=question["name"], PolicyName="own", PolicyDocument=question["policy"])
key = iam.create_access_key(UserName=question["name"])["AccessKey"]
json.dump({"key": key["AccessKeyId"], "secret": key["SecretAccessKey"]}, sys.stdout)
