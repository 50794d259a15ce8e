import COpenSSL

/// A request for a time stamp over a SHA-256 (RFC 3161, 2.4.1), in the one form in which Keyrite asks: any policy, the
/// authority's certificate wanted, no extensions.
package struct TimeStampRequest: Hashable, Sendable {
    /// What is to be stamped.
    package let imprint: SHA256Digest
    /// 8 bytes, of which the first is 40 to 7F: so the DER has one length, and an authority that takes 64 bits can answer.
    package let nonce: [UInt8]
    /// The request's DER.
    package let der: [UInt8]

    private static let nonceSize = 8

    /// Makes a request with a nonce of its own.
    ///
    /// - Throws: `CryptoError` when there is no randomness.
    package init(over imprint: SHA256Digest) throws {
        var nonce = try SecureRandom.bytes(count: Self.nonceSize)
        nonce[0] = nonce[0] & 0x3F | 0x40
        try self.init(over: imprint, nonce: nonce)
    }

    /// Reads a request.
    ///
    /// - Throws: `CryptoError` for anything that is not the one form of a request over this imprint.
    package init(der: [UInt8], over imprint: SHA256Digest) throws {
        let request = try Self.decode(der)
        defer { TS_REQ_free(request) }
        guard let number = TS_REQ_get_nonce(request), let nonce = try Self.bytes(of: number) else {
            throw CryptoError("it has no nonce of 8 bytes", reasons: [])
        }
        let expected = try TimeStampRequest(over: imprint, nonce: nonce)
        guard expected.der == der else {
            throw CryptoError("it is not the request that asks for a stamp over the transcript's end", reasons: [])
        }
        self = expected
    }

    private init(over imprint: SHA256Digest, nonce: [UInt8]) throws {
        (self.imprint, self.nonce) = (imprint, nonce)
        der = try Self.encode(imprint, nonce)
    }

    /// Lends it as OpenSSL has it.
    func withPointer<R>(_ body: (OpaquePointer) throws -> R) throws -> R {
        let request = try Self.decode(der)
        defer { TS_REQ_free(request) }
        return try body(request)
    }

    private static func decode(_ der: [UInt8]) throws -> OpaquePointer {
        try der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            let request = try require(d2i_TS_REQ(nil, &cursor, buffer.count), "it is no request for a time stamp")
            ERR_clear_error()
            return request
        }
    }

    /// The nonce, if it is one that Keyrite makes.
    static func bytes(of number: UnsafePointer<ASN1_INTEGER>) throws -> [UInt8]? {
        let value = try require(ASN1_INTEGER_to_BN(number, nil), "cannot read a nonce")
        defer { BN_free(value) }
        guard BN_is_negative(value) == 0, (BN_num_bits(value) + 7) / 8 == nonceSize else { return nil }
        var bytes = [UInt8](repeating: 0, count: nonceSize)
        guard BN_bn2bin(value, &bytes) == nonceSize else { throw CryptoError("cannot read a nonce") }
        return (0x40...0x7F).contains(bytes[0]) ? bytes : nil
    }

    private static func encode(_ imprint: SHA256Digest, _ nonce: [UInt8]) throws -> [UInt8] {
        let request = try require(TS_REQ_new(), "cannot make a request for a time stamp")
        defer { TS_REQ_free(request) }
        try require(TS_REQ_set_version(request, 1), "cannot set the request's version")
        try setImprint(imprint, in: request)
        let value = try require(BN_bin2bn(nonce, Int32(nonce.count), nil), "cannot read a nonce")
        defer { BN_free(value) }
        let number = try require(BN_to_ASN1_INTEGER(value, nil), "cannot write a nonce")
        defer { ASN1_INTEGER_free(number) }
        try require(TS_REQ_set_nonce(request, number), "cannot set the request's nonce")
        try require(TS_REQ_set_cert_req(request, 1), "cannot ask for the certificate")
        var der = [UInt8](repeating: 0, count: Int(max(0, i2d_TS_REQ(request, nil))))
        let written = der.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return i2d_TS_REQ(request, &cursor)
        }
        guard written > 0, Int(written) == der.count else { throw CryptoError("cannot encode a request") }
        return der
    }

    private static func setImprint(_ imprint: SHA256Digest, in request: OpaquePointer) throws {
        let algorithm = try require(X509_ALGOR_new(), "cannot name SHA-256")
        defer { X509_ALGOR_free(algorithm) }
        try require(
            X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_sha256), V_ASN1_NULL, nil), "cannot name SHA-256")
        let made = try require(TS_MSG_IMPRINT_new(), "cannot make an imprint")
        defer { TS_MSG_IMPRINT_free(made) }
        try require(TS_MSG_IMPRINT_set_algo(made, algorithm), "cannot set the imprint's hash")
        var bytes = imprint.bytes
        try require(TS_MSG_IMPRINT_set_msg(made, &bytes, Int32(bytes.count)), "cannot set the imprint")
        try require(TS_REQ_set_msg_imprint(request, made), "cannot set the request's imprint")
    }
}
