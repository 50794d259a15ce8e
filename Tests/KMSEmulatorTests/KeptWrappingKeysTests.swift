import AWS
import CryptoPrimitives
import Foundation
import KMSEmulator
import TestSupport
import Testing

@Suite("Wrapping keys that a folder keeps")
struct KeptWrappingKeysTests {
    @Test("are the same at each start, in the same turn, and none is handed out twice; what the folder lacks is made")
    func sameTurn() async throws {
        try await withTemporaryFolder { base in
            let folder = base.path + "/keys"
            let first = try await Self.taken([.rsa2048, .rsa2048, .rsa3072], from: folder)
            let again = try await Self.taken([.rsa2048, .rsa3072, .rsa2048, .rsa2048], from: folder)
            #expect([again[0], again[2], again[1]] == first)
            #expect(Set(again).count == 4)
            let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(files == ["RSA_2048-1", "RSA_2048-2", "RSA_2048-3", "RSA_3072-1"])
            for file in files {
                let mode = try FileManager.default.attributesOfItem(atPath: "\(folder)/\(file)")[.posixPermissions]
                #expect(mode as? Int == 0o600)
            }
        }
    }

    @Test("keep their turn where several ask at once")
    func atOnce() async throws {
        try await withTemporaryFolder { base in
            let pool = try Self.pool(base.path + "/keys")
            let taken = try await withThrowingTaskGroup { group in
                for _ in 1...4 { group.addTask { try await pool.take(.rsa2048).spki } }
                return try await group.reduce(into: Set<[UInt8]>()) { $0.insert($1) }
            }
            #expect(taken == Set(try await Self.taken(Array(repeating: .rsa2048, count: 4), from: base.path + "/keys")))
        }
    }

    @Test("that are none, or of another size, are refused, and so is a folder that is none")
    func unfit() async throws {
        try await withTemporaryFolder { base in
            let folder = base.path + "/keys"
            _ = try await Self.taken([.rsa2048], from: folder)
            try FileManager.default.moveItem(atPath: folder + "/RSA_2048-1", toPath: folder + "/RSA_3072-1")
            await #expect(throws: CryptoError.self) { _ = try await Self.taken([.rsa3072], from: folder) }
            try Data("no key".utf8).write(to: URL(filePath: folder + "/RSA_2048-1"))
            await #expect(throws: CryptoError.self) { _ = try await Self.taken([.rsa2048], from: folder) }
            #expect(throws: StateError.self) { try KeptWrappingKeys(at: folder + "/RSA_2048-1") }
            #expect(throws: StateError.self) { try KeptWrappingKeys(at: folder + "/missing/keys") }
        }
    }

    @Test("and a state file exclude each other")
    func withState() async throws {
        try await withTemporaryFolder { base in
            var configuration = try RunningEmulator.configuration()
            configuration.stateFile = base.path + "/state"
            configuration.wrappingKeyFolder = base.path + "/keys"
            #expect(throws: StateError.self) { try KMSEmulator(configuration: configuration) }
            configuration.stateFile = nil
            _ = try KMSEmulator(configuration: configuration)
        }
    }

    private static func pool(_ folder: String) throws -> WrappingKeyPool {
        WrappingKeyPool(ahead: nil, kept: try KeptWrappingKeys(at: folder))
    }

    /// The public keys of what a pool hands out that is made anew.
    private static func taken(_ specs: [WrappingKeySpec], from folder: String) async throws -> [[UInt8]] {
        let pool = try pool(folder)
        var taken: [[UInt8]] = []
        for spec in specs { taken.append(try await pool.take(spec).spki) }
        return taken
    }
}
