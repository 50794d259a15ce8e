"""The endpoints of KMS and STS that botocore's own rules give, for every Region of every partition and variant."""

import json
import sys

from botocore.endpoint_provider import EndpointProvider
from botocore.loaders import create_loader

loader = create_loader()
partitions = loader.load_data("partitions")
answers = []
for service in ("kms", "sts"):
    rules = loader.load_service_model(service, "endpoint-rule-set-1")
    provider = EndpointProvider(rules, partitions)
    for partition in partitions["partitions"]:
        for region in partition["regions"]:
            if region.endswith("-global"):
                continue
            for fips in (False, True):
                for dual_stack in (False, True):
                    endpoint = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual_stack)
                    answers.append(
                        {
                            "service": service,
                            "partition": partition["id"],
                            "region": region,
                            "fips": fips,
                            "dualStack": dual_stack,
                            "url": endpoint.url,
                        }
                    )
json.dump(answers, sys.stdout)
