/// KMS was looked at after material was imported again: it has it, in the state and with the expiry that were signed.
package struct ReimportVerified: Codable, Hashable, Sendable {
    package let slot: String
    package let material: String
    package let state: RevokedMaterial.State
    package let expiry: Expiry
    /// `Enabled`; `PendingImport` of a key that lacks other material still.
    package let keyState: String

    package init(
        slot: String, material: String, state: RevokedMaterial.State, expiry: Expiry, keyState: String
    ) {
        self.slot = slot
        self.material = material
        self.state = state
        self.expiry = expiry
        self.keyState = keyState
    }
}
