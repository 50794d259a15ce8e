/// An alias and the key it stands for.
///
/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_AliasListEntry.html>
package struct AliasListEntry: Codable, Hashable, Sendable {
    package let aliasName: String
    package let aliasARN: String
    /// The key's id; absent of an alias without a key.
    package let targetKeyID: String?
    package let creationDate: Timestamp?
    package let lastUpdatedDate: Timestamp?

    package init(
        aliasName: String,
        aliasARN: String,
        targetKeyID: String? = nil,
        creationDate: Timestamp? = nil,
        lastUpdatedDate: Timestamp? = nil
    ) {
        self.aliasName = aliasName
        self.aliasARN = aliasARN
        self.targetKeyID = targetKeyID
        self.creationDate = creationDate
        self.lastUpdatedDate = lastUpdatedDate
    }

    private enum CodingKeys: String, CodingKey {
        case aliasName = "AliasName"
        case aliasARN = "AliasArn"
        case targetKeyID = "TargetKeyId"
        case creationDate = "CreationDate"
        case lastUpdatedDate = "LastUpdatedDate"
    }
}
