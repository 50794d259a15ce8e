package import Ceremony
package import CryptoPrimitives
package import Evidence
package import PKCS11

/// The ceremony's HSM: one token of a PKCS#11 module. Logs in when it is needed, and out when the step is done.
package final actor TokenHSM: HSMPort {
    /// Opens a connection to the module.
    private let connect: @Sendable () throws -> Module
    private let token: PKCS11URI
    private let pin: PINSource
    private let isRemote: Bool
    private var open: Session?
    /// The token as it was last identified, which is held to the plan: no PIN goes to any other.
    private var identified: TokenIdentity?
    /// Every blob that it returned: padding is random, so that no two are the same.
    private var returned: Set<SHA256Digest> = []

    /// - Parameters:
    ///   - token: The one token that holds the ceremony's keys.
    ///   - pin: Where the user's PIN comes from. While it is asked for, nobody is logged in, and `leave` leaves it so.
    ///   - isRemote: Whether p11-kit's client stands between, which carries less than a token may have.
    ///   - identified: The token as it was identified over another connection before; nil when it was not.
    ///   - connect: Opens a connection to the module.
    package init(
        token: PKCS11URI, pin: @escaping PINSource, isRemote: Bool = false, identified: TokenIdentity? = nil,
        connect: @escaping @Sendable () throws -> Module
    ) {
        self.token = token
        self.identified = identified
        self.isRemote = isRemote
        self.pin = pin
        self.connect = connect
    }

    package func identity() throws -> TokenIdentity {
        let identity = TokenIdentity(of: try connect().slot(of: token).tokenInfo())
        identified = identity
        return identity
    }

    package func leave() async throws {
        guard let session = open else { return }
        open = nil
        try await session.logout()
        try await session.close()
    }

    package func selfTest(_ profiles: [KeyProfile]) async throws -> SelfTestReport {
        let session = try await session()
        let held = try await TokenSelfTest(session: session, profiles: profiles).run()
        let findings = try await TokenExamination(session: session, isRemote: isRemote).besidesSelfTest()
        return SelfTestReport(held: held, findings: try findings.recorded())
    }

    package func way(for keySpec: KeySpec) async throws -> WrappingWay {
        try await TokenSelfTest.way(for: keySpec, on: session())
    }

    package func find(label: String, id: String) async throws -> [HSMKey] {
        let session = try await session()
        let labelled = try await session.findObjects([.label(label)])
        let identified = try await session.findObjects([.id(try Self.bytes(id))])
        return try await session.describeKeys(labelled + identified.filter { !labelled.contains($0) })
    }

    package func generate(
        label: String, id: String, of keySpec: KeySpec, attributes: [AttributeSetting]
    ) async throws -> HSMKey {
        let session = try await session()
        let made = try await session.generate(keySpec, attributes, label: label, id: try Self.bytes(id))
        return try await session.describeKey(made.secret, publicHalf: made.publicHalf)
    }

    package func encrypt(blocks: [UInt8], label: String, id: String) async throws -> [UInt8] {
        let session = try await session()
        return try await session.encryptECB(blocks, with: try await key(label, id, in: session))
    }

    package func authenticate(
        _ message: [UInt8], label: String, id: String, of keySpec: KeySpec
    ) async throws -> [UInt8] {
        let session = try await session()
        return try await session.mac(message, try keySpec.hash, with: try await key(label, id, in: session))
    }

    package func wrap(_ requests: [HSMWrapRequest]) async throws -> [[UInt8]] {
        let session = try await session()
        var blobs: [[UInt8]] = []
        for request in requests {
            let trusted = try await session.trustedKey(for: request)
            let key = try await key(request.label, request.id, in: session)
            let blob = try await session.wrap(key, request.way, to: request.wrappingKey, trusted: trusted)
            guard returned.insert(SHA256Digest(of: blob)).inserted else {
                throw CeremonyError(
                    .state, "The token answered a wrap with the blob of an earlier one",
                    remedy: "None of this step's blobs may be used. Have the token examined")
            }
            blobs.append(blob)
        }
        return blobs
    }

    package func giveCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        let session = try await session()
        let key = try await key(label, id, in: session)
        let template = Self.withoutChecks(keySpec).map { Attribute($0.type, true) }
        if !template.isEmpty { try await session.setAttributes(template, of: key) }
        return try await session.describeKey(key)
    }

    package func removeCheckUsage(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        let session = try await session()
        let key = try await key(label, id, in: session)
        let template = Self.withoutChecks(keySpec)
        if !template.isEmpty { try await session.setAttributes(template, of: key) }
        return try await session.describeKey(key)
    }

    /// What takes away the usage that only checks needed; empty for a kind that has none.
    private static func withoutChecks(_ keySpec: KeySpec) -> [Attribute] {
        switch keySpec.family {
        case .aes: KeyTemplates.withoutChecks
        case .hmac: KeyTemplates.genericSecretWithoutChecks
        case .rsa, .ec: []
        }
    }

    package func requireTrusted(label: String, wrappingKey: RSAPublicKey) async throws {
        _ = try await session().trustedKey(labelled: label, is: wrappingKey)
    }

    package func lock(label: String, id: String, of keySpec: KeySpec) async throws -> HSMKey {
        let session = try await session()
        let key = try await key(label, id, in: session)
        // In one call: between two the token could fail.
        try await session.setAttributes(
            Self.withoutChecks(keySpec) + [Attribute(.extractable, false)], of: key)
        return try await session.describeKey(key)
    }

    package func destroy(label: String, id: String) async throws {
        let session = try await session()
        let both = [.label(label), Attribute.id(try Self.bytes(id))]
        // Of a pair the private half goes first: a public one alone is no key.
        for objectClass in [ObjectClass.secretKey, .privateKey, .publicKey] {
            for object in try await session.findObjects([.objectClass(objectClass)] + both) {
                try await session.destroy(object)
            }
        }
    }

    private func session() async throws -> Session {
        if let open { return open }
        let slot = try connect().slot(of: token)
        // Over this very connection: who answers at the same place may be another by now.
        try identified?.require(of: slot)
        let session = try slot.openSession()
        try await logIn(session, slot)
        open = session
        return session
    }

    private func logIn(_ session: Session, _ slot: Slot) async throws {
        let token = try slot.tokenInfo()
        let entry = try await pin(token)
        do {
            try await session.login(pin: entry.pin, risksLock: entry.risksLock)
        } catch let error as PKCS11Error where error.function == "C_Login" && error.returnValue != nil {
            throw PINRefused(
                token: token.name, error: error, flags: (try? slot.tokenInfo())?.flags ?? [],
                undone: "Nothing else was asked of it")
        }
    }

    /// The one secret or private key that has both label and id.
    private func key(_ label: String, _ id: String, in session: Session) async throws -> Object {
        let both = [.label(label), Attribute.id(try Self.bytes(id))]
        let found =
            try await session.findObjects([.objectClass(.secretKey)] + both)
            + session.findObjects([.objectClass(.privateKey)] + both)
        guard let key = found.first, found.count == 1 else {
            throw CeremonyError(
                .state, "The token has \(found.count) keys labelled \(label), not one",
                remedy: "Find out what happened to it before going on")
        }
        return key
    }

    private static func bytes(_ hex: String) throws -> [UInt8] {
        guard let bytes = Hex.decode(hex) else {
            throw CeremonyError(.invalidInput, "A key id is not hex", remedy: "Freeze a new plan")
        }
        return bytes
    }
}
