import CP11Kit

extension Session {
    /// Asks the token for a copy of an object (C_CopyObject): what a token must not let anybody weaken a key by.
    ///
    /// - Parameter template: In what the copy is to be otherwise.
    /// - Throws: `PKCS11Error` when the token refuses, as it should when the copy would be weaker.
    package func copy(_ object: Object, changing template: [Attribute]) throws -> Object {
        var copy: CK_OBJECT_HANDLE = 0
        try Template(template).withPointer { entries, count in
            try call("C_CopyObject", functions.C_CopyObject) { $0(handle, object.handle, entries, count, &copy) }
        }
        guard copy != CK_INVALID_HANDLE else {
            throw failure("C_CopyObject", .unexpectedAnswer("CKR_OK with the invalid handle 0"))
        }
        return Object(handle: copy)
    }
}
