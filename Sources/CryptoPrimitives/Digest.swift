import COpenSSL

/// A SHA-256 digest (FIPS 180-4): 32 bytes, written as 64 lowercase hex digits.
package struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
    /// The 32 bytes.
    package let bytes: [UInt8]

    /// The digest of `data`.
    package init(of data: some Sequence<UInt8>) {
        bytes = digest(Array(data), with: EVP_sha256(), size: 32)
    }

    /// - Parameter digest: Its 32 bytes.
    init(whole digest: [UInt8]) { bytes = digest }

    /// A digest that was computed elsewhere.
    ///
    /// - Parameter hex: Exactly 64 lowercase hex digits; anything else gives nil.
    package init?(hex: String) {
        guard let bytes = Hex.decode(hex), bytes.count == 32 else { return nil }
        self.bytes = bytes
    }

    package var hex: String { Hex.encode(bytes) }
    package var description: String { hex }
}

extension SHA256Digest: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let digest = SHA256Digest(hex: try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "a SHA-256 is 64 lowercase hex digits")
        }
        self = digest
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(hex)
    }
}

/// SHA-512 (FIPS 180-4), which SSHSIG uses by default.
package enum SHA512 {
    /// - Returns: The 64 bytes of the digest.
    package static func hash(_ data: some Sequence<UInt8>) -> [UInt8] {
        digest(Array(data), with: EVP_sha512(), size: 64)
    }
}

/// Hashing bytes in memory cannot fail with a libcrypto that has the algorithm; one without it is no place to go on.
private func digest(_ data: [UInt8], with algorithm: OpaquePointer?, size: Int) -> [UInt8] {
    var out = [UInt8](repeating: 0, count: size)
    var length: UInt32 = 0
    precondition(LibCrypto.isReady, "libcrypto does not start")
    let result = EVP_Digest(data, data.count, &out, &length, algorithm, nil)
    precondition(result == 1 && length == size, "libcrypto without SHA-2")
    return out
}
