import CP11Kit

extension Session {
    /// Asks the token for an AES-256 key derived from another key (C_DeriveKey), one that ends with this session: what
    /// a token must refuse for every key with CKA_DERIVE false.
    ///
    /// - Throws: `PKCS11Error` when the token refuses.
    package func deriveAES256(from key: Object, by mechanism: Mechanism) throws -> Object {
        let template = Template([
            .objectClass(.secretKey), .keyType(.aes), Attribute(.valueLength, number: 32), Attribute(.token, false),
            Attribute(.private, true), Attribute(.sensitive, true), Attribute(.extractable, false),
        ])
        var derived: CK_OBJECT_HANDLE = 0
        try template.withPointer { entries, count in
            try mechanism.withPointer { mechanism in
                try call("C_DeriveKey", functions.C_DeriveKey) {
                    $0(handle, mechanism, key.handle, entries, count, &derived)
                }
            }
        }
        return try made(derived, by: "C_DeriveKey")
    }
}
