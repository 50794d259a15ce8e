import AWS

/// What an event of KMS says of a call, by its operation.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/understanding-kms-entries.html>
enum RecordedOperation {
    /// What changes nothing; all others do.
    private static let readOnly: Set = [
        "AssumeRole", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext",
        "GenerateMac",
        "GenerateRandom", "GetCallerIdentity", "GetKeyPolicy", "GetKeyRotationStatus", "GetParametersForImport",
        "GetPublicKey", "ListAliases", "ListGrants", "ListKeyPolicies", "ListKeyRotations", "ListKeys",
        "ListResourceTags", "ReEncrypt", "Sign", "Verify", "VerifyMac",
    ]

    /// Members of the request that name an algorithm, which is recorded even if it was not asked for.
    private static let algorithms: [String: [String]] = [
        "Decrypt": ["encryptionAlgorithm"], "Encrypt": ["encryptionAlgorithm"],
        "ReEncrypt": ["sourceEncryptionAlgorithm", "destinationEncryptionAlgorithm"],
    ]

    /// What changes nothing, and answers which material served.
    private static let withMaterial: Set = [
        "Decrypt", "Encrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext", "ReEncrypt",
    ]

    static func isReadOnly(_ operation: String) -> Bool { readOnly.contains(operation) }

    /// Whether an event tells anything of what was answered.
    static func isRecordedWithAnswer(_ operation: String) -> Bool {
        !isReadOnly(operation) || withMaterial.contains(operation)
    }

    static func requestParameters(_ operation: String, _ asked: RecordedMembers) -> JSONValue {
        var members = asked.members
        for name in algorithms[operation] ?? [] where members[name] == nil {
            members[name] = .text(EncryptionAlgorithm.symmetricDefault.rawValue)
        }
        return operation == GenerateRandom.name || members.isEmpty ? .null : .object(members)
    }

    /// - Parameters:
    ///   - answered: What KMS answered; that call must have succeeded.
    ///   - key: The ARN of the key; since December 2022 it is recorded of changes that answer nothing too.
    static func responseElements(_ operation: String, _ answered: RecordedMembers, key: String?) -> JSONValue {
        guard !isReadOnly(operation) else { return .null }
        var members = answered.members
        if members["keyMetadata"] == nil, members["replicaKeyMetadata"] == nil, members["keyId"] == nil {
            members["keyId"] = key.map { .text($0) }
        }
        return members.isEmpty ? .null : .object(members)
    }

    /// Which material served: that alone tells materials of one key apart.
    static func additionalData(_ operation: String, _ answered: RecordedMembers, body: [UInt8]) -> JSONValue? {
        var members: [String: JSONValue] = [:]
        switch operation {
        case "Decrypt", "GenerateDataKey", "GenerateDataKeyWithoutPlaintext":
            members["keyMaterialId"] = answered.members["keyMaterialId"]
        case "ReEncrypt":
            for name in ["sourceKeyMaterialId", "destinationKeyMaterialId"] { members[name] = answered.members[name] }
        case "Encrypt" where answered["encryptionAlgorithm"] == EncryptionAlgorithm.symmetricDefault.rawValue:
            // Encrypt does not answer it, and the ciphertext names it.
            let blob = (try? KMSWire.decode(Encrypt.Output.self, from: body))?.ciphertextBlob
            members["keyMaterialId"] = blob.flatMap { try? CiphertextBlob(parsing: $0.bytes) }.map {
                .text($0.materialID)
            }
        default: break
        }
        return members.isEmpty ? nil : .object(members)
    }
}
