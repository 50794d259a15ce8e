package import Evidence

/// A key of the account. What is absent was not read, and then stands among what was not, or is nothing that this key has.
package struct InventoryKey: Codable, Hashable, Sendable {
    /// One of the materials of a symmetric key, as ListKeyRotations has it.
    package struct Material: Codable, Hashable, Sendable {
        /// 64 hex digits; absent of a first material that AWS does not name.
        package let id: OutsideText?
        /// `CURRENT`, `NON_CURRENT`, `PENDING_ROTATION`.
        package let state: OutsideText?
        package let importState: OutsideText?
        package let description: OutsideText?
        package let expires: Timestamp?
        package let rotated: Timestamp?
        package let rotation: OutsideText?
    }

    /// A grant: what it allows by itself, beside the key's policy.
    package struct Grant: Codable, Hashable, Sendable {
        package let id: OutsideText
        package let name: OutsideText?
        package let grantee: OutsideText?
        package let retiring: OutsideText?
        /// Sorted.
        package let operations: [OutsideText]
        package let constrained: Bool
    }

    /// A tag; policies may rest on it.
    package struct KeyTag: Codable, Hashable, Sendable {
        package let key: OutsideText
        package let value: OutsideText
    }

    package let arn: OutsideText
    package let id: OutsideText
    package let account: String
    package let region: String
    /// `CUSTOMER` or `AWS`. Of keys that AWS manages, only what DescribeKey says is read.
    package let manager: OutsideText?
    package let origin: OutsideText?
    package let spec: OutsideText?
    package let usage: OutsideText?
    package let state: OutsideText
    package let description: OutsideText?
    package let created: Timestamp?
    /// When the first of its materials expires.
    package let expires: Timestamp?
    package let deleted: Timestamp?
    /// `PRIMARY` or `REPLICA`, of a multi-Region key.
    package let multiRegion: OutsideText?
    /// ARNs of the related multi-Region keys, sorted.
    package let related: [OutsideText]?
    package let currentMaterial: OutsideText?
    /// Names, sorted.
    package let aliases: [OutsideText]?
    /// In KMS's order.
    package var materials: [Material]?
    /// On-demand rotations made, of the 25 that a key has for ever.
    package var rotationsUsed: Int?
    /// Of the key policy's text as KMS returns it.
    package var policySHA256: String?
    /// By id.
    package var grants: [Grant]?
    /// By key.
    package var tags: [KeyTag]?
    /// When it last served a cryptographic operation, and which; absent where it did not since `tracked`.
    package var lastUsed: Timestamp?
    package var lastOperation: OutsideText?
    /// Since when KMS keeps track of its use.
    package var tracked: Timestamp?

    package static let rotationBudget = 25
}
