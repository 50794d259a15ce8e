"""The proxies that botocore takes from the environment: a list of {"environment", "url"} in, URLs or nulls out."""

import json
import os
import sys

from botocore.httpsession import ProxyConfiguration
from botocore.utils import get_environ_proxies

answers = []
for case in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(case["environment"])
    answers.append(ProxyConfiguration(get_environ_proxies(case["url"])).proxy_url_for(case["url"]))
json.dump(answers, sys.stdout)
