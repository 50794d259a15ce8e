package import CryptoPrimitives
package import Evidence

/// What the HSM host of an air gap says of itself, for the connected host to plan with: one file, signed by its key.
///
/// It vouches for nothing but that whoever has this key wrote it: that the key is that host's, people see by its
/// fingerprint, here and in what they authorize.
package struct HostCard: Codable, Hashable, Sendable {
    package static let currentSchema = "keyrite.host/1"

    /// How the token can wrap keys of one kind.
    package struct Way: Codable, Hashable, Sendable {
        package let keySpec: KeySpec
        package let way: WrappingWay

        package init(keySpec: KeySpec, way: WrappingWay) {
            self.keySpec = keySpec
            self.way = way
        }
    }

    package let schema: String
    package let mode: Mode
    package let host: String
    /// Its public key as `TYPE BASE64`.
    package let key: String
    package let token: TokenIdentity
    /// The SHA-256 of its PKCS#11 module.
    package let module: SHA256Digest
    /// The SHA-256 of its keyrite program.
    package let program: SHA256Digest
    /// Of each kind that was tried and can be made and wrapped, in the order of `KeySpec`.
    package let ways: [Way]
    /// When it was made, by that host's clock.
    package let at: Timestamp

    package init(
        mode: Mode, host: GapHost, token: TokenIdentity, module: SHA256Digest, program: SHA256Digest, ways: [Way],
        at: Timestamp
    ) {
        schema = Self.currentSchema
        self.mode = mode
        self.host = host.host
        key = host.key
        self.token = token
        self.module = module
        self.program = program
        self.ways = ways
        self.at = at
    }

    /// The host as a plan has it.
    package var gapHost: GapHost { GapHost(host: host, key: key) }

    package func way(for keySpec: KeySpec) -> WrappingWay? {
        ways.first { $0.keySpec == keySpec }?.way
    }

    /// Reads a card and checks that the key that it names signed it.
    ///
    /// - Parameters:
    ///   - bytes: Its canonical JSON.
    ///   - signature: The armored SSHSIG beside it.
    ///   - file: Its name, for errors.
    /// - Throws: `CeremonyError` naming the file that does not hold.
    package init(_ bytes: [UInt8], signature: [UInt8], file: String) throws {
        func wrong(_ file: String, _ why: String) -> CeremonyError {
            CeremonyError(
                .invalidInput, "\(file): \(why)", remedy: "Take the card and its .sig as the HSM host made them")
        }
        do { self = try CanonicalJSON.decode(HostCard.self, from: bytes) } catch {
            throw wrong(file, "it is no host's card in canonical form: \(error)")
        }
        guard schema == Self.currentSchema else { throw wrong(file, "its schema is not \(Self.currentSchema)") }
        do {
            let key = try gapHost.publicKey()
            guard key.application == nil else {
                throw wrong(file, "its key is on an authenticator, which nobody would be there to touch")
            }
            try SSHSignature(armored: signature).verify(message: bytes, namespace: mode.hostNamespace, key: key)
        } catch let error as CeremonyError { throw error } catch {
            throw wrong(file + ".sig", "\(error)")
        }
    }
}

extension Mode {
    /// The SSHSIG namespace in which hosts sign what they say of themselves.
    package var hostNamespace: String { "keyrite.host.v1.\(rawValue)" }
}
