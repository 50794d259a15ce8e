import AWS

extension ReferenceSource {
    /// <https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_ListSecrets.html>
    static let secretsManager: Self = Self(
        service: Service("secretsmanager", .json(version: .v11, targetPrefix: "secretsmanager"), callsPerSecond: 20),
        followsAliases: true
    ) { look in
        // Those that are to be deleted can be restored as long as their key is there.
        let secrets = Listing(
            ServiceCall<Secrets>(
                secretsManager.service, "ListSecrets",
                ["MaxResults": .number(100), "IncludePlannedDeletion": .flag(true)]),
            marker: "NextToken", next: \.next, entries: \.secrets)
        for secret in try await look.list(secrets).entries {
            let names = secret.key.flatMap { $0.isEmpty ? nil : $0 }
            look.add(
                FoundReference(
                    type: "AWS::SecretsManager::Secret", resource: secret.arn, setting: "KmsKeyId", names: names))
        }
    }
}

private struct Secrets: Decodable, Sendable {
    struct Secret: Decodable, Sendable {
        let arn: String
        /// Absent where it is the one that AWS manages.
        let key: String?

        private enum CodingKeys: String, CodingKey {
            case arn = "ARN"
            case key = "KmsKeyId"
        }
    }
    let secrets: [Secret]
    let next: String?

    private enum CodingKeys: String, CodingKey {
        case secrets = "SecretList"
        case next = "NextToken"
    }
}
