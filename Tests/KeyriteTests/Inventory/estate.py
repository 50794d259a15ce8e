"""An estate in an emulator that nobody here wrote, and what boto3 finds in it.

    estate.py serve moto|ministack      prints the port, and serves until it is ended
    estate.py build moto|ministack URL  makes the estate
    estate.py accounts moto|ministack URL   adds a second account to it, with a role; prints the role's ARN
    estate.py organization URL          makes moto's account manage 24 others, one of them closed; prints their ids
    estate.py deny URL POLICY           moto holds calls to signatures and policies from now on; prints a user's keys
    estate.py keys URL                  prints of each key its policy's digest and its grants, by ARN
    estate.py read URL REGION...        prints what refers to keys, as a list of lists
    estate.py relay PORT FILE           prints a port that leads to another, where calls signed for the scope that stands
                                        in a file (REGION/SERVICE), and with what its second line says in their bodies,
                                        are never passed on
"""

import asyncio
import hashlib
import json
import os
import random
import signal
import socket
import sys

KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "none"}
HOME = "eu-central-1"
FOREIGN = "arn:aws:kms:eu-central-1:999988887777:key/1234abcd-12ab-34cd-56ef-1234567890ab"
# A name as services take it that look at it less closely than AWS.
NAME = "<b>Größe & 鍵 %41</b>"
MARKUP = "<b>\"Größe\" & 鍵 %41\u202e</b>"
# What stands beside a name that AWS holds to ASCII: tags, descriptions, names for display.
TAGS = [{"Key": "имя <i>&amp;", "Value": "חדר & ห้อง ]]>"}, {"Key": "名前", "Value": MARKUP}]


def client(url, service, region=HOME, keys=KEYS):
    import boto3

    return boto3.client(service, region_name=region, endpoint_url=url, **keys)


def serve(which):
    # However the test's process ends, this one does not outlive nine minutes.
    signal.alarm(540)
    if which == "moto":
        from moto.server import ThreadedMotoServer

        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        print(server.get_host_and_port()[1], flush=True)
        signal.pause()
    import runpy

    # Below 32768, where Linux begins to give ports to outgoing connections.
    while True:
        port = random.randrange(10000, 32000)
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
                break
            except OSError:
                pass
    os.environ.update(GATEWAY_PORT=str(port), BIND_HOST="127.0.0.1", IOT_MTLS_ENABLED="0")
    print(port, flush=True)
    sys.argv = ["ministack"]
    runpy.run_module("ministack", run_name="__main__")


