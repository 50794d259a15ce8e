extension ImpactRule {
    private static let rotation = RuleSource.documented(
        "kms/latest/developerguide/rotate-keys.html", checked: "2026-11-27")
    private static let bucketKey = RuleSource.documented(
        "AmazonS3/latest/userguide/bucket-key.html", checked: "2026-11-27")
    private static let byDefault = RuleSource.documented(
        "AmazonS3/latest/API/API_ServerSideEncryptionByDefault.html", checked: "2026-11-27")
    private static let update = RuleSource.documented(
        "AmazonS3/latest/API/API_UpdateObjectEncryption.html", checked: "2026-11-27")
    private static let copy = RuleSource.documented("AmazonS3/latest/API/API_CopyObject.html", checked: "2026-11-27")
    private static let batch = RuleSource.documented(
        "AmazonS3/latest/userguide/batch-ops-update-encryption.html", checked: "2026-11-27")
    private static let batchCopy = RuleSource.documented(
        "AmazonS3/latest/userguide/batch-ops-copy-object.html", checked: "2026-11-27")
    private static let lock = RuleSource.documented("AmazonS3/latest/userguide/object-lock.html", checked: "2026-11-27")
    /// A copy is another version: what it is made of stays as it was.
    private static let left =
        "Existing objects, under the old key until they are moved. A version under Object Lock stays under it until its "
        + "retention and its legal hold end, whatever copy is made of it; so does each old version that a copy leaves, until it "
        + "is deleted."
    /// Objects that one job of S3 Batch Operations takes.
    private static let mostOfOneJob = 20_000_000_000

    private static let dsse = RuleSource.documented(
        "AmazonS3/latest/userguide/UsingDSSEncryption.html", checked: "2026-11-28")
    private static let counted: [Quantity: String] = [
        .objects: "S3 Inventory over all versions, or NumberOfObjects in CloudWatch",
        .gigabytes: "S3 Inventory over all versions, or BucketSizeBytes in CloudWatch",
    ]

    /// Each object anew, under the new key.
    private static func copied(_ happens: String) -> ImpactEffect {
        ImpactEffect(
            happens,
            steps: [
                "restore archived objects first (S3 Glacier Flexible Retrieval and Deep Archive); leave objects of SSE-C: no "
                    + "KMS key is theirs",
                "S3 Batch Operations with Copy onto itself and the new key's ARN, which takes objects of up to 5 GB; larger "
                    + "ones by a multipart copy each",
                "expect a new version and another LastModified of each object; old versions keep the old key",
                "compare size and checksum of each object afterwards",
            ], grade: .medium,
            charges: [
                Charge(.s3Copy, of: .objects), Charge(.kmsRequests, of: .objects, times: 2),
                Charge(.s3BatchObjects, of: .objects), Charge(.s3BatchJob, .jobs(.objects, most: mostOfOneJob)),
                Charge(.s3Storage, of: .gigabytes),
            ], sources: update, copy, batchCopy)
    }

    /// Objects that are encrypted twice; no Bucket Key is used for them.
    private static let twice = ImpactRule(
        id: "s3.bucket-dsse", title: "S3 buckets' default encryption with DSSE-KMS", service: "s3",
        type: "AWS::S3::Bucket", setting: .named("KMSMasterKeyID"), algorithm: "aws:kms:dsse",
        rotate: ImpactEffect(
            "New objects use the new material.",
            stays: "Existing objects, under the old material. They stay readable.", grade: .none,
            sources: rotation, dsse),
        replaceFollowing: ImpactEffect(
            "New objects use the new key once the alias is moved.", stays: left, grade: .none,
            sources: byDefault, dsse, lock),
        replacePinned: ImpactEffect(
            "New objects go on under the old key until the bucket's default is changed.",
            stays: left, steps: ["PutBucketEncryption with aws:kms:dsse and the new key's ARN"], grade: .low,
            sources: byDefault, dsse, lock),
        move: copied("Existing objects are copied in place: UpdateObjectEncryption does not take objects of DSSE-KMS."),
        quantities: counted)

    static let s3: [ImpactRule] = [
        twice,
        ImpactRule(
            id: "s3.bucket", title: "S3 buckets' default encryption", service: "s3", type: "AWS::S3::Bucket",
            setting: .named("KMSMasterKeyID"),
            rotate: ImpactEffect(
                "New objects use the new material; with a Bucket Key, once S3 makes its next one.",
                stays: "Existing objects, under the old material. They stay readable.", grade: .none,
                sources: rotation, bucketKey),
            replaceFollowing: ImpactEffect(
                "New objects use the new key once the alias is moved; with a Bucket Key, later.",
                stays: left, grade: .none, sources: byDefault, bucketKey, lock),
            replacePinned: ImpactEffect(
                "New objects go on under the old key until the bucket's default is changed.",
                stays: left, steps: ["PutBucketEncryption with the new key's ARN"], grade: .low,
                sources: byDefault, lock),
            move: ImpactEffect(
                "Existing objects are moved in place, without a copy.",
                steps: [
                    "S3 Batch Operations with UpdateObjectEncryption and the new key's ARN, over every version; archived "
                        + "objects stay archived",
                    "copy what that does not take, objects of DSSE-KMS and those under Object Lock, each of which gets a new "
                        + "version: up to 5 GB with S3 Batch Operations, larger ones by a multipart copy each; restore archived "
                        + "ones first",
                    "leave objects of SSE-C: no KMS key is theirs",
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
                ], sources: update, batch, batchCopy),
            moveAcrossAccounts: copied(
                "Existing objects are copied in place: UpdateObjectEncryption does not take a key of another account, "
                    + "unless AWS Support allowed it within the organization."),
            quantities: counted),
    ]
}
