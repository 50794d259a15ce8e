import AWS
import Evidence

extension ReferenceSource {
    /// Secrets and their replicas. A replica has a key of its own Region, and is a secret there; where that Region is not
    /// read, its primary tells of it.
    ///
    /// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>
    /// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html>
    static let secretsManager: Self = Self(
        service: Service(
            "secretsmanager", .json(version: .v11, targetPrefix: "secretsmanager"),
            // Applications that fetch secrets are counted with it.
            quotas: [
                "DescribeSecret": .stated(
                    10_000, "secretsmanager/latest/userguide/reference_limits.html", checked: "2026-11-28")
            ]),
        operations: ["ListSecrets", "DescribeSecret"], followsAliases: true
    ) { look in
        // Those that are to be deleted can be restored as long as their key is there.
        let listing = Listing(
            ServiceCall<Secrets>(
                secretsManager.service, "ListSecrets",
                ["MaxResults": .number(100), "IncludePlannedDeletion": .flag(true)]),
            marker: "NextToken", next: \.next, entries: \.secrets)
        let (region, looksElsewhere) = (look.place.region, look.looksElsewhere)
        try await look.each(of: listing) { secret, look in
            look.add(reference(to: secret.key, of: secret.arn, deleted: secret.deleted))
            guard looksElsewhere, (secret.primary ?? region) == region else { return }
            let call = ServiceCall<SecretAnswer>(
                secretsManager.service, "DescribeSecret", ["SecretId": .text(secret.arn)])
            for replica in try await look.ask(call, of: secret.arn)?.replicas ?? [] where replica.isThere {
                var found = reference(to: replica.key, of: arn(of: secret.arn, in: replica.region))
                found.region = replica.region
                found.isHearsay = true
                look.add(found)
            }
        }
    }

    /// - Parameters:
    ///   - key: nil, empty or its alias for the one that AWS manages.
    ///   - deleted: When it was scheduled for deletion; nil where it was not, or of a replica of which its primary tells.
    private static func reference(to key: String?, of secret: String, deleted: AWS.Timestamp? = nil) -> FoundReference {
        let names = key.flatMap { $0.isEmpty || $0 == secretsManager.defaultAlias ? nil : $0 }
        return FoundReference(
            type: "AWS::SecretsManager::Secret", resource: secret, setting: "KmsKeyId", names: names,
            details: UseDetails(deleted: deleted.map(Evidence.Timestamp.init)))
    }

    /// A replica's ARN has another Region, and all else of the primary's.
    private static func arn(of secret: String, in region: String) -> String {
        var parts = secret.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count > 3 { parts[3] = region }
        return parts.joined(separator: ":")
    }
}

private struct Secrets: Decodable, Sendable {
    struct Secret: Decodable, Sendable {
        let arn: String
        /// Absent where it is the one that AWS manages.
        let key: String?
        /// Of a replica, another Region than its own.
        let primary: String?
        /// Absent unless it is scheduled for deletion.
        let deleted: AWS.Timestamp?

        private enum CodingKeys: String, CodingKey {
            case arn = "ARN"
            case key = "KmsKeyId"
            case primary = "PrimaryRegion"
            case deleted = "DeletedDate"
        }
    }
    let secrets: [Secret]
    let next: String?

    private enum CodingKeys: String, CodingKey {
        case secrets = "SecretList"
        case next = "NextToken"
    }
}

private struct SecretAnswer: Decodable, Sendable {
    struct Replica: Decodable, Sendable {
        let region: String
        let key: String?
        let status: String?

        /// Of one that failed there is nothing.
        var isThere: Bool { status != "Failed" }

        private enum CodingKeys: String, CodingKey {
            case region = "Region"
            case key = "KmsKeyId"
            case status = "Status"
        }
    }
    let replicas: [Replica]?

    private enum CodingKeys: String, CodingKey { case replicas = "ReplicationStatus" }
}
