"""All of CloudTrail's event history as boto3 reads it, page by page, in JSON on standard output."""

import json
import sys

import room

trail = room.client("cloudtrail")
events = [event for page in trail.get_paginator("lookup_events").paginate() for event in page["Events"]]
for event in events:
    event["EventTime"] = event["EventTime"].timestamp()
json.dump(events, sys.stdout)
