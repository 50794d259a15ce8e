import CryptoPrimitives
import Evidence

/// What identifies key material without revealing it, bound to one ceremony and one slot of its plan where the material
/// is secret.
///
/// Of an AES key it is the encryption (AES-ECB, one block) of the first 16 bytes of SHA-256("keyrite commitment v1" ‖
/// nonce ‖ slot), of an HMAC key the first 16 bytes of the code of the same; of a key pair the SHA-256 of the public key.
package enum Commitment {
    /// What the HSM is to encrypt, or to take the code of.
    ///
    /// - Parameters:
    ///   - nonce: The plan's 32 bytes.
    ///   - slot: The slot's name.
    package static func block(nonce: [UInt8], slot: String) -> [UInt8] {
        let digest = SHA256Digest(of: Array("keyrite commitment v1".utf8) + nonce + Array(slot.utf8))
        return Array(digest.bytes.prefix(size))
    }

    /// The commitment of a secret key in hex.
    ///
    /// - Parameter code: What the HSM, or KMS, made of the block.
    package static func text(ofCode code: [UInt8]) -> String { Hex.encode(code.prefix(size)) }

    /// The commitment of a key pair in hex.
    ///
    /// - Parameter publicKey: DER of its SubjectPublicKeyInfo.
    package static func text(ofPublicKey publicKey: [UInt8]) -> String { SHA256Digest(of: publicKey).hex }

    private static let size = 16
}

/// AES-CMAC (RFC 4493) over one zero block, built from single-block encryptions: what p11-kit's protocol can carry.
package enum ZeroBlockCMAC {
    /// The block to encrypt for the code, given the encryption of the zero block.
    ///
    /// - Parameter l: AES(key, 0^128), 16 bytes.
    /// - Returns: The subkey K1; the message is zero, so K1 itself is what the last step encrypts.
    package static func block(afterZero l: [UInt8]) -> [UInt8] {
        var doubled: [UInt8] = []
        for (index, byte) in l.enumerated() {
            let next = index + 1 < l.count ? l[index + 1] : 0
            doubled.append(byte << 1 | next >> 7)
        }
        if let first = l.first, first & 0x80 != 0 { doubled[doubled.count - 1] ^= 0x87 }
        return doubled
    }
}
