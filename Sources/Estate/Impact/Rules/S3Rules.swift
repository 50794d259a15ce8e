extension ImpactRule {
    private static let rotation = RuleSource.documented("kms/latest/developerguide/rotate-keys.html")
    private static let bucketKey = RuleSource.documented("AmazonS3/latest/userguide/bucket-key.html")
    private static let byDefault = RuleSource.documented("AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html")
    private static let update = RuleSource.documented("AmazonS3/latest/API/API_UpdateObjectEncryption.html")
    private static let copy = RuleSource.documented("AmazonS3/latest/API/API_CopyObject.html")
    private static let batch = RuleSource.documented("AmazonS3/latest/userguide/batch-ops-update-encryption.html")
    private static let batchCopy = RuleSource.documented("AmazonS3/latest/userguide/batch-ops-copy-object.html")
    /// Objects that one job of S3 Batch Operations takes.
    private static let mostOfOneJob = 20_000_000_000

    static let s3: [ImpactRule] = [
        ImpactRule(
            id: "s3.bucket", title: "S3 buckets' default encryption", service: "s3", type: "AWS::S3::Bucket",
            setting: .named("KMSMasterKeyID"),
            rotate: ImpactEffect(
                "New objects use the new material; with a Bucket Key, once S3 makes its next one.",
                stays: "Existing objects, under the old material. They stay readable.", grade: .none,
                sources: rotation, bucketKey),
            replaceFollowing: ImpactEffect(
                "New objects use the new key once the alias is moved; with a Bucket Key, later.",
                stays: "Existing objects, under the old key until they are moved.", grade: .none,
                sources: byDefault, bucketKey),
            replacePinned: ImpactEffect(
                "New objects go on under the old key until the bucket's default is changed.",
                stays: "Existing objects, under the old key until they are moved.",
                steps: ["PutBucketEncryption with the new key's ARN"], grade: .low, sources: byDefault),
            move: ImpactEffect(
                "Existing objects are moved in place, without a copy.",
                steps: [
                    "S3 Batch Operations with UpdateObjectEncryption and the new key's ARN, over every version",
                    "copy what that does not take: objects of DSSE-KMS or SSE-C, and those under Object Lock",
                    "compare size and checksum of each object afterwards",
                ], grade: .medium,
                charges: [
                    Charge(.s3Update, of: .objects),
                    // AWS's pages do not say how often S3 asks KMS for it.
                    Charge(
                        .kmsRequests,
                        .untold(.objects, "how many requests to KMS it takes to move objects in place")),
                    Charge(.s3BatchObjects, of: .objects),
                    Charge(.s3BatchJob, .jobs(.objects, most: mostOfOneJob)),
                ], sources: update, batch),
            moveAcrossAccounts: ImpactEffect(
                "Existing objects are copied in place: UpdateObjectEncryption does not take a key of another account, "
                    + "unless AWS Support allowed it within the organization.",
                steps: [
                    "S3 Batch Operations with Copy onto itself and the new key's ARN; above 5 GB a multipart copy each",
                    "expect a new version and another LastModified of each object; old versions keep the old key",
                    "compare size and checksum of each object afterwards",
                ], grade: .medium,
                charges: [
                    Charge(.s3Copy, of: .objects), Charge(.kmsRequests, of: .objects, times: 2),
                    Charge(.s3BatchObjects, of: .objects), Charge(.s3BatchJob, .jobs(.objects, most: mostOfOneJob)),
                    Charge(.s3Storage, of: .gigabytes),
                ], sources: update, copy, batchCopy),
            quantities: [
                .objects: "S3 Inventory over all versions, or NumberOfObjects in CloudWatch",
                .gigabytes: "S3 Inventory over all versions, or BucketSizeBytes in CloudWatch",
            ])
    ]
}
