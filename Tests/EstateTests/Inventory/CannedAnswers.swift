/// Answers of calls that no emulator serves, as AWS's model has them: `CannedAnswersTests` holds them to it.
enum CannedAnswers {
    /// Of a key that was used.
    static let used = """
        {"KeyId":"1234abcd-12ab-34cd-56ef-1234567890ab","KeyLastUsage":{"Operation":"Decrypt",\
        "Timestamp":1780000000.25,"CloudTrailEventId":"e0f1","KmsRequestId":"a2b3"},"TrackingStartDate":1770000000,\
        "KeyCreationDate":1760000000}
        """
    /// Of one that was not since it is kept track of; KMS leaves the use out, or has it empty.
    static let unused = [
        #"{"KeyId":"k-1","TrackingStartDate":1770000000,"KeyCreationDate":1760000000}"#,
        #"{"KeyId":"k-1","KeyLastUsage":{},"TrackingStartDate":1770000000,"KeyCreationDate":1760000000}"#,
    ]

    static func secret(_ region: String, _ name: String) -> String {
        "arn:aws:secretsmanager:\(region):111122223333:secret:\(name)-AbCdEf"
    }

    /// A secret, and a replica of another Region's, which is scheduled for deletion.
    static let secrets = """
        {"SecretList":[{"ARN":"\(secret("eu-central-1", "own"))","KmsKeyId":"alias/a"},\
        {"ARN":"\(secret("eu-central-1", "theirs"))","KmsKeyId":"alias/a","PrimaryRegion":"eu-west-1",\
        "DeletedDate":1780000000.5}]}
        """
    /// The replica of the former, whose key has another of its names here.
    static let replicas = """
        {"SecretList":[{"ARN":"\(secret("us-east-1", "own"))","KmsKeyId":"k-3","PrimaryRegion":"eu-central-1"}]}
        """
    /// What is told of the former: it has three replicas, one of which was never made.
    static let replicated = """
        {"ARN":"\(secret("eu-central-1", "own"))","ReplicationStatus":[\
        {"Region":"us-east-1","KmsKeyId":"arn:aws:kms:us-east-1:111122223333:key/k-3","Status":"InSync"},\
        {"Region":"eu-west-3","KmsKeyId":"alias/aws/secretsmanager","Status":"InProgress"},\
        {"Region":"eu-north-1","KmsKeyId":"alias/b","Status":"Failed"}]}
        """

    /// With the service and the operation.
    static let all =
        ([used] + unused).map { ["kms", "GetKeyLastUsage", $0] } + [
            ["secretsmanager", "ListSecrets", secrets], ["secretsmanager", "ListSecrets", replicas],
            ["secretsmanager", "DescribeSecret", replicated],
        ] + documents
    /// Those in XML.
    private static let documents = [EverythingCaller.answers, CannedCaller.empty].flatMap { answers in
        answers.filter { $0.value.hasPrefix("<") }.map { operation, body in
            let service =
                operation.contains("DB")
                ? "rds" : operation.contains("Bucket") ? "s3" : operation.contains("Topic") ? "sns" : "ec2"
            return [service, operation, body]
        }
    }
}
