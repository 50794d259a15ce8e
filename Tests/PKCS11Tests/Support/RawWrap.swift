import CP11Kit
import Foundation
import PKCS11
import Testing

/// C_WrapKey itself, with every parameter in the test's hand, in a session beside another whose login it shares.
final class RawWrap {
    /// What a mechanism is told.
    enum Parameters {
        case none
        case oaep(CK_RSA_PKCS_OAEP_PARAMS)
        /// The bits of the AES key, and NULL for no parameters of OAEP.
        case rsaAES(UInt, CK_RSA_PKCS_OAEP_PARAMS?)
        /// As many bytes of zeros.
        case zeros(Int)
    }

    static var sha256: CK_RSA_PKCS_OAEP_PARAMS {
        CK_RSA_PKCS_OAEP_PARAMS(
            hashAlg: CKM_SHA256, mgf: CKG_MGF1_SHA256, source: CKZ_DATA_SPECIFIED, pSourceData: nil, ulSourceDataLen: 0)
    }

    /// Every other form of OAEP than SHA-256 without a label, for the length of the body.
    static func withOtherForms(_ body: ([CK_RSA_PKCS_OAEP_PARAMS]) -> Void) {
        var label: UInt8 = 7
        withUnsafeMutablePointer(to: &label) { label in
            var withLabel = sha256
            withLabel.pSourceData = UnsafeMutableRawPointer(label)
            withLabel.ulSourceDataLen = 1
            var noSource = sha256
            noSource.source = 0
            var mixed = sha256
            mixed.mgf = CKG_MGF1_SHA1
            var otherMix = sha256
            otherMix.hashAlg = CKM_SHA_1
            let sha1 = CK_RSA_PKCS_OAEP_PARAMS(
                hashAlg: CKM_SHA_1, mgf: CKG_MGF1_SHA1, source: CKZ_DATA_SPECIFIED, pSourceData: nil,
                ulSourceDataLen: 0)
            body([withLabel, noSource, mixed, otherMix, sha1])
        }
    }

    /// The room that the next wrap is given, each byte of it 0xEE.
    var capacity = 256
    private(set) var blob: [UInt8] = []
    private(set) var written: CK_ULONG = 0

    private let functions: CK_FUNCTION_LIST
    private let type: CK_MECHANISM_TYPE
    private let key: Object
    private let wrappingKey: Object
    private let login: Session
    private var session: CK_SESSION_HANDLE = 0

    init(_ type: CK_MECHANISM_TYPE, _ key: Object, under wrappingKey: Object, beside login: Session) throws {
        functions = try Self.functionList().pointee
        self.type = type
        self.key = key
        self.wrappingKey = wrappingKey
        self.login = login
        try checked("C_OpenSession", functions.C_OpenSession) {
            $0(login.slot.id, CK_FLAGS(CKF_SERIAL_SESSION | CKF_RW_SESSION), nil, nil, &session)
        }
    }

    deinit { _ = functions.C_CloseSession?(session) }

    /// What C_WrapKey answers without room, and the length it then says.
    func size(_ parameters: Parameters) -> (answer: UInt?, length: Int) {
        var length: CK_ULONG = 0
        let answer = call(parameters, nil, &length)
        return (answer, Int(length))
    }

    func wrap(_ parameters: Parameters) -> UInt? {
        blob = [UInt8](repeating: 0xEE, count: capacity)
        written = CK_ULONG(capacity)
        return call(parameters, &blob, &written)
    }

    /// What C_WrapKey answers when it has no place for the length.
    func wrapWithoutLength(_ parameters: Parameters) -> UInt? { call(parameters, nil, nil) }

    private func call(
        _ parameters: Parameters, _ out: UnsafeMutablePointer<UInt8>?, _ length: UnsafeMutablePointer<CK_ULONG>?
    ) -> UInt? {
        func call(_ pointer: UnsafeMutableRawPointer?, _ size: Int) -> UInt? {
            var mechanism = CK_MECHANISM(mechanism: type, pParameter: pointer, ulParameterLen: UInt(size))
            return functions.C_WrapKey?(session, &mechanism, wrappingKey.handle, key.handle, out, length)
        }
        func lend<P>(_ parameters: P) -> UInt? {
            var parameters = parameters
            return withUnsafeMutablePointer(to: &parameters) { call($0, MemoryLayout<P>.size) }
        }
        switch parameters {
        case .none: return call(nil, 0)
        case .oaep(let oaep): return lend(oaep)
        case .rsaAES(let bits, nil):
            return lend(KeyriteRSAAESKeyWrapParameters(aesKeyBits: bits, oaepParameters: nil))
        case .rsaAES(let bits, .some(var oaep)):
            return withUnsafeMutablePointer(to: &oaep) {
                lend(KeyriteRSAAESKeyWrapParameters(aesKeyBits: bits, oaepParameters: $0))
            }
        case .zeros(let count):
            var zeros = [UInt64](repeating: 0, count: (count + 7) / 8)
            return zeros.withUnsafeMutableBytes { call($0.baseAddress, count) }
        }
    }

    /// The module's own list of functions, in which a test may replace one.
    static func functionList() throws -> UnsafeMutablePointer<CK_FUNCTION_LIST> {
        let library = try #require(dlopen(RehearsalModule.path(), RTLD_NOW))
        let symbol = try #require(dlsym(library, "C_GetFunctionList"))
        var list: UnsafeMutablePointer<CK_FUNCTION_LIST>?
        try #require(unsafeBitCast(symbol, to: CK_C_GetFunctionList.self)(&list) == CKR_OK)
        return try #require(list)
    }
}
