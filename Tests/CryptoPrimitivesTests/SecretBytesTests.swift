import CryptoPrimitives
import TestSupport
import Testing

// One after another: a search holds parts of all memory, the secret of another test among them.
@Suite("Secrets in memory", .serialized)
struct SecretBytesTests {
    @Test(
        "A secret's pages are locked and left out of core dumps",
        .disabled(if: isSanitized, "a sanitizer makes mlock(2) do nothing"), arguments: [0, 1, 32, 4096, 4097, 100_000])
    func locked(_ count: Int) throws {
        let secret = try SecretBytes.random(count: count)
        let start = secret.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
        for address in [start, start + UInt(max(count, 1)) - 1] {
            let flags = try OwnMemory.flags(of: address)
            #expect(flags.isSuperset(of: ["lo", "dd"]), "\(flags)")
        }
    }

    @Test(
        "While a secret is held its bytes are found in memory once; when it is released they are gone",
        .disabled(if: isSanitized, "a sanitizer maps more memory than can be searched"))
    func zeroised() throws {
        let needle = try SecretBytes.random(count: 32)
        do {
            let secret = try needle.withUnsafeBytes { try SecretBytes(copying: $0) }
            #expect(try OwnMemory.occurrences(of: needle) == 2)
            #expect(secret.isEqual(to: needle))
        }
        #expect(try OwnMemory.occurrences(of: needle) == 1)
    }

    @Test(
        "What was written before an error is gone too",
        .disabled(if: isSanitized, "a sanitizer maps more memory than can be searched"))
    func zeroisedAfterError() throws {
        struct Interrupted: Error {}
        let needle = try SecretBytes.random(count: 32)
        var during = 0
        #expect(throws: Interrupted.self) {
            try SecretBytes(capacity: 64) { buffer in
                needle.withUnsafeBytes { buffer.copyMemory(from: $0) }
                during = try OwnMemory.occurrences(of: needle)
                throw Interrupted()
            }
        }
        #expect(during == 2)
        #expect(try OwnMemory.occurrences(of: needle) == 1)
    }

    @Test("A secret holds as many bytes as were written, and refuses a count that its buffer has not")
    func counts() throws {
        let secret = try SecretBytes(capacity: 64) { buffer in
            buffer.copyBytes(from: [1, 2, 3])
            return 3
        }
        #expect(secret.count == 3 && secret.exposed == [1, 2, 3])
        for wrong in [-1, 65] {
            #expect(throws: CryptoError.self) { try SecretBytes(capacity: 64) { _ in wrong } }
        }
    }

    @Test("Secrets are equal when all their bytes are")
    func equality() throws {
        let secret = try SecretBytes.of([1, 2, 3])
        #expect(secret.isEqual(to: try .of([1, 2, 3])))
        #expect(!secret.isEqual(to: try .of([1, 2, 4])))
        #expect(!secret.isEqual(to: try .of([1, 2])))
        #expect(!secret.isEqual(to: try .of([1, 2, 3, 0])))
        #expect(try SecretBytes.of([]).isEqual(to: .of([])))
    }

    @Test("A secret shown by accident shows no byte")
    func description() throws {
        let secret = try SecretBytes.of(Array("PIN-1234".utf8))
        var dumped = ""
        dump(secret, to: &dumped)
        let shown = "\(secret) \(String(reflecting: secret)) \(dumped)"
        #expect(!shown.contains("1234") && !shown.contains("49, 50, 51, 52"))
    }

    @Test("Random bytes are as many as asked for, and other bytes each time")
    func random() throws {
        #expect(try SecureRandom.bytes(count: 0) == [])
        #expect(try SecureRandom.bytes(count: 32).count == 32)
        #expect(try SecureRandom.bytes(count: 32) != SecureRandom.bytes(count: 32))
        #expect(try !SecretBytes.random(count: 32).isEqual(to: .random(count: 32)))
    }
}
