"""The credentials that botocore comes to by variables, shared files, roles and servers: a list of cases in, keys out.

Each case is {"environment": {...}, "profile": name or null}; each answer is {"key", "secret", "token"} or {"refused"}.
"""

import json
import os
import sys

import botocore.loaders
import botocore.session

loader = botocore.loaders.create_loader()


def read(profile):
    session = botocore.session.Session(profile=profile)
    session.register_component("data_loader", loader)
    roles = session.get_component("credential_provider").get_provider("assume-role")
    roles._prompter = lambda _: "123456"
    found = session.get_credentials()
    if found is None:
        return {"refused": "no credentials"}
    keys = found.get_frozen_credentials()
    return {"key": keys.access_key, "secret": keys.secret_key, "token": keys.token or None}


answers = []
for case in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(case["environment"])
    try:
        answers.append(read(case.get("profile")))
    except Exception as error:  # Whatever botocore makes of it, it is no answer.
        answers.append({"refused": f"{type(error).__name__}: {error}"})
json.dump(answers, sys.stdout)
