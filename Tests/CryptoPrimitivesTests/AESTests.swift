import CryptoPrimitives
import Testing

@Suite("AES-256")
struct AESTests {
    @Test("Blocks give the values of FIPS 197 and SP 800-38A")
    func blocks() throws {
        let fips = try SecretBytes.of((0...31).map { UInt8($0) })
        let plain = hex("00112233445566778899aabbccddeeff")
        #expect(try AES256.encryptECB(plain, key: fips) == hex("8ea2b7ca516745bfeafc49904b496089"))
        #expect(try AES256.encryptECB([], key: fips) == [])

        let key = try SecretBytes.of(hex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"))
        let blocks = hex(
            "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51",
            "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710")
        let expected = hex(
            "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870",
            "b6ed21b99ca6f4f9f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7")
        #expect(try AES256.encryptECB(blocks, key: key) == expected)
    }

    struct GCMVector: Sendable {
        let key: [UInt8]
        let nonce: [UInt8]
        var plain: [UInt8] = []
        var data: [UInt8] = []
        let sealed: [UInt8]

        /// Test cases 13, 14 and 16 of the GCM specification (McGrew and Viega), all of AES-256 with nonces of 12 bytes.
        static let table = [
            GCMVector(
                key: [UInt8](repeating: 0, count: 32), nonce: [UInt8](repeating: 0, count: 12),
                sealed: hex("530f8afbc74536b9a963b4f1c4cb738b")),
            GCMVector(
                key: [UInt8](repeating: 0, count: 32), nonce: [UInt8](repeating: 0, count: 12),
                plain: [UInt8](repeating: 0, count: 16),
                sealed: hex("cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919")),
            GCMVector(
                key: hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"),
                nonce: hex("cafebabefacedbaddecaf888"),
                plain: hex(
                    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72",
                    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39"),
                data: hex("feedfacedeadbeeffeedfacedeadbeefabaddad2"),
                sealed: hex(
                    "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa",
                    "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662", "76fc6ece0f4e1768cddf8853bb2d551b")),
        ]
    }

    @Test("GCM gives the values of its specification", arguments: GCMVector.table)
    func sealing(_ vector: GCMVector) throws {
        let key = try SecretBytes.of(vector.key)
        let sealed = try AES256.sealGCM(vector.plain, key: key, nonce: vector.nonce, additionalData: vector.data)
        #expect(sealed == vector.sealed)
        let opened = try AES256.openGCM(sealed, key: key, nonce: vector.nonce, additionalData: vector.data)
        #expect(opened == vector.plain)
    }

    @Test("GCM opens nothing of which one bit was changed, anywhere", arguments: GCMVector.table)
    func tampering(_ vector: GCMVector) throws {
        func opens(_ sealed: [UInt8], _ key: [UInt8], _ nonce: [UInt8], _ data: [UInt8]) throws -> Bool {
            let key = try SecretBytes.of(key)
            return (try? AES256.openGCM(sealed, key: key, nonce: nonce, additionalData: data)) != nil
        }
        let (sealed, key, nonce, data) = (vector.sealed, vector.key, vector.nonce, vector.data)
        #expect(try opens(sealed, key, nonce, data))
        for index in sealed.indices { #expect(try !opens(sealed.flipping(index), key, nonce, data)) }
        for index in key.indices { #expect(try !opens(sealed, key.flipping(index), nonce, data)) }
        for index in nonce.indices { #expect(try !opens(sealed, key, nonce.flipping(index), data)) }
        for index in data.indices { #expect(try !opens(sealed, key, nonce, data.flipping(index))) }
        for count in sealed.indices { #expect(try !opens(Array(sealed.prefix(count)), key, nonce, data)) }
        #expect(try !opens(sealed + [0], key, nonce, data))
        #expect(try !opens(sealed, key, nonce, data + [0]))
    }

    @Test("Keys, nonces and texts of other sizes are refused", arguments: [0, 16, 24, 31, 33])
    func sizes(_ count: Int) throws {
        let key = try SecretBytes.random(count: count)
        let good = try SecretBytes.random(count: 32)
        let bytes = [UInt8](repeating: 0, count: count)
        let nonce = [UInt8](repeating: 0, count: 12)
        #expect(throws: CryptoError.self) { try AES256.encryptECB([], key: key) }
        #expect(throws: CryptoError.self) { try AES256.sealGCM([], key: key, nonce: nonce) }
        #expect(throws: CryptoError.self) { try AES256.sealGCM([], key: good, nonce: bytes) }
        #expect(throws: CryptoError.self) { try AES256.openGCM(nonce + nonce, key: key, nonce: nonce) }
        #expect(throws: CryptoError.self) { try AES256.encryptECB(bytes + [UInt8](repeating: 0, count: 7), key: good) }
    }
}

extension [UInt8] {
    /// The same bytes but for one bit.
    func flipping(_ index: Int) -> [UInt8] {
        var changed = self
        changed[index] ^= 1 << UInt8(index % 8)
        return changed
    }
}
