package import CryptoPrimitives
package import Evidence

/// What one host of an air gap has and does for itself.
package protocol GapPort: Sendable {
    /// On which side this host stands.
    var side: Side { get }

    /// This host's enrolled key: the public half, as `TYPE BASE64`.
    func publicKey() throws -> String

    /// Signs a hand-over with this host's enrolled key.
    ///
    /// - Returns: An armored SSHSIG.
    func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8]

    /// Has a person compare the head that this host was handed with what the other host showed.
    ///
    /// - Parameter words: The head as this folder has it.
    /// - Returns: Whether they are the same.
    func confirm(_ words: [String], of handover: Handover) async throws -> Bool

    /// Opens a sealed blob; on the connected host only.
    ///
    /// - Parameter certificate: The SHA-256 of the DER of the certificate that it was sealed to.
    func open(_ sealed: [UInt8], certificate: SHA256Digest) throws -> [UInt8]

    /// Whether this host has the private key of a certificate still.
    func hasSealingKey(_ certificate: SHA256Digest) throws -> Bool

    /// Whether this host destroyed the private key of a certificate: one that is merely not there was not.
    func hasDestroyedSealingKey(_ certificate: SHA256Digest) throws -> Bool

    /// Destroys the private key of a certificate; one that is not there is no error.
    func destroySealingKey(_ certificate: SHA256Digest) throws

    /// The folder as this host last had it in its hands.
    func recall(_ ceremony: String) throws -> CarriedFolder?

    /// Keeps, durably, how this host had the folder; it replaces what was kept of the ceremony before.
    func remember(_ folder: CarriedFolder) throws
}

/// How a folder was when a host handed it over or received it: what it must be a continuation of when it comes back.
package struct CarriedFolder: Codable, Hashable, Sendable {
    package let ceremony: String
    /// The hand-over, by its number.
    package let number: Int
    /// Whether this host received it; otherwise it handed it over.
    package let isReceived: Bool
    /// The SHA-256 of each line of the transcript, LF included, in their order.
    package let lines: [SHA256Digest]

    package init(ceremony: String, number: Int, isReceived: Bool, lines: [SHA256Digest]) {
        self.ceremony = ceremony
        self.number = number
        self.isReceived = isReceived
        self.lines = lines
    }
}
