package import Ceremony
package import CryptoPrimitives
package import Evidence
package import PKCS11

/// The ceremony's HSM: one token of a PKCS#11 module. Logs in when it is needed, and out when the step is done.
package final actor TokenHSM: HSMPort {
    /// Opens a connection to the module.
    private let connect: @Sendable () throws -> Module
    private let token: PKCS11URI
    private let pin: @Sendable (TokenInfo) throws -> SecretBytes?
    private var open: Session?
    /// Every blob that it returned: padding is random, so that no two are the same.
    private var returned: Set<SHA256Digest> = []

    /// - Parameters:
    ///   - token: The one token that holds the ceremony's keys.
    ///   - pin: Where the user's PIN comes from; nil for a token that takes it at its own keypad.
    ///   - connect: Opens a connection to the module.
    package init(
        token: PKCS11URI, pin: @escaping @Sendable (TokenInfo) throws -> SecretBytes?,
        connect: @escaping @Sendable () throws -> Module
    ) {
        self.token = token
        self.pin = pin
        self.connect = connect
    }

    package func identity() throws -> TokenIdentity {
        let info = try connect().slot(of: token).tokenInfo()
        return TokenIdentity(
            label: PercentEncoding.encode(info.label), manufacturer: PercentEncoding.encode(info.manufacturer),
            model: PercentEncoding.encode(info.model), serial: PercentEncoding.encode(info.serial))
    }

    package func leave() async throws {
        guard let session = open else { return }
        open = nil
        try await session.logout()
        try await session.close()
    }

    package func selfTest(_ template: [AttributeSetting]) async throws -> [String] {
        try await TokenSelfTest(session: session(), template: template).run()
    }

    package func find(label: String, id: String) async throws -> [HSMKey] {
        let session = try await session()
        let labelled = try await session.findObjects([.label(label)])
        let identified = try await session.findObjects([.id(try Self.bytes(id))])
        var keys: [HSMKey] = []
        for object in labelled + identified.filter({ !labelled.contains($0) }) {
            keys.append(try await Self.describe(object, in: session))
        }
        return keys
    }

    package func generate(label: String, id: String, template: [AttributeSetting]) async throws -> HSMKey {
        let session = try await session()
        let attributes = try [.label(label), .id(Self.bytes(id))] + AttributeNames.template(template)
        return try await Self.describe(try await session.generateAES256(attributes), in: session)
    }

    package func encrypt(blocks: [UInt8], label: String, id: String) async throws -> [UInt8] {
        let session = try await session()
        return try await session.encryptECB(blocks, with: try await key(label, id, in: session))
    }

    package func wrap(_ requests: [HSMWrapRequest]) async throws -> [[UInt8]] {
        let session = try await session()
        var blobs: [[UInt8]] = []
        for request in requests {
            let key = try await key(request.label, request.id, in: session)
            let blob = try await Self.wrap(key, to: request.wrappingKey, in: session)
            guard returned.insert(SHA256Digest(of: blob)).inserted else {
                throw CeremonyError(
                    .state, "The token answered a wrap with the blob of an earlier one",
                    remedy: "None of this step's blobs may be used. Have the token examined")
            }
            blobs.append(blob)
        }
        return blobs
    }

    package func removeCheckUsage(label: String, id: String) async throws -> HSMKey {
        let session = try await session()
        let key = try await key(label, id, in: session)
        try await session.setAttributes(KeyTemplates.withoutChecks, of: key)
        return try await Self.describe(key, in: session)
    }

    private func session() async throws -> Session {
        if let open { return open }
        let slot = try connect().slot(of: token)
        let session = try slot.openSession()
        try await session.login(pin: try pin(try slot.tokenInfo()))
        open = session
        return session
    }

    /// The one object that has both label and id.
    private func key(_ label: String, _ id: String, in session: Session) async throws -> Object {
        let found = try await session.findObjects([
            .objectClass(.secretKey), .label(label), .id(try Self.bytes(id)),
        ])
        guard let key = found.first, found.count == 1 else {
            throw CeremonyError(
                .state, "The token has \(found.count) keys labelled \(label), not one",
                remedy: "Find out what happened to it before going on")
        }
        return key
    }

    /// Wraps to a session object that is read back before it is used, and destroyed after.
    static func wrap(_ key: Object, to wrappingKey: RSAPublicKey, in session: Session) async throws -> [UInt8] {
        let object = try await session.createWrappingKey(
            wrappingKey, label: "keyrite/wrapping-key", id: try SecureRandom.bytes(count: 16))
        let result: Result<[UInt8], any Error>
        do {
            let read = try await session.attributes([.modulus, .publicExponent], of: object)
            guard read[.modulus]?.bytes == wrappingKey.modulus,
                read[.publicExponent]?.bytes == wrappingKey.exponent
            else {
                throw CeremonyError(
                    .state, "The token holds another wrapping key than it was given", remedy: "Have it examined")
            }
            result = .success(try await session.wrap(key, under: object))
        } catch {
            result = .failure(error)
        }
        do {
            try await session.destroy(object)
        } catch {
            // Of two failures the first is the cause.
            _ = try result.get()
            throw error
        }
        return try result.get()
    }

    private static func describe(_ object: Object, in session: Session) async throws -> HSMKey {
        let answers = try await session.attributes([.label, .id] + AttributeNames.recorded, of: object)
        return HSMKey(
            label: PercentEncoding.encode(answers[.label]?.text ?? ""),
            id: Hex.encode(answers[.id]?.bytes ?? []),
            attributes: AttributeNames.recorded.map { type in
                AttributeSetting(type.description, AttributeNames.text(of: answers[type] ?? .unavailable, for: type))
            })
    }

    private static func bytes(_ hex: String) throws -> [UInt8] {
        guard let bytes = Hex.decode(hex) else {
            throw CeremonyError(.invalidInput, "A key id is not hex", remedy: "Freeze a new plan")
        }
        return bytes
    }
}
