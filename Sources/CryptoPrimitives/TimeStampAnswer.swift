import COpenSSL

/// A time-stamping authority's answer to a request (RFC 3161, 2.4.2) that was found to hold.
package struct TimeStampAnswer: Hashable, Sendable {
    /// When the authority says it saw the imprint: seconds since 1970, a fraction dropped.
    package let epochSeconds: Int64

    /// Reads an answer strictly: one DER document and no byte after it, in the one form of `TimeStampForm`, granted without
    /// changes, over the request's imprint, with its nonce, under any policy, signed by the certificate that it names.
    ///
    /// - Parameters:
    ///   - der: The answer as it came.
    ///   - request: What was asked.
    ///   - authorities: Who may have certified the authority: its signature and its certificates, for time stamping and at
    ///     the stamped time, are held to them. nil to believe whoever answered.
    /// - Throws: `CryptoError` saying what does not hold.
    package init(
        der: [UInt8], to request: TimeStampRequest, trusting authorities: TimeStampAuthorities? = nil
    ) throws {
        defer { ERR_clear_error() }
        let answer = try Self.decode(der)
        defer { TS_RESP_free(answer) }
        let status = ASN1_INTEGER_get(TS_STATUS_INFO_get0_status(TS_RESP_get_status_info(answer)))
        guard status == Self.granted else {
            throw CryptoError("the authority did not grant it: its status is \(status)", reasons: [])
        }
        guard let stamp = TS_RESP_get_tst_info(answer) else { throw CryptoError("it has no time stamp", reasons: []) }
        let form = try TimeStampForm(der: der)
        guard TS_TST_INFO_get_version(stamp) == 1 else {
            throw CryptoError("the stamp is of another version", reasons: [])
        }
        guard Self.imprint(of: stamp) == request.imprint.bytes else {
            throw CryptoError("the stamp is over something else", reasons: [])
        }
        guard try Self.nonce(of: stamp) == request.nonce else {
            throw CryptoError("the stamp answers another request: its nonce is another", reasons: [])
        }
        epochSeconds = try Self.time(of: stamp)
        // Whose that certificate is, only who named the authorities learns.
        let token = TS_RESP_get_token(answer)
        try require(
            PKCS7_verify(token, nil, nil, nil, nil, PKCS7_NOVERIFY), "its signature does not hold")
        if let authorities { try authorities.verify(answer, form, to: request, at: epochSeconds) }
    }

    /// PKIStatus (RFC 3161, 2.4.2).
    private static let granted = 0

    private static func decode(_ der: [UInt8]) throws -> OpaquePointer {
        let answer = try der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return try require(d2i_TS_RESP(nil, &cursor, buffer.count), "it is no answer about a time stamp")
        }
        var again = [UInt8](repeating: 0, count: Int(max(0, i2d_TS_RESP(answer, nil))))
        let written = again.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return i2d_TS_RESP(answer, &cursor)
        }
        guard written > 0, again == der else {
            TS_RESP_free(answer)
            throw CryptoError("it is not in DER's one form, or more follows it", reasons: [])
        }
        return answer
    }

    /// nil when it is of another hash than SHA-256.
    private static func imprint(of stamp: OpaquePointer) -> [UInt8]? {
        guard let imprint = TS_TST_INFO_get_msg_imprint(stamp), let algorithm = TS_MSG_IMPRINT_get_algo(imprint),
            OBJ_obj2nid(algorithm.pointee.algorithm) == NID_sha256, let message = TS_MSG_IMPRINT_get_msg(imprint)
        else { return nil }
        return Array(
            UnsafeBufferPointer(start: ASN1_STRING_get0_data(message), count: Int(ASN1_STRING_length(message))))
    }

    private static func nonce(of stamp: OpaquePointer) throws -> [UInt8]? {
        guard let number = TS_TST_INFO_get_nonce(stamp) else { return nil }
        return try TimeStampRequest.bytes(of: number)
    }

    private static func time(of stamp: OpaquePointer) throws -> Int64 {
        var parts = tm()
        guard let time = TS_TST_INFO_get_time(stamp), ASN1_TIME_to_tm(time, &parts) == 1, isUTC(time),
            (70...8099).contains(parts.tm_year)
        else { throw CryptoError("the stamp's time is none", reasons: []) }
        return Int64(timegm(&parts))
    }

    private static func isUTC(_ time: UnsafePointer<ASN1_GENERALIZEDTIME>) -> Bool {
        let text = UnsafeBufferPointer(start: ASN1_STRING_get0_data(time), count: Int(ASN1_STRING_length(time)))
        return text.last == UInt8(ascii: "Z")
    }
}