def build(which, url):
    kms = client(url, "kms")
    tags = [{"TagKey": f"tag {n}", "TagValue": "Größe <i>"} for n in range(3)] if which == "moto" else []
    key = kms.create_key(Description=MARKUP, Tags=tags)["KeyMetadata"]
    other = kms.create_key()["KeyMetadata"]
    missing = key["Arn"][:-12] + "000000000000"
    kms.create_alias(AliasName="alias/payments", TargetKeyId=key["KeyId"])
    kms.create_grant(
        KeyId=key["KeyId"], GranteePrincipal="arn:aws:iam::123456789012:role/Lager", Operations=["Decrypt", "Encrypt"])
    for n in range(105 if which == "moto" else 3):
        kms.create_alias(AliasName=f"alias/more/{n}", TargetKeyId=other["KeyId"])

    s3 = client(url, "s3")
    place = {"LocationConstraint": HOME}
    names = ["alias/payments", key["Arn"], key["KeyId"], "alias/nowhere", missing, None, FOREIGN]
    for n, name in enumerate(names):
        s3.create_bucket(Bucket=f"bucket-{n}", CreateBucketConfiguration=place)
        rule = {"SSEAlgorithm": "aws:kms", **({"KMSMasterKeyID": name} if name else {})}
        s3.put_bucket_encryption(
            Bucket=f"bucket-{n}",
            ServerSideEncryptionConfiguration={
                "Rules": [{"ApplyServerSideEncryptionByDefault": rule, "BucketKeyEnabled": n % 2 == 0}]
            },
        )
    s3.create_bucket(Bucket="with.dots", CreateBucketConfiguration=place)
    s3.put_bucket_tagging(Bucket="with.dots", Tagging={"TagSet": TAGS})
    client(url, "s3", "eu-west-1").create_bucket(
        Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    dynamo = client(url, "dynamodb")
    for n in range(103 if which == "moto" else 3):
        sse = {"SSESpecification": {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": key["Arn"]}} if n % 3 == 0 else {}
        dynamo.create_table(
            TableName=f"table-{n}", BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "a", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "a", "KeyType": "HASH"}], Tags=TAGS, **sse)
    dynamo.create_backup(TableName="table-0", BackupName="backup")

    rds = client(url, "rds")
    for n in range(103 if which == "moto" else 3):
        encrypted = {"StorageEncrypted": True, "KmsKeyId": other["Arn"]} if n % 2 == 0 else {}
        rds.create_db_instance(
            DBInstanceIdentifier=f"db-{n}", DBInstanceClass="db.t3.micro", Engine="postgres", AllocatedStorage=20,
            MasterUsername="ada", MasterUserPassword="not-a-secret-1", Tags=TAGS, **encrypted)
    rds.create_db_snapshot(DBSnapshotIdentifier="snapshot-0", DBInstanceIdentifier="db-0", Tags=TAGS)
    rds.create_db_cluster(
        DBClusterIdentifier="cluster", Engine="aurora-postgresql", MasterUsername="ada",
        MasterUserPassword="not-a-secret-1", StorageEncrypted=True, KmsKeyId=key["Arn"], Tags=TAGS)
    if which == "moto":
        for n in range(2):
            rds.create_db_instance(
                DBInstanceIdentifier=f"member-{n}", DBInstanceClass="db.r6g.large", Engine="aurora-postgresql",
                DBClusterIdentifier="cluster")
    rds.create_db_cluster_snapshot(DBClusterSnapshotIdentifier="cluster-snapshot", DBClusterIdentifier="cluster")

    secrets = client(url, "secretsmanager")
    for n in range(103 if which == "moto" else 0):
        named = [{"KmsKeyId": "alias/payments"}, {"KmsKeyId": key["Arn"]}, {}][n % 3]
        copies = {"AddReplicaRegions": [{"Region": "eu-north-1"}, {"Region": "us-east-1"}]} if n == 2 else {}
        secrets.create_secret(Name=f"app/secret+{n}", SecretString="not one", Description=MARKUP, Tags=TAGS, **named, **copies)
    if which == "moto":
        secrets.create_secret(Name=NAME, SecretString="not one", KmsKeyId="alias/payments")

    logs = client(url, "logs")
    for n in range(53):
        logs.create_log_group(logGroupName=f"/app/group-{n}", **({"kmsKeyId": key["Arn"]} if n % 5 == 0 else {}))

    client(url, "logs").create_log_group(logGroupName=NAME, kmsKeyId=key["Arn"])

    sns, sqs = client(url, "sns"), client(url, "sqs")
    for n in range(103 if which == "moto" else 3):
        named = {"KmsMasterKeyId": "alias/payments"} if n % 4 == 0 else {}
        sns.create_topic(Name=f"topic-{n}", Attributes={"DisplayName": MARKUP, **named}, Tags=TAGS)
    for n, name in enumerate(["alias/payments", key["KeyId"], "alias/nowhere", None]):
        sqs.create_queue(
            QueueName=f"queue-{n}", tags={tag["Key"]: tag["Value"] for tag in TAGS},
            **({"Attributes": {"KmsMasterKeyId": name}} if name else {}))

    if which == "moto":
        ec2 = client(url, "ec2")
        volume = ec2.create_volume(AvailabilityZone=HOME + "a", Size=1, Encrypted=True, KmsKeyId=key["Arn"])
        ec2.create_tags(Resources=[volume["VolumeId"]], Tags=TAGS)
        ec2.create_volume(AvailabilityZone=HOME + "a", Size=1)
        ec2.create_snapshot(VolumeId=volume["VolumeId"])
    client(url, "efs").create_file_system(
        CreationToken="x", Encrypted=True, KmsKeyId=key["Arn"], Tags=[{"Key": "Name", "Value": MARKUP}, *TAGS])


def accounts(which, url):
    """Two accounts that use each other's keys, and one whose keys nobody reads."""
    own = client(url, "sts").get_caller_identity()["Account"]
    other = "222233334444"
    role = f"arn:aws:iam::{other}:role/audit/reader"
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    if which == "moto":
        keys = session(url, role)
    else:
        keys = {"aws_access_key_id": other, "aws_secret_access_key": "none"}
        client(url, "iam", keys=keys).create_role(
            RoleName="reader", Path="/audit/",
            AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **trust}))
    mine = client(url, "kms").describe_key(KeyId="alias/payments")["KeyMetadata"]["Arn"]
    kms = client(url, "kms", keys=keys)
    theirs = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName="alias/payments", TargetKeyId=theirs)
    assert f":{other}:" in theirs and f":{own}:" in mine, (theirs, mine)
    sqs = client(url, "sqs", keys=keys)
    for n, name in enumerate(["alias/payments", mine, mine.rpartition(":")[0] + ":alias/payments", FOREIGN]):
        sqs.create_queue(QueueName=f"other-{n}", Attributes={"KmsMasterKeyId": name})
    client(url, "sqs").create_queue(QueueName="across", Attributes={"KmsMasterKeyId": theirs})
    return role


