"""Whom the emulator answers: SigV4 by its one access key, now, for this Region and service, and nobody else.

Names are those of docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html and, for STS,
docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html.
"""

import datetime
import email.utils
import http.client
import json
import urllib.parse

import botocore.auth
import room
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

ADDRESS = urllib.parse.urlsplit(room.ENDPOINT).netloc
BODY = b'{"Origin":"EXTERNAL"}'
REAL_CLOCK = botocore.auth.get_current_datetime

kms = room.client()
assert room.client("kms").list_aliases()["Aliases"] == []



def stranger(service="kms", access_key=room.ACCESS_KEY, secret_key=room.SECRET_KEY, token=None, **more):
    return room.client(
        service, aws_access_key_id=access_key, aws_secret_access_key=secret_key, aws_session_token=token, **more
    )


with room.refused("UnrecognizedClientException"):
    stranger(access_key="AKIAUNKNOWNUNKNOWN00").list_aliases()
with room.refused("UnrecognizedClientException"):
    stranger(token="x").list_aliases()
with room.refused("InvalidSignatureException"):
    stranger(secret_key=room.SECRET_KEY + "x").list_aliases()
with room.refused("InvalidSignatureException"):
    stranger(region_name="us-gov-west-1").list_aliases()
with room.refused("InvalidClientTokenId", status=403):
    stranger("sts", access_key="AKIAUNKNOWNUNKNOWN00").get_caller_identity()
with room.refused("SignatureDoesNotMatch", status=403):
    stranger("sts", secret_key="x").get_caller_identity()


def at(offset):
    """Botocore's clock, moved."""
    botocore.auth.get_current_datetime = lambda *_, **__: REAL_CLOCK() + datetime.timedelta(seconds=offset)


# Five minutes either way, and what is refused says which way.
for offset, words in [(-400, "Signature expired"), (400, "Signature not yet current")]:
    at(offset)
    try:
        kms.list_aliases()
    except kms.exceptions.ClientError as error:
        assert error.response["Error"]["Code"] == "InvalidSignatureException"
        assert error.response["Error"]["Message"].startswith(words), error
    else:
        raise AssertionError(f"a signature of {offset} s was taken")
for offset in [-200, 200]:
    at(offset)
    kms.list_aliases()

# The service's clock is one: Date, signatures and tokens follow it.
at(0)
key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]["KeyId"]
fetched = room.parameters(kms, key)
room.admin(action="set-clock-offset", seconds=24 * 60 * 60)
with room.refused("InvalidSignatureException"):
    kms.list_aliases()
at(24 * 60 * 60)
date = email.utils.parsedate_to_datetime(kms.list_aliases()["ResponseMetadata"]["HTTPHeaders"]["date"])
ahead = date - datetime.datetime.now(datetime.timezone.utc)
assert abs(ahead.total_seconds() - 24 * 60 * 60) < 60, ahead
# ImportKeyMaterial: ExpiredImportTokenException.
with room.refused("ExpiredImportTokenException"):
    room.import_material(kms, key, bytes(32), fetched)
room.admin(action="set-clock-offset", seconds=0)
at(0)


def signed(headers=(), service="kms"):
    request = AWSRequest("POST", room.ENDPOINT + "/", data=BODY, headers={
        "Host": ADDRESS, "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "TrentService.CreateKey",
        **dict(headers),
    })
    botocore.auth.SigV4Auth(Credentials(room.ACCESS_KEY, room.SECRET_KEY), service, room.REGION).add_auth(request)
    return dict(request.headers)


def send(headers, body=BODY, path="/", method="POST"):
    connection = http.client.HTTPConnection(ADDRESS, timeout=30)
    connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body)
    answer = connection.getresponse()
    found = answer.status, json.loads(answer.read() or b"{}")
    connection.close()
    return found


def hold(found, status, code):
    assert found[0] == status and found[1].get("__type") == code, f"{found}, but {status} {code} was due"


assert send(signed())[0] == 200
assert send(signed({"X-Extra": "a   b"}))[0] == 200
whole = signed()
# One byte changed anywhere that the signature covers.
hold(send(whole, body=b'{"Origin":"AWS_KMSX"}'), 400, "InvalidSignatureException")
hold(send({**whole, "Content-Type": "application/x-amz-json-1.0"}), 400, "InvalidSignatureException")
hold(send({**whole, "X-Amz-Target": "TrentService.ListAliases"}), 400, "InvalidSignatureException")
hold(send({**whole, "Host": "localhost"}), 400, "InvalidSignatureException")
hold(send(whole, path="/?x=1"), 400, "InvalidSignatureException")
flipped = whole["Authorization"][:-1] + ("0" if whole["Authorization"][-1] != "0" else "1")
hold(send({**whole, "Authorization": flipped}), 400, "InvalidSignatureException")
# Another service's signature; headers that should have been covered; none at all.
hold(send(signed(service="sts")), 400, "InvalidSignatureException")
hold(send({**whole, "X-Amz-Security-Token": ""}), 400, "UnrecognizedClientException")
hold(send({**whole, "X-Amz-Extra": "x"}), 400, "InvalidSignatureException")
bare = {name: value for name, value in whole.items() if name != "Authorization"}
hold(send(bare), 400, "MissingAuthenticationTokenException")
hold(send({**bare, "Authorization": "Bearer x"}), 400, "IncompleteSignatureException")
undated = {name: value for name, value in whole.items() if name != "X-Amz-Date"}
hold(send(undated), 400, "IncompleteSignatureException")
# Nothing but POST of an operation.
hold(send(whole, method="GET"), 400, "UnknownOperationException")
hold(send(whole, path="/x"), 400, "UnknownOperationException")
# A name that somebody pointed here for a browser's sake opens nothing, not even with the signature that it needs.
port = ADDRESS.rpartition(":")[2]
admin = {"Content-Type": "application/json"}
for host in [
    "kms.example.com", f"kms.example.com:{port}", f"127.0.0.1.example.com:{port}", f"127.0.0.1:{port}@example.com", "0.0.0.0",
    "127.1", f"localhost.:{port}", "127.0.0.1:0", f"127.0.0.1:{port}/x", "",
]:
    hold(send(signed({"Host": host})), 421, "MisdirectedRequestException")
    hold(send({**admin, "Host": host}, b'{"action":"calls"}', "/_keyrite/admin"), 421, "MisdirectedRequestException")
hold(send(admin, b'{"action":"calls"}', "/_keyrite/admin"), 421, "MisdirectedRequestException")
for host in ["localhost", f"localhost:{port}", f"LOCALHOST:{port}", "127.0.0.1", f"[::1]:{port}"]:
    assert send(signed({"Host": host}))[0] == 200, host
    assert send({**admin, "Host": host}, b'{"action":"calls"}', "/_keyrite/admin")[0] == 200, host
# The admin path asks for no signature, and for JSON.
assert send({"Host": ADDRESS, "Content-Type": "text/plain"}, b'{"action":"calls"}', "/_keyrite/admin")[0] == 400
# A body nobody needs, announced or sent.
assert send(whole, body=bytes(2 << 20))[0] == 413

made = [call for call in room.admin(action="calls")["calls"] if call["operation"] == "CreateKey"]
assert sum("error" not in call for call in made) == 8, made
print(f"{sum('error' in call for call in made)} forgeries of CreateKey were refused and made no key")
