/// Something that is encrypted under a key, or will be: one setting of one resource, with what the service tells of it besides.
@dynamicMemberLookup
package struct KeyReference: Codable, Hashable, Sendable {
    /// How it names the key.
    package enum Form: String, Codable, Sendable {
        case alias
        case aliasARN = "alias-arn"
        case keyID = "key-id"
        case keyARN = "key-arn"
        /// It names none, and the service takes the key that AWS manages for it.
        case serviceDefault = "service-default"
    }

    /// What is known of the key.
    package enum Standing: String, Codable, Sendable {
        /// It is in the snapshot.
        case known
        /// It is not among the account's keys in its Region.
        case missing
        /// The alias is there and leads to no key.
        case noTarget = "no-target"
        /// There is no such alias.
        case noAlias = "no-alias"
        /// It is of another account, whose keys were not read.
        case otherAccount = "other-account"
        /// Its Region's keys or aliases were not read, or not all.
        case notRead = "not-read"
    }

    /// Which setting of which resource names which key.
    package struct Naming: Codable, Hashable, Sendable {
        /// Which Keyrite reads: `s3`.
        package let service: String
        /// As CloudFormation calls it: `AWS::S3::Bucket`.
        package let type: String
        /// Its ARN.
        package fileprivate(set) var resource: OutsideText
        package let account: String
        package let region: String
        /// Which of its settings: `KmsKeyId`.
        package let setting: String
        /// As the service returns it; absent of a service's default.
        package let names: OutsideText?
        package let form: Form
        /// Whether it takes another key when the alias is moved. What does not is pinned to the key.
        package let followsAlias: Bool
        /// The key's ARN, if known.
        package let key: OutsideText?
        package let standing: Standing
    }

    private var naming: Naming
    package let details: UseDetails

    init(_ naming: Naming, _ details: UseDetails) { (self.naming, self.details) = (naming, details) }

    package subscript<Value>(dynamicMember member: KeyPath<Naming, Value>) -> Value { naming[keyPath: member] }
    package subscript<Value>(dynamicMember member: KeyPath<UseDetails, Value>) -> Value { details[keyPath: member] }

    // In a snapshot all of it stands in one object.

    package init(from decoder: any Decoder) throws {
        naming = try Naming(from: decoder)
        details = try UseDetails(from: decoder)
    }

    package func encode(to encoder: any Encoder) throws {
        try naming.encode(to: encoder)
        try details.encode(to: encoder)
    }
}

extension KeyReference {
    /// As a snapshot has them.
    static func sorted(_ references: Set<KeyReference>) -> [KeyReference] {
        InventorySnapshot.sorted(references) {
            [$0.service, $0.account, $0.region, $0.type, $0.resource.text, $0.setting, $0.names?.text ?? ""]
        }
    }

    /// The same of a resource by another ARN.
    fileprivate func of(_ resource: String) -> KeyReference {
        var other = self
        other.naming.resource = OutsideText(resource)
        return other
    }

    private static let ownKey = "SSEDescription.KMSMasterKeyArn"

    /// Each table of a global one once: without what tables of other Regions tell of a replica that tells of itself.
    ///
    /// - Parameter others: Of a snapshot that these are held to: what tells of itself there does not stand for another here.
    static func once(_ references: [KeyReference], besides others: [KeyReference] = []) -> [KeyReference] {
        let told = Set((references + others).filter { $0.isOfTable && $0.setting == ownKey }.map(\.resource))
        var seen: Set<KeyReference> = []
        return references.map(\.atHome).filter { reference in
            !(reference.isToldElsewhere && told.contains(reference.resource)) && seen.insert(reference).inserted
        }
    }

    private var isOfTable: Bool { naming.type == "AWS::DynamoDB::Table" }
    private var isToldElsewhere: Bool { isOfTable && naming.setting.hasPrefix("Replicas.") }

    /// Earlier versions wrote a replica under the ARN of the table that told of it.
    private var atHome: KeyReference {
        var parts = naming.resource.text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard isToldElsewhere, parts.count == 6, parts[3] != naming.region else { return self }
        parts[3] = naming.region
        return of(parts.joined(separator: ":"))
    }
}

/// A reference before it is known what its key is.
package struct FoundReference: Codable, Sendable {
    let type: String
    let resource: String
    let setting: String
    /// nil for the service's default.
    let names: String?
    /// Of a replica, that of the replica.
    var region: String?
    /// Whether another place tells of it than the one that it is in, which is believed only where that one does not.
    var isHearsay: Bool?
    var details = UseDetails()
}
