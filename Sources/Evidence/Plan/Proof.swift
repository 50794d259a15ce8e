/// How it is shown that KMS holds the very material that the HSM made.
package enum Proof: String, Codable, Hashable, Sendable {
    /// It is not shown.
    case none
    /// The material is wrapped a second time and imported again: KMS refuses whatever the key does not have already.
    case secondImport = "second import"
    /// The import itself is of material that the key has had before: KMS refuses any other.
    case asExisting = "imported as existing"
    /// KMS computes the commitment itself: the code of an HMAC key, the public key of a key pair.
    case commitment
}

extension KeySpec {
    /// The proof of such a key.
    ///
    /// - Parameter isWanted: Whether the definition asks for one; one that costs nothing is made in any case.
    package func proof(isWanted: Bool) -> Proof {
        guard keepsMaterials else { return .commitment }
        return isWanted ? .secondImport : .none
    }
}
