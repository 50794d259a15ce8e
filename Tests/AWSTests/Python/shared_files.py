"""How botocore reads AWS's variables and shared files: a list of cases in, what a request would carry out.

Each case is {"environment": {...}}; each answer is {"key", "secret", "token", "region", "kms", "sts", "ca"} or
{"refused"}.
"""

import json
import os
import sys

import botocore.loaders
import botocore.session


class Sent(Exception):
    """What would be sent, in place of sending it."""

    def __init__(self, request):
        self.request = request


def send(request, **_):
    raise Sent(request)


def url(session, service, operation):
    client = session.create_client(service)
    client.meta.events.register("before-send", send)
    try:
        getattr(client, operation)()
    except Sent as sent:
        return sent.request.url.rstrip("/")


# The service models take most of the time, and are the same for all.
loader = botocore.loaders.create_loader()


def read():
    session = botocore.session.Session()
    session.register_component("data_loader", loader)
    found = session.get_credentials()
    if found is None:
        return {"refused": "no credentials"}
    keys = found.get_frozen_credentials()
    ca = session.get_config_variable("ca_bundle")
    return {
        "key": keys.access_key,
        "secret": keys.secret_key,
        "token": keys.token or None,
        "region": session.get_config_variable("region"),
        "kms": url(session, "kms", "list_aliases"),
        "sts": url(session, "sts", "get_caller_identity"),
        "ca": ca and str(ca),
    }


answers = []
for case in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(case["environment"])
    try:
        answers.append(read())
    except Exception as error:  # Whatever botocore makes of it, it is no answer.
        answers.append({"refused": f"{type(error).__name__}: {error}"})
json.dump(answers, sys.stdout)
