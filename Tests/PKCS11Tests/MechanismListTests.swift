import CP11Kit
import CryptoPrimitives
import Foundation
import PKCS11
import TestSupport
import Testing

extension InThisProcess {
    @Suite("The mechanisms of the rehearsal module")
    struct MechanismListTests {
        @Test("with nothing left out, both ways of wrapping a private key are listed, with what they are for")
        func allThere() async throws {
            try await DirectToken.with { token in
                let listed = try token.slot.mechanisms()
                let needed: Set<MechanismType> = [
                    .aesKeyGeneration, .genericSecretKeyGeneration, .rsaKeyPairGeneration, .ecKeyPairGeneration,
                    .rsaOAEP, .aesKeyWrapPad, .rsaAESKeyWrap,
                ]
                #expect(listed.isSuperset(of: needed.union(SHA2.allCases.map(MechanismType.hmac))))
                let info = try Self.info(.rsaAESKeyWrap, token)
                #expect(info?.flags == CKF_WRAP)
                #expect(info?.ulMinKeySize == 784)
                #expect(try Self.info(.aesKeyWrapPad, token)?.flags == CKF_WRAP | CKF_UNWRAP)
            }
        }

        @Test("a list that is too long for its place is said to be, and is then as long as was said")
        func listSizes() async throws {
            try await DirectToken.with { token in
                let slot = try token.slot
                let list = try #require(RawWrap.functionList().pointee.C_GetMechanismList)
                var count: CK_ULONG = 0
                #expect(list(slot.id, nil, &count) == CKR_OK)
                let said = count
                count -= 1
                var types = [CK_MECHANISM_TYPE](repeating: 0, count: Int(said))
                #expect(list(slot.id, &types, &count) == CKR_BUFFER_TOO_SMALL)
                #expect(count == said)
                #expect(types.allSatisfy { $0 == 0 })
                #expect(list(slot.id, &types, &count) == CKR_OK)
                #expect(try Set(types.map(MechanismType.init(rawValue:))) == slot.mechanisms())
                #expect(Set(types).count == Int(said))
                #expect(list(slot.id, nil, nil) == CKR_ARGUMENTS_BAD)
                #expect(list(999, &types, &count) == CKR_SLOT_ID_INVALID)
            }
        }

        /// What the token says of a mechanism; nil when it says that it has none such.
        private static func info(_ type: MechanismType, _ token: DirectToken) throws -> CK_MECHANISM_INFO? {
            var info = CK_MECHANISM_INFO()
            let get = try #require(RawWrap.functionList().pointee.C_GetMechanismInfo)
            let answer = try get(token.slot.id, type.rawValue, &info)
            try #require(answer == CKR_OK || answer == CKR_MECHANISM_INVALID)
            return answer == CKR_OK ? info : nil
        }
    }
}
