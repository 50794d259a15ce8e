"""Makes sigv4.json: requests signed by botocore, for SigV4VectorTests.

    python3 -m venv venv && venv/bin/pip install botocore==1.43.11 && venv/bin/python make.py

Nothing in it is secret: the keys are AWS's documentation examples.
"""

import datetime
import json
import pathlib
from unittest import mock

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "FwoGZXIvYXdzEXAMPLE//////////+Token/with+signs=="

JSON_11 = "application/x-amz-json-1.1"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def kms(name, operation, body, region="eu-central-1", time="2026-02-28T23:59:59", token=None, host=None, more=()):
    headers = [("Content-Type", JSON_11), ("X-Amz-Target", "TrentService." + operation), *more]
    host = host or f"https://kms.{region}.amazonaws.com"
    return name, "kms", region, time, token, "POST", host + "/", headers, body


CASES = [
    kms("empty input", "ListAliases", "{}"),
    kms("session token", "DescribeKey", '{"KeyId":"alias/payments"}', token=TOKEN),
    kms("leap day", "DescribeKey", '{"KeyId":"a"}', time="2028-02-29T00:00:00"),
    kms("first second of a year", "DescribeKey", '{"KeyId":"a"}', time="2027-01-01T00:00:00"),
    kms("China", "ListAliases", "{}", region="cn-north-1", host="https://kms.cn-north-1.amazonaws.com.cn"),
    kms("GovCloud", "ListAliases", "{}", region="us-gov-west-1"),
    kms("loopback with a port", "ListAliases", "{}", host="http://127.0.0.1:4566"),
    kms("text beyond ASCII", "CreateKey", '{"Description":"Schlüssel für Zürich ✓"}'),
    kms("white space in a header", "ListAliases", "{}", more=[("X-Note", "  two   words\tand  a tab ")]),
    kms("a header twice", "ListAliases", "{}", more=[("X-Note", "b"), ("X-Note", "a")]),
    kms("header names that sort closely", "ListAliases", "{}", more=[("X-Amz", "1"), ("X-Amz-Targets", "2")]),
    kms("blob", "ImportKeyMaterial", json.dumps({"EncryptedKeyMaterial": "A" * 6_000})),
    ("form body", "sts", "eu-west-1", "2026-07-01T12:00:00", TOKEN, "POST", "https://sts.eu-west-1.amazonaws.com/",
     [("Content-Type", FORM)], "Action=GetCallerIdentity&Version=2011-06-15"),
    ("query", "sts", "us-east-1", "2026-07-01T12:00:00", None, "GET",
     "https://sts.us-east-1.amazonaws.com/?Version=2011-06-15&Action=GetCallerIdentity&a=&A=1", [], ""),
    ("path that is encoded already", "kms", "us-east-1", "2026-07-01T12:00:00", None, "GET",
     "https://kms.us-east-1.amazonaws.com/a%20b//c/./d/../e+f/", [], ""),
]


def vector(name, service, region, time, token, method, url, headers, body):
    body = body.encode()
    request = AWSRequest(method=method, url=url, data=body)
    for key, value in headers:
        request.headers.add_header(key, value)
    signer = botocore.auth.SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY, token), service, region)
    now = datetime.datetime.fromisoformat(time + "+00:00")
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=now):
        signer.add_auth(request)
    authorization = request.headers["Authorization"]
    del request.headers["Authorization"]
    canonical = signer.canonical_request(request)
    _, _, rest = url.partition("://")
    host, slash, target = rest.partition("/")
    path, _, query = (slash + target).partition("?")
    return {
        "name": name,
        "accessKeyID": ACCESS_KEY,
        "secretAccessKey": SECRET_KEY,
        "sessionToken": token,
        "service": service,
        "region": region,
        "time": request.context["timestamp"],
        "secondsSinceEpoch": int(now.timestamp()),
        "method": method,
        "path": path,
        "query": query,
        "headers": [["Host", host], *([key, value] for key, value in headers)],
        "body": body.decode(),
        "canonicalRequest": canonical,
        "authorization": authorization,
    }


if __name__ == "__main__":
    out = pathlib.Path(__file__).with_name("sigv4.json")
    out.write_text(json.dumps([vector(*case) for case in CASES], indent=1, ensure_ascii=False) + "\n")
