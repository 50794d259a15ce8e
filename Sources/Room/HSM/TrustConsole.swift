import Ceremony
package import CryptoPrimitives
package import Evidence
package import PKCS11

/// The security officer's console: has the ceremony's token trust the wrapping keys that a quorum released.
///
/// It is another console than the ceremony's, with another PIN: whoever holds the ceremony's host alone can then wrap
/// nothing under a key of their own.
package struct TrustConsole: Sendable {
    /// One wrapping key to be trusted.
    package struct Order: Hashable, Sendable {
        package let slot: String
        package let purpose: Purpose
        /// `CKA_LABEL` on the token.
        package let label: String
        package let wrappingKey: RSAPublicKey

        /// The SHA-256 of its SubjectPublicKeyInfo, as the release has it.
        package var digest: SHA256Digest { SHA256Digest(of: wrappingKey.spki) }
    }

    private let token: PKCS11URI
    private let planned: TokenIdentity
    private let connect: @Sendable () throws -> Module

    /// - Parameter planned: The token that the ceremony's plan binds: no other is logged in to.
    package init(token: PKCS11URI, planned: TokenIdentity, connect: @escaping @Sendable () throws -> Module) {
        self.token = token
        self.planned = planned
        self.connect = connect
    }

    /// What the release that was passed last wants trusted.
    ///
    /// - Throws: `CeremonyError` when nothing is to be trusted now; `EvidenceError` when the folder does not hold.
    package static func orders(in folder: any EvidenceFolder) throws -> [Order] {
        var record = try FrozenCeremony(reading: folder).emptyRecord
        if try folder.files().contains(Transcript.path) {
            try record.replay(try Transcript(parsingWholeLinesOf: try folder.read(Transcript.path)), folder: folder)
        }
        guard record.isWrapWanted, record.aborted == nil,
            case .release(let release)? = record.gates.statement(of: .release)?.subject
        else {
            throw CeremonyError(
                .state, "No release is waiting to be carried out", remedy: "Wait until its quorum has signed it")
        }
        let orders = try release.orders.compactMap { try order($0, record.plan, folder) }
        guard !orders.isEmpty else {
            throw CeremonyError(
                .invalidInput, "The plan wants no wrapping key trusted", remedy: "Nothing is to be done here")
        }
        return orders
    }

    private static func order(_ wrap: WrapOrder, _ plan: Plan, _ folder: any EvidenceFolder) throws -> Order? {
        guard let slot = plan.slot(named: wrap.slot), slot.trustedWrapping else { return nil }
        let path = FolderLayout.wrappingKey(wrap.slot, wrap.purpose)
        let spki = try folder.read(path)
        guard SHA256Digest(of: spki) == wrap.spki else {
            throw EvidenceError(path, "it is not the wrapping key that the quorum released")
        }
        return Order(
            slot: wrap.slot, purpose: wrap.purpose, label: slot.wrappingKeyLabel(for: wrap.purpose),
            wrappingKey: try RSAPublicKey(spki: spki))
    }

    /// What the token says of itself and its PINs now.
    ///
    /// - Throws: `CeremonyError` when it is not the plan's; `PKCS11Error`.
    package func tokenInfo() throws -> TokenInfo { try slot().tokenInfo() }

    private func slot() throws -> Slot {
        let slot = try connect().slot(of: token)
        try planned.require(of: slot)
        return slot
    }

    /// Logs the security officer in, puts each wrapping key on the token, marked as trusted, and logs out.
    ///
    /// - Parameter pin: The security officer's; nil for a token that takes it at its own keypad. It is tried once.
    /// - Throws: `PKCS11Error`, `CeremonyError`; what was done by then stays.
    package func trust(_ orders: [Order], pin: SecretBytes?) async throws {
        let session = try slot().openSession()
        try await session.loggedIn(.securityOfficer, pin: pin) { session in
            for order in orders { try session.trust(order.wrappingKey, as: order.label) }
        }
    }
}
