import CryptoPrimitives

/// The forms of what AWS names.
package enum KMSNames {
    /// With what every alias begins.
    package static let aliasPrefix = "alias/"
    private static let awsPrefix = "alias/aws/"
    /// The most bytes of a description that KMS keeps with material, and of a ciphertext
    /// (docs.aws.amazon.com/kms/latest/APIReference/API_ImportKeyMaterial.html and API_Decrypt.html).
    private static let limits = (description: 256, ciphertext: 6144)
    /// The longest of a material's names: SHA-256 in hex.
    private static let longestMaterial = 64
    private static let (lowercase, digits) = (Set("abcdefghijklmnopqrstuvwxyz".utf8), Set("0123456789".utf8))
    private static let alphanumeric = lowercase.union(digits).union("ABCDEFGHIJKLMNOPQRSTUVWXYZ".utf8)

    /// Whether a customer's key can have it: `alias/`, then letters, digits, `/`, `_` and `-`, but not `aws/`
    /// (docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html).
    package static func isAlias(_ text: String) -> Bool {
        text.hasPrefix(aliasPrefix) && !text.hasPrefix(awsPrefix)
            && isOf(alphanumeric.union("/_-".utf8), text.dropFirst(aliasPrefix.count))
    }

    /// Whether a key can have this id, which is letters, digits and `-`.
    package static func isKeyID(_ text: some StringProtocol) -> Bool { isOf(alphanumeric.union("-".utf8), text) }

    static func isPartition(_ text: String) -> Bool {
        text.split(separator: "-", omittingEmptySubsequences: false).first == "aws"
            && isOf(lowercase.union("-".utf8), text)
    }

    static func isAccount(_ text: String) -> Bool { text.utf8.count == 12 && isOf(digits, text) }

    static func isRegion(_ text: String) -> Bool { isOf(lowercase.union(digits).union("-".utf8), text) }

    /// Whether KMS could name material so: at most 64 letters, digits, `_` and `-`.
    static func isMaterial(_ text: String) -> Bool {
        isOf(alphanumeric.union("_-".utf8), text) && text.utf8.count <= longestMaterial
    }

    /// Whether KMS keeps it with material: 1 to 256 letters, digits, blanks and `:/_.-`.
    static func isMaterialDescription(_ text: String) -> Bool {
        isOf(alphanumeric.union(":/_ .-".utf8), text) && text.utf8.count <= limits.description
    }

    static func isCiphertext(_ text: String) -> Bool {
        (1...limits.ciphertext).contains(Base64.decode(text)?.count ?? 0)
    }

    private static func isOf(_ bytes: Set<UInt8>, _ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy(bytes.contains)
    }
}
