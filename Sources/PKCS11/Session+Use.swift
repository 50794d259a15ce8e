import CP11Kit
package import CryptoPrimitives

/// Using keys: for signatures, and for check values, commitments and proofs.
extension Session {
    /// Encrypts whole blocks under AES-ECB, as check values and commitments need it.
    ///
    /// - Parameter blocks: A multiple of 16 bytes, at least one block.
    /// - Returns: As many bytes.
    package func encryptECB(_ blocks: [UInt8], with key: Object) throws -> [UInt8] {
        guard !blocks.isEmpty, blocks.count.isMultiple(of: 16) else {
            throw failure("C_Encrypt", .refused("AES-ECB wants whole blocks of 16 bytes"))
        }
        try Mechanism.aesECB.withPointer { mechanism in
            try call("C_EncryptInit", functions.C_EncryptInit) { $0(handle, mechanism, key.handle) }
        }
        var input = blocks
        var output = [UInt8](repeating: 0, count: blocks.count)
        var length = CK_ULONG(output.count)
        try call("C_Encrypt", functions.C_Encrypt) { $0(handle, &input, UInt(blocks.count), &output, &length) }
        guard length == output.count else {
            throw failure("C_Encrypt", .unexpectedAnswer("\(length) bytes for \(output.count) bytes of blocks"))
        }
        return output
    }

    /// Signs a digest with a P-256 key (CKM_ECDSA).
    ///
    /// - Returns: r ‖ s, 32 bytes each, big-endian.
    package func signECDSA(_ digest: SHA256Digest, with key: Object) throws -> [UInt8] {
        let signature = try sign(digest.bytes, .ecdsa, with: key)
        guard signature.count == 64 else {
            throw failure("C_Sign", .unexpectedAnswer("\(signature.count) bytes; a P-256 signature has 64"))
        }
        return signature
    }

    /// The HMAC (RFC 2104) of a message under a generic secret that may sign.
    ///
    /// - Returns: The code, as long as the hash.
    package func mac(_ message: [UInt8], _ hash: SHA2, with key: Object) throws -> [UInt8] {
        let code = try sign(message, .hmac(hash), with: key)
        guard code.count == hash.size else {
            throw failure("C_Sign", .unexpectedAnswer("\(code.count) bytes; this HMAC has \(hash.size)"))
        }
        return code
    }

    private func sign(_ input: [UInt8], _ mechanism: Mechanism, with key: Object) throws -> [UInt8] {
        try mechanism.withPointer { mechanism in
            try call("C_SignInit", functions.C_SignInit) { $0(handle, mechanism, key.handle) }
        }
        var input = input
        // Room for P-521, so that a key of another curve is an error of the caller's and no operation is left open.
        var signature = [UInt8](repeating: 0, count: 132)
        var length = CK_ULONG(signature.count)
        try call("C_Sign", functions.C_Sign) { $0(handle, &input, UInt(input.count), &signature, &length) }
        guard length <= signature.count else {
            throw failure("C_Sign", .unexpectedAnswer("\(length) bytes, with room for \(signature.count)"))
        }
        return Array(signature.prefix(Int(length)))
    }
}