def session(url, role):
    answer = client(url, "sts").assume_role(RoleArn=role, RoleSessionName="estate")["Credentials"]
    return {
        "aws_access_key_id": answer["AccessKeyId"], "aws_secret_access_key": answer["SecretAccessKey"],
        "aws_session_token": answer["SessionToken"]}


def organization(url):
    found = client(url, "organizations")
    found.create_organization(FeatureSet="ALL")
    made = [
        found.create_account(Email=f"a{n}@example.com", AccountName=f"a{n}")["CreateAccountStatus"]["AccountId"]
        for n in range(24)]
    found.close_account(AccountId=made[7])
    keys = session(url, f"arn:aws:iam::{made[23]}:role/reader")
    client(url, "kms", keys=keys).create_key(Description="in the last account")
    return {"closed": made[7], "last": made[23], "all": sorted(made)}


def deny(url, policy):
    """A user who may do what the policy says, but not list topics."""
    import urllib.request

    iam = client(url, "iam")
    statements = json.loads(policy)["Statement"] + [
        # moto takes GetBucketEncryption for a listing of the bucket.
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"},
        {"Effect": "Deny", "Action": "sns:ListTopics", "Resource": "*"},
    ]
    iam.create_user(UserName="reader")
    iam.put_user_policy(
        UserName="reader", PolicyName="reader",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    made = iam.create_access_key(UserName="reader")["AccessKey"]
    urllib.request.urlopen(
        urllib.request.Request(url + "/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"})).read()
    return [made["AccessKeyId"], made["SecretAccessKey"]]


def pages(found, operation, key, **arguments):
    for page in found.get_paginator(operation).paginate(**arguments):
        yield from page.get(key, [])


def keys(url):
    kms = client(url, "kms")
    found = {}
    for key in pages(kms, "list_keys", "Keys"):
        if kms.describe_key(KeyId=key["KeyArn"])["KeyMetadata"]["KeyManager"] == "CUSTOMER":
            policy = kms.get_key_policy(KeyId=key["KeyArn"], PolicyName="default")["Policy"]
            grants = [
                [grant["GrantId"], grant["GranteePrincipal"], *sorted(grant["Operations"])]
                for grant in pages(kms, "list_grants", "Grants", KeyId=key["KeyArn"])]
            found[key["KeyArn"]] = [[hashlib.sha256(policy.encode()).hexdigest()], *sorted(grants)]
    return found


