import CP11Kit
package import CryptoPrimitives

/// Letting keys leave the token, wrapped under an RSA key by the token itself.
///
/// No call asks for the size of a blob first: SoftHSM answers that by wrapping, once more than the ceremony released.
extension Session {
    /// Brings an RSA public key onto the token, for wrapping and nothing else.
    ///
    /// - Parameters:
    ///   - onToken: false for an object that ends with this session.
    ///   - more: What it asks for besides, such as `CKA_TRUSTED`, which is the security officer's to give.
    ///   - admitted: What a key must have to be wrapped by it (`CKA_WRAP_TEMPLATE`); nil to admit every key.
    package func createWrappingKey(
        _ key: RSAPublicKey, label: String, id: [UInt8], onToken: Bool = false, with more: [Attribute] = [],
        admitting admitted: [Attribute]? = nil
    ) throws -> Object {
        let attributes =
            [
                .objectClass(.publicKey), .keyType(.rsa), .label(label), .id(id), Attribute(.token, onToken),
                Attribute(.private, false), Attribute(.wrap, true), Attribute(.encrypt, false),
                Attribute(.verify, false), Attribute(.modulus, bytes: key.modulus),
                Attribute(.publicExponent, bytes: key.exponent),
            ] + more
        let size = key.modulus.count
        guard let admitted else { return try create(attributes, modulusSize: size) }
        // The value is an array of CK_ATTRIBUTE, whose pointers are good for this call.
        return try Template(admitted).withPointer { entries, count in
            let array = UnsafeRawBufferPointer(
                start: entries, count: Int(count) * MemoryLayout<CK_ATTRIBUTE>.stride)
            let admitting = Attribute(.wrapTemplate, bytes: Array(array))
            return try create(attributes + [admitting], modulusSize: size)
        }
    }

    private func create(_ attributes: [Attribute], modulusSize: Int) throws -> Object {
        Object(handle: try create(attributes).handle, givenModulusSize: modulusSize)
    }

    /// Brings an object onto the token as it is given, of which the token must not say that it made it.
    package func create(_ attributes: [Attribute]) throws -> Object {
        var object: CK_OBJECT_HANDLE = 0
        try Template(attributes).withPointer { entries, count in
            try call("C_CreateObject", functions.C_CreateObject) { $0(handle, entries, count, &object) }
        }
        return try made(object, by: "C_CreateObject")
    }

    /// Has the token wrap a key under an RSA public key with OAEP, SHA-256, no label.
    ///
    /// - Returns: The blob, exactly as long as the RSA modulus.
    package func wrap(_ key: Object, under wrappingKey: Object) throws -> [UInt8] {
        let expected = try modulusSize(of: wrappingKey)
        let blob = try wrap(key, under: wrappingKey, .rsaOAEPSHA256, room: expected)
        guard blob.count == expected else {
            throw failure("C_WrapKey", .unexpectedAnswer("\(blob.count) bytes under a modulus of \(expected)"))
        }
        return blob
    }

    /// Has the token wrap a private key under an RSA public key by a mechanism of its own, CKM_RSA_AES_KEY_WRAP: an
    /// ephemeral AES-256 key under OAEP with SHA-256, no label, and the PKCS#8 under that with AES-KWP.
    ///
    /// - Returns: What AWS KMS calls RSA_AES_KEY_WRAP_SHA_256: a blob as long as the RSA modulus, then the key's.
    package func wrapRSAAES(_ key: Object, under wrappingKey: Object) throws -> [UInt8] {
        let modulus = try modulusSize(of: wrappingKey)
        let blob = try wrap(key, under: wrappingKey, .rsaAESKeyWrapSHA256, room: modulus + Self.largestWrappedKey)
        try requireKeyWrapPad(blob.count - modulus)
        return blob
    }

    /// The same blob as `wrapRSAAES`, composed of two wraps for a token that has no mechanism for both.
    ///
    /// The ephemeral AES-256 key is the token's own and never leaves it but in the blob; it is destroyed before the blob
    /// is returned, and when a wrap fails.
    package func wrapComposed(_ key: Object, under wrappingKey: Object) throws -> [UInt8] {
        let template = KeyTemplates.ephemeralAES256
        let ephemeral = try generateAES256(template)
        let wrapped = Result {
            let differences = try differences(of: ephemeral, from: template + KeyTemplates.aes256Origin)
            guard differences.isEmpty else {
                let names = differences.keys.map(\.description).sorted().joined(separator: ", ")
                throw failure("C_GenerateKey", .unexpectedAnswer("the ephemeral key has other attributes: \(names)"))
            }
            let wrappedKey = try wrapKeyWrapPad(key, under: ephemeral)
            return try wrap(ephemeral, under: wrappingKey) + wrappedKey
        }
        let destroyed = Result { try destroy(ephemeral) }
        let blob = try wrapped.get()
        // As long as the ephemeral key is there, the blob can be opened by more than the wrapping key's owner.
        try destroyed.get()
        return blob
    }

    /// Has the token wrap a key under an AES key with AES key wrap with padding (RFC 5649).
    ///
    /// - Returns: A multiple of 8 bytes.
    package func wrapKeyWrapPad(_ key: Object, under wrappingKey: Object) throws -> [UInt8] {
        let blob = try wrap(key, under: wrappingKey, .aesKeyWrapPad, room: Self.largestWrappedKey)
        try requireKeyWrapPad(blob.count)
        return blob
    }

    /// More than AES-KWP makes of any key here: the PKCS#8 of RSA with 4096 bits has under 2,400 bytes.
    private static let largestWrappedKey = 4096

    /// RFC 5649 adds one half block and fills up to whole ones; no key here is as short as one.
    private func requireKeyWrapPad(_ count: Int) throws {
        guard count >= 24, count.isMultiple(of: 8) else {
            throw failure("C_WrapKey", .unexpectedAnswer("AES key wrap with padding does not make \(count) bytes"))
        }
    }

    private func modulusSize(of wrappingKey: Object) throws -> Int {
        if let size = wrappingKey.givenModulusSize { return size }
        guard let modulus = try attributes([.modulus], of: wrappingKey)[.modulus]?.bytes else {
            throw failure("C_WrapKey", .refused("the wrapping key shows no modulus: it is no RSA public key"))
        }
        return modulus.drop { $0 == 0 }.count
    }

    private func wrap(_ key: Object, under wrappingKey: Object, _ mechanism: Mechanism, room: Int) throws -> [UInt8] {
        var blob = [UInt8](repeating: 0, count: room)
        var length = CK_ULONG(room)
        try mechanism.withPointer { mechanism in
            try call("C_WrapKey", functions.C_WrapKey) {
                $0(handle, mechanism, wrappingKey.handle, key.handle, &blob, &length)
            }
        }
        guard length <= room else {
            throw failure("C_WrapKey", .unexpectedAnswer("\(length) bytes, with room for \(room)"))
        }
        blob.removeLast(room - Int(length))
        return blob
    }
}
