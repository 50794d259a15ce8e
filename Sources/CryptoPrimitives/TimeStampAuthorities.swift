import COpenSSL

/// CA certificates by which a time-stamping authority is known, from a PEM file.
package struct TimeStampAuthorities: Hashable, Sendable {
    private let pem: [UInt8]

    /// - Parameter pem: One certificate or more; each chain must end in one that signed itself.
    /// - Throws: `CryptoError` when there is none, or one that cannot be read.
    package init(pem: [UInt8]) throws {
        self.pem = pem
        X509_STORE_free(try Self.store(pem))
    }

    /// Checks an answer's signature, that its signer was certified for time stamping (RFC 3161, 2.3) at that time, and that
    /// every other certificate in it was certified as well, or is one of these.
    ///
    /// - Parameter time: Seconds since 1970.
    /// - Throws: `CryptoError` with OpenSSL's reason.
    func verify(
        _ answer: OpaquePointer, _ form: TimeStampForm, to request: TimeStampRequest, at time: Int64
    ) throws {
        try verifySigner(of: answer, to: request, at: time)
        for certificate in form.others { try verify(certificate, among: [form.signer] + form.others, at: time) }
    }

    private static func store(_ pem: [UInt8], at time: Int64) throws -> OpaquePointer {
        let store = try store(pem)
        X509_VERIFY_PARAM_set_time(X509_STORE_get0_param(store), time_t(time))
        return store
    }

    /// Checks a certificate that came with others.
    private func verify(_ certificate: [UInt8], among all: [[UInt8]], at time: Int64) throws {
        let store = try Self.store(pem, at: time)
        defer { X509_STORE_free(store) }
        let certificates = try all.map { try Self.read($0) }
        defer { for certificate in certificates { X509_free(certificate) } }
        let stack = try require(OPENSSL_sk_new_null(), "cannot collect certificates")
        defer { OPENSSL_sk_free(stack) }
        for certificate in certificates {
            guard OPENSSL_sk_push(stack, UnsafeRawPointer(certificate)) > 0 else {
                throw CryptoError("cannot collect certificates")
            }
        }
        let checked = try Self.read(certificate)
        defer { X509_free(checked) }
        let context = try require(X509_STORE_CTX_new(), "cannot start verifying a certificate")
        defer { X509_STORE_CTX_free(context) }
        try require(X509_STORE_CTX_init(context, store, checked, stack), "cannot start verifying a certificate")
        guard X509_verify_cert(context) == 1 else {
            throw CryptoError(
                "there is a certificate in it that the authorities that you named did not certify", reasons: [])
        }
    }

    private static func read(_ der: [UInt8]) throws -> OpaquePointer {
        try der.withUnsafeBufferPointer { buffer in
            var cursor = buffer.baseAddress
            return try require(d2i_X509(nil, &cursor, buffer.count), "a certificate in it cannot be read")
        }
    }

    private func verifySigner(of answer: OpaquePointer, to request: TimeStampRequest, at time: Int64) throws {
        let store = try Self.store(pem, at: time)
        try request.withPointer { request in
            guard let context = TS_REQ_to_TS_VERIFY_CTX(request, nil) else {
                X509_STORE_free(store)
                throw CryptoError("cannot start verifying a time stamp")
            }
            // The store is the context's from here on.
            defer { TS_VERIFY_CTX_free(context) }
            TS_VERIFY_CTX_set_store(context, store)
            TS_VERIFY_CTX_add_flags(context, Int32(TS_VFY_SIGNATURE))
            ERR_clear_error()
            guard TS_RESP_verify_response(context, answer) == 1 else {
                throw CryptoError("the authorities that you named did not sign it so", reasons: Self.reason())
            }
        }
    }

    /// Why a certificate was refused, if one was: the only thing that OpenSSL adds to its errors here.
    private static func reason() -> [String] {
        var data: UnsafePointer<CChar>?
        var flags: Int32 = 0
        ERR_peek_last_error_data(&data, &flags)
        guard flags & ERR_TXT_STRING != 0, let data else { return [] }
        return [String(cString: data)]
    }

    private static func store(_ pem: [UInt8]) throws -> OpaquePointer {
        let store = try require(X509_STORE_new(), "cannot make a store of certificates")
        do {
            guard try fill(store, from: pem) > 0 else {
                throw CryptoError("there is no certificate in it", reasons: [])
            }
        } catch {
            X509_STORE_free(store)
            throw error
        }
        return store
    }

    /// - Returns: How many certificates there were.
    private static func fill(_ store: OpaquePointer, from pem: [UInt8]) throws -> Int {
        try pem.withUnsafeBytes { buffer in
            let text = try require(BIO_new_mem_buf(buffer.baseAddress, Int32(buffer.count)), "cannot read certificates")
            defer { BIO_free(text) }
            ERR_clear_error()
            var count = 0
            // Without an answer, OpenSSL asks at the terminal for the passphrase of what says that it is encrypted.
            while let certificate = PEM_read_bio_X509(text, nil, { _, _, _, _ in -1 }, nil) {
                defer { X509_free(certificate) }
                try require(X509_STORE_add_cert(store, certificate), "a certificate cannot be taken")
                count += 1
            }
            // The end of the text is told as an error; anything else is one.
            guard ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE else {
                throw CryptoError("a certificate in it cannot be read")
            }
            ERR_clear_error()
            return count
        }
    }
}
