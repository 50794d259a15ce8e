/// Who makes a ceremony's calls of KMS, by what the calls are for.
package enum CeremonyRole: String, CaseIterable, Sendable {
    /// Reads and tries keys; changes nothing.
    case look
    /// Makes the keys that replace others.
    case create
    /// Has KMS give out wrapping keys and import tokens.
    case fetch
    case `import`
    /// Makes new material current: rotates, makes and moves aliases. Deletes material, too, where that is planned.
    case activate

    /// The role that makes a call of KMS; nil for one that no ceremony makes.
    ///
    /// - Parameter operation: As KMS names it, such as `DescribeKey`.
    package static func making(_ operation: String) -> CeremonyRole? {
        switch operation {
        case "DescribeKey", "ListKeyRotations", "GetKeyPolicy", "ListResourceTags", "ListGrants", "ListKeys", "Encrypt",
            "Decrypt", "GenerateMac", "GetPublicKey":
            .look
        case "CreateKey", "TagResource": .create
        case "GetParametersForImport": .fetch
        case "ImportKeyMaterial": .import
        case "RotateKeyOnDemand", "CreateAlias", "UpdateAlias", "DeleteImportedKeyMaterial": .activate
        default: nil
        }
    }
}
