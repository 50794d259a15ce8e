import COpenSSL

/// An ECDSA signature of P-256, between the two forms that formats have: r ‖ s, and DER (SEC 1, C.5).
package struct P256Signature: Hashable, Sendable {
    /// Big-endian, 32 bytes.
    package let r: [UInt8]
    /// Big-endian, 32 bytes.
    package let s: [UInt8]

    private static let size: Int32 = 32

    /// How many points the curve's group has (SEC 2, secp256r1), big-endian.
    private static let order: [UInt8] = [
        0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6,
        0xFA,
        0xAD, 0xA7, 0x17, 0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51,
    ]

    /// - Parameter raw: r ‖ s, 64 bytes.
    /// - Throws: `CryptoError` for another length.
    package init(raw: [UInt8]) throws {
        guard raw.count == 64 else { throw CryptoError("r and s of P-256 are 32 bytes each", reasons: []) }
        (r, s) = (Array(raw[..<32]), Array(raw[32...]))
    }

    /// - Parameters:
    ///   - r: Big-endian, 32 bytes at most.
    ///   - s: Big-endian, 32 bytes at most.
    /// - Throws: `CryptoError` for longer numbers.
    package init(r: [UInt8], s: [UInt8]) throws {
        guard r.count <= 32, s.count <= 32 else {
            throw CryptoError("r and s of P-256 are 32 bytes at most", reasons: [])
        }
        (self.r, self.s) = (Self.padded(r), Self.padded(s))
    }

    private static func padded(_ number: [UInt8]) -> [UInt8] {
        [UInt8](repeating: 0, count: Int(size) - number.count) + number
    }

    /// - Parameter der: One DER document in its one form, and no byte after it.
    /// - Throws: `CryptoError` for anything else.
    package init(der: [UInt8]) throws {
        defer { ERR_clear_error() }
        let signature = try der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return try require(d2i_ECDSA_SIG(nil, &cursor, buffer.count), "it is no ECDSA signature")
        }
        defer { ECDSA_SIG_free(signature) }
        r = try Self.bytes(of: ECDSA_SIG_get0_r(signature))
        s = try Self.bytes(of: ECDSA_SIG_get0_s(signature))
        guard try self.der() == der else {
            throw CryptoError("the signature is not in DER's one form, or more follows it", reasons: [])
        }
    }

    /// The signature as DER.
    package func der() throws -> [UInt8] {
        let signature = try require(ECDSA_SIG_new(), "cannot make a signature")
        defer { ECDSA_SIG_free(signature) }
        let first = try require(BN_bin2bn(r, Self.size, nil), "cannot read r")
        let second = BN_bin2bn(s, Self.size, nil)
        guard let second, ECDSA_SIG_set0(signature, first, second) == 1 else {
            BN_free(first)
            BN_free(second)
            throw CryptoError("cannot read s")
        }
        var der = [UInt8](repeating: 0, count: 80)
        let length = der.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return i2d_ECDSA_SIG(signature, &cursor)
        }
        guard length > 0 else { throw CryptoError("cannot encode a signature") }
        return Array(der.prefix(Int(length)))
    }

    /// Of (r, s) and (r, n - s), which sign the same, the one whose last number is lower.
    package var lowered: P256Signature {
        get throws {
            let other = Self.difference(Self.order, s)
            return other.lexicographicallyPrecedes(s) ? try P256Signature(r: r, s: other) : self
        }
    }

    /// Whether it is that one.
    package var isLow: Bool { !Self.difference(Self.order, s).lexicographicallyPrecedes(s) }

    /// - Parameter number: Not above `whole`; both big-endian and of one length.
    private static func difference(_ whole: [UInt8], _ number: [UInt8]) -> [UInt8] {
        var borrow = 0
        let reversed = zip(whole, number).reversed().map { whole, number -> UInt8 in
            let difference = Int(whole) - Int(number) - borrow
            borrow = difference < 0 ? 1 : 0
            return UInt8(truncatingIfNeeded: difference)
        }
        return reversed.reversed()
    }

    private static func bytes(of number: OpaquePointer?) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(size))
        guard let number, BN_is_negative(number) == 0, BN_bn2binpad(number, &bytes, size) == size else {
            throw CryptoError("r and s of P-256 are 32 bytes at most", reasons: [])
        }
        return bytes
    }
}
