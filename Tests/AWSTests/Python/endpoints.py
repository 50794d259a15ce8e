"""The endpoints that botocore's own rules give, for every Region of every partition and variant."""

import json
import sys

from botocore.endpoint_provider import EndpointProvider
from botocore.exceptions import EndpointProviderError
from botocore.loaders import create_loader

loader = create_loader()
partitions = loader.load_data("partitions")
answers = []
SERVICES = "kms sts cloudtrail iam s3 dynamodb rds secretsmanager logs sns sqs ec2 efs organizations".split()
for service in SERVICES:
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
                        # Some partitions have no IAM, and no other service, over dual stack.
                        if service in ("kms", "sts", "cloudtrail"):
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
