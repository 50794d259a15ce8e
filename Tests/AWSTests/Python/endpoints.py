"""The endpoints that botocore's own rules give, for every Region of every partition and variant."""

import json
import sys

from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import create_loader

loader = create_loader()
partitions = loader.load_data("partitions")
answers = []
for service in ("kms", "sts", "cloudtrail", "iam"):
    rules = loader.load_service_model(service, "endpoint-rule-set-1")
    provider = EndpointProvider(rules, partitions)
    for partition in partitions["partitions"]:
        for region in partition["regions"]:
            if region.endswith("-global"):
                continue
            for fips in (False, True):
                for dual_stack in (False, True):
                    try:
                        endpoint = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dual_stack)
                    except EndpointProviderError:
                        # Two partitions have no IAM over dual stack.
                        if service != "iam":
                            raise
                        continue
                    schemes = endpoint.properties.get("authSchemes", [])
                    answers.append(
                        {
                            "service": service,
                            "partition": partition["id"],
                            "region": region,
                            "fips": fips,
                            "dualStack": dual_stack,
                            "url": endpoint.url,
                            "signingRegion": schemes[0].get("signingRegion") if schemes else None,
                        }
                    )
json.dump(answers, sys.stdout)