def read(url, region, regions=()):
    def of(service):
        return client(url, service, region)

    account = of("sts").get_caller_identity()["Account"]
    found = []

    def add(service, kind, resource, setting, name):
        if name:
            found.append([service, kind, resource, region, setting, name])

    s3 = of("s3")
    for bucket in s3.list_buckets()["Buckets"]:
        place = s3.get_bucket_location(Bucket=bucket["Name"])["LocationConstraint"] or "us-east-1"
        if place != region:
            continue
        try:
            answer = s3.get_bucket_encryption(Bucket=bucket["Name"])
        except s3.exceptions.ClientError as error:
            assert error.response["Error"]["Code"] == "ServerSideEncryptionConfigurationNotFoundError", error
            continue
        for rule in answer["ServerSideEncryptionConfiguration"]["Rules"]:
            default = rule["ApplyServerSideEncryptionByDefault"]
            if default["SSEAlgorithm"].startswith("aws:kms"):
                name = default.get("KMSMasterKeyID") or "default"
                add("s3", "AWS::S3::Bucket", "arn:aws:s3:::" + bucket["Name"], "KMSMasterKeyID", name)

    dynamo = of("dynamodb")
    for name in pages(dynamo, "list_tables", "TableNames"):
        table = dynamo.describe_table(TableName=name)["Table"]
        named = table.get("SSEDescription", {}).get("KMSMasterKeyArn")
        add("dynamodb", "AWS::DynamoDB::Table", table["TableArn"], "SSEDescription.KMSMasterKeyArn", named)
    for backup in dynamo.list_backups()["BackupSummaries"]:
        about = dynamo.describe_backup(BackupArn=backup["BackupArn"])["BackupDescription"]
        named = about.get("SourceTableFeatureDetails", {}).get("SSEDescription", {}).get("KMSMasterKeyArn")
        setting = "SourceTableFeatureDetails.SSEDescription.KMSMasterKeyArn"
        add("dynamodb", "AWS::DynamoDB::Backup", backup["BackupArn"], setting, named)

    rds = of("rds")
    for operation, key, kind, arn in (
        ("describe_db_instances", "DBInstances", "DBInstance", "DBInstanceArn"),
        ("describe_db_clusters", "DBClusters", "DBCluster", "DBClusterArn"),
        ("describe_db_snapshots", "DBSnapshots", "DBSnapshot", "DBSnapshotArn"),
        ("describe_db_cluster_snapshots", "DBClusterSnapshots", "DBClusterSnapshot", "DBClusterSnapshotArn"),
    ):
        for thing in pages(rds, operation, key):
            for setting in ("KmsKeyId", "PerformanceInsightsKMSKeyId", "ActivityStreamKmsKeyId"):
                add("rds", "AWS::RDS::" + kind, thing[arn], setting, thing.get(setting))
            named = thing.get("MasterUserSecret", {}).get("KmsKeyId")
            add("rds", "AWS::RDS::" + kind, thing[arn], "MasterUserSecret.KmsKeyId", named)

    secrets = of("secretsmanager")
    for secret in pages(secrets, "list_secrets", "SecretList"):
        kind = "AWS::SecretsManager::Secret"
        add("secretsmanager", kind, secret["ARN"], "KmsKeyId", secret.get("KmsKeyId") or "default")
        if secret.get("PrimaryRegion", region) == region:
            for copy in secrets.describe_secret(SecretId=secret["ARN"]).get("ReplicationStatus", []):
                if copy["Region"] not in regions:
                    name = "default" if copy["KmsKeyId"] == "alias/aws/secretsmanager" else copy["KmsKeyId"]
                    arn = secret["ARN"].replace(region, copy["Region"])
                    found.append(["secretsmanager", kind, arn, copy["Region"], "KmsKeyId", name])
    for group in pages(of("logs"), "describe_log_groups", "logGroups"):
        arn = group["arn"].removesuffix(":*")
        add("logs", "AWS::Logs::LogGroup", arn, "kmsKeyId", group.get("kmsKeyId"))
    sns = of("sns")
    for topic in pages(sns, "list_topics", "Topics"):
        attributes = sns.get_topic_attributes(TopicArn=topic["TopicArn"])["Attributes"]
        add("sns", "AWS::SNS::Topic", topic["TopicArn"], "KmsMasterKeyId", attributes.get("KmsMasterKeyId"))
    sqs = of("sqs")
    for queue in sqs.list_queues().get("QueueUrls", []):
        attributes = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
        add("sqs", "AWS::SQS::Queue", attributes["QueueArn"], "KmsMasterKeyId", attributes.get("KmsMasterKeyId"))
    ec2 = of("ec2")
    for volume in pages(ec2, "describe_volumes", "Volumes"):
        arn = f"arn:aws:ec2:{region}:{account}:volume/{volume['VolumeId']}"
        add("ec2", "AWS::EC2::Volume", arn, "KmsKeyId", volume.get("KmsKeyId"))
    for snapshot in pages(ec2, "describe_snapshots", "Snapshots", OwnerIds=["self"]):
        arn = f"arn:aws:ec2:{region}::snapshot/{snapshot['SnapshotId']}"
        add("ec2", "AWS::EC2::Snapshot", arn, "KmsKeyId", snapshot.get("KmsKeyId"))
    for system in of("efs").describe_file_systems()["FileSystems"]:
        add("elasticfilesystem", "AWS::EFS::FileSystem", system["FileSystemArn"], "KmsKeyId", system.get("KmsKeyId"))
    return found


async def relay(port, path):
    async def back(reader, writer):
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
        writer.close()

    async def serve(reader, writer):
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", port)
        returning = asyncio.create_task(back(far_reader, writer))
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                headers = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:-2])
                body = await reader.readexactly(int(headers.get(b"content-length", b"0")))
                with open(path, "rb") as file:
                    scope, _, text = file.read().partition(b"\n")
                if scope and b"/" + scope + b"/aws4_request" in head and text in body:
                    await reader.read()
                    return
                far_writer.write(head + body)
                await far_writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            returning.cancel()
            far_writer.close()
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    # However the test's process ends, this one does not outlive it by more than nine minutes.
    await asyncio.wait([asyncio.create_task(server.serve_forever())], timeout=540)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", which]:
            serve(which)
        case ["build", which, url]:
            build(which, url)
        case ["accounts", which, url]:
            print(accounts(which, url))
        case ["organization", url]:
            json.dump(organization(url), sys.stdout)
        case ["deny", url, policy]:
            json.dump(deny(url, policy), sys.stdout)
        case ["keys", url]:
            json.dump(keys(url), sys.stdout)
        case ["relay", port, path]:
            asyncio.run(relay(int(port), path))
        case ["read", url, *regions]:
            json.dump([reference for region in regions for reference in read(url, region, regions)], sys.stdout)
