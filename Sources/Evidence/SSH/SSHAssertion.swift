import CryptoPrimitives

/// What a FIDO2 authenticator says with a signature, and signs too (OpenSSH's PROTOCOL.u2f, "SSH U2F signatures").
package struct SSHAssertion: Hashable, Sendable {
    /// The person was there: touched it.
    private static let userPresent: UInt8 = 0x01
    /// It verified who was there, by PIN or fingerprint.
    private static let userVerified: UInt8 = 0x04

    /// The authenticator's flags: only these two may be set.
    package let flags: UInt8
    /// How often it has signed, as it says.
    package let counter: UInt32

    /// - Throws: `SSHFormatError` for another flag: signed data would follow that nobody reads here, or the key may be
    ///   copied off its authenticator (WebAuthn, 6.1: AT, ED; BE, BS).
    init(flags: UInt8, counter: UInt32) throws(SSHFormatError) {
        guard flags & ~(Self.userPresent | Self.userVerified) == 0 else {
            throw SSHFormatError(reason: "the authenticator set other flags than presence and verification")
        }
        self.flags = flags
        self.counter = counter
    }

    package var userWasPresent: Bool { flags & Self.userPresent != 0 }
    package var userWasVerified: Bool { flags & Self.userVerified != 0 }

    /// As they stand in a signature.
    var wire: [UInt8] { [flags] + SSHWire.uint32(Int(counter)) }

    /// What the authenticator signs for a message.
    func bytesToSign(_ message: [UInt8], for application: SSHApplication) -> [UInt8] {
        SHA256Digest(of: application.bytes).bytes + wire + SHA256Digest(of: message).bytes
    }
}
