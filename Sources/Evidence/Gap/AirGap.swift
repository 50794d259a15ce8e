package import CryptoPrimitives

/// The two hosts that hold a ceremony in turns, with nothing but its folder carried between them.
///
/// The connected host has the first turn: the plan is frozen there.
package struct AirGap: Codable, Hashable, Sendable {
    package let hsm: GapHost
    package let connected: GapHost
    /// The certificate to which blobs are sealed: X.509, DER, in base64. Its private key is the connected host's, until
    /// everything is imported.
    package let sealing: String

    package init(hsm: GapHost, connected: GapHost, sealing: String) {
        self.hsm = hsm
        self.connected = connected
        self.sealing = sealing
    }

    package subscript(side: Side) -> GapHost {
        switch side {
        case .hsm: hsm
        case .connected: connected
        }
    }

    /// The side on which a host of this name stands; nil for any other host.
    package func side(of host: String) -> Side? {
        Side.allCases.first { self[$0].host == host }
    }

    /// The SHA-256 of the certificate's DER; nil for a text that is no base64.
    package var sealingDigest: SHA256Digest? {
        Base64.decode(sealing).map { SHA256Digest(of: $0) }
    }
}

/// One host of an air gap, and the key with which it signs what it hands over.
package struct GapHost: Codable, Hashable, Sendable {
    /// Its name as the transcript's lines have it.
    package let host: String
    /// Its public key as `TYPE BASE64`, without a comment; none on an authenticator, which nobody would be there to touch.
    package let key: String

    package init(host: String, key: String) {
        self.host = host
        self.key = key
    }

    /// - Throws: `SSHFormatError` when the key's line is not in its one form, which no valid plan has.
    package func publicKey() throws -> SSHPublicKey { try SSHPublicKey(line: key) }
}
