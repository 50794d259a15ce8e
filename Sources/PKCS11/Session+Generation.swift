import CP11Kit
package import CryptoPrimitives

/// Making keys. What the token made of a template must be read back with `differences(of:from:)`.
extension Session {
    /// Makes an AES-256 key on the token.
    ///
    /// - Parameter template: Every policy attribute; class, type and length are added.
    package func generateAES256(_ template: [Attribute]) throws -> Object {
        try generateKey(.aesKeyGeneration, .aes, count: 32, template)
    }

    /// Makes a generic secret on the token, a key for HMAC with any hash.
    ///
    /// - Parameters:
    ///   - count: Its bytes.
    ///   - template: Every policy attribute; class, type and length are added.
    package func generateSecret(count: Int, _ template: [Attribute]) throws -> Object {
        guard let length = UInt(exactly: count), length > 0 else {
            throw failure("C_GenerateKey", .refused("a secret has one byte at least"))
        }
        return try generateKey(.genericSecretKeyGeneration, .genericSecret, count: length, template)
    }

    /// Makes an RSA key pair with exponent 65537 on the token.
    ///
    /// - Parameters:
    ///   - bits: 2048, 3072 or 4096, the sizes that AWS KMS imports.
    ///   - publicTemplate: Attributes of the public key; class, type, size and exponent are added.
    ///   - privateTemplate: Attributes of the private key; class and type are added.
    package func generateRSA(
        bits: Int, publicTemplate: [Attribute], privateTemplate: [Attribute]
    ) throws -> KeyPair {
        guard [2048, 3072, 4096].contains(bits) else {
            throw failure("C_GenerateKeyPair", .refused("an RSA key has 2048, 3072 or 4096 bits"))
        }
        let size = [
            Attribute(.modulusBits, number: UInt(bits)), Attribute(.publicExponent, bytes: [0x01, 0x00, 0x01]),
        ]
        return try generateKeyPair(.rsaKeyPairGeneration, .rsa, size + publicTemplate, privateTemplate)
    }

    /// Makes a key pair of an elliptic curve on the token.
    ///
    /// - Parameters:
    ///   - publicTemplate: Attributes of the public key; class, type and curve are added.
    ///   - privateTemplate: Attributes of the private key; class and type are added.
    package func generateEC(
        _ curve: EllipticCurve, publicTemplate: [Attribute], privateTemplate: [Attribute]
    ) throws -> KeyPair {
        let parameters = [Attribute(.ecParameters, bytes: curve.parameters)]
        return try generateKeyPair(.ecKeyPairGeneration, .ec, parameters + publicTemplate, privateTemplate)
    }

    /// Makes a P-256 key pair on the token.
    package func generateP256(publicTemplate: [Attribute], privateTemplate: [Attribute]) throws -> KeyPair {
        try generateEC(.p256, publicTemplate: publicTemplate, privateTemplate: privateTemplate)
    }

    private func generateKey(
        _ mechanism: Mechanism, _ type: KeyType, count: UInt, _ template: [Attribute]
    ) throws -> Object {
        let whole = Template(
            [.objectClass(.secretKey), .keyType(type), Attribute(.valueLength, number: count)], template)
        var key: CK_OBJECT_HANDLE = 0
        try whole.withPointer { entries, count in
            try mechanism.withPointer { mechanism in
                try call("C_GenerateKey", functions.C_GenerateKey) { $0(handle, mechanism, entries, count, &key) }
            }
        }
        return try made(key, by: "C_GenerateKey")
    }

    private func generateKeyPair(
        _ mechanism: Mechanism, _ type: KeyType, _ publicTemplate: [Attribute], _ privateTemplate: [Attribute]
    ) throws -> KeyPair {
        let publicWhole = Template([.objectClass(.publicKey), .keyType(type)], publicTemplate)
        let privateWhole = Template([.objectClass(.privateKey), .keyType(type)], privateTemplate)
        var publicKey: CK_OBJECT_HANDLE = 0
        var privateKey: CK_OBJECT_HANDLE = 0
        try publicWhole.withPointer { publicEntries, publicCount in
            try privateWhole.withPointer { privateEntries, privateCount in
                try mechanism.withPointer { mechanism in
                    try call("C_GenerateKeyPair", functions.C_GenerateKeyPair) {
                        $0(
                            handle, mechanism, publicEntries, publicCount, privateEntries, privateCount, &publicKey,
                            &privateKey)
                    }
                }
            }
        }
        return KeyPair(
            publicKey: try made(publicKey, by: "C_GenerateKeyPair"),
            privateKey: try made(privateKey, by: "C_GenerateKeyPair"))
    }
}
