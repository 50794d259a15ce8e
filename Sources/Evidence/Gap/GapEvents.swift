package import CryptoPrimitives

/// The host that wrote this line ends its turn: nothing but the receipt by the other may follow.
package struct HandedOver: Codable, Hashable, Sendable {
    /// The first is 1.
    package let number: Int
    /// The other host.
    package let to: String

    package init(number: Int, to: String) {
        self.number = number
        self.to = to
    }
}

/// The other host has the folder as it was handed over: signature, every file, and the head that people compared.
package struct Received: Codable, Hashable, Sendable {
    package let number: Int
    /// The SHA-256 of `handovers/N.json`.
    package let handover: SHA256Digest
    /// The SHA-256 of the signature beside it.
    package let signature: SHA256Digest

    package init(number: Int, handover: SHA256Digest, signature: SHA256Digest) {
        self.number = number
        self.handover = handover
        self.signature = signature
    }
}

/// The private key that opens sealed blobs is about to be destroyed, or was.
package struct SealingDestroyed: Codable, Hashable, Sendable {
    /// The SHA-256 of the certificate's DER.
    package let certificate: SHA256Digest

    package init(certificate: SHA256Digest) { self.certificate = certificate }
}
