import CP11Kit
import PKCS11

/// Objects of whatever attributes a test wants, as a token of another make could have them.
enum RawObject {
    /// Puts an object on the token; that it stays there does not depend on the session.
    static func create(_ attributes: [Attribute], beside login: Session) throws -> Object {
        let functions = try RawWrap.functionList().pointee
        var session: CK_SESSION_HANDLE = 0
        try checked("C_OpenSession", functions.C_OpenSession) {
            $0(login.slot.id, CK_FLAGS(CKF_SERIAL_SESSION | CKF_RW_SESSION), nil, nil, &session)
        }
        defer { _ = functions.C_CloseSession?(session) }
        let values = attributes.map { attribute in
            let value = UnsafeMutableRawBufferPointer.allocate(byteCount: attribute.bytes.count, alignment: 8)
            value.copyBytes(from: attribute.bytes)
            return value
        }
        defer { values.forEach { $0.deallocate() } }
        var template = zip(attributes, values).map { attribute, value in
            CK_ATTRIBUTE(type: attribute.type.rawValue, pValue: value.baseAddress, ulValueLen: UInt(value.count))
        }
        var handle: CK_OBJECT_HANDLE = 0
        try checked("C_CreateObject", functions.C_CreateObject) {
            $0(session, &template, UInt(template.count), &handle)
        }
        return Object(handle: handle)
    }
}
