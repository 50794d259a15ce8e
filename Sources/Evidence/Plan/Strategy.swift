/// How one key of the plan is made or moved.
package enum Strategy: String, Codable, Sendable, CaseIterable {
    /// The first material of a key that waits for it.
    ///
    /// There is no rotation that could still be held back: KMS makes the key usable, with this very material, in the
    /// moment of the import. So *release* is the last gate before it takes effect, and the release says so.
    case `import`
    /// New material into the same key, then RotateKeyOnDemand.
    case rotate
    /// A new key with material of its own, to which the alias moves. The old key is kept, and decrypts what it encrypted.
    case replace
    /// Material that a key had before is imported again from the HSM key that it came from: after it expired or was deleted, or
    /// to have it expire at another time.
    case reimport
    /// Imported material is deleted, the emergency stop: nothing is made, and nothing leaves the HSM.
    case revoke
}

/// When a slot's new material begins to serve whoever uses the key.
package enum TakesEffect: String, Codable, Hashable, Sendable {
    /// KMS has no later step: the key is enabled by the import.
    case atImport = "at import"
    /// Nobody is served by it before the rotation, or before the alias moves.
    case atActivation = "at activation"
}

extension Strategy {
    /// Whether material of an HSM key is imported, for which that key is made, or taken up again, fetched for and wrapped.
    package var importsMaterial: Bool { self != .revoke }

    package var takesEffect: TakesEffect {
        switch self {
        case .import, .reimport: .atImport
        case .rotate, .replace, .revoke: .atActivation
        }
    }
}
