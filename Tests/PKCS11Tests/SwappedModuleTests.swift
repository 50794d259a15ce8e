import CryptoPrimitives
import Foundation
import PKCS11
import TestSupport
import Testing

@Suite("A module is loaded from the very file that was digested")
struct SwappedModuleTests {
    /// Lends a library's path, and that of a copy of it.
    private func withTwo(_ body: (_ path: String, _ other: String) throws -> Void) async throws {
        try await withTemporaryFolder { folder in
            let paths = ["module.so", "other.so"].map { folder.appending(path: $0) }
            for path in paths {
                try FileManager.default.copyItem(at: URL(filePath: try Module.remoteClientPath()), to: path)
            }
            try body(paths[0].path, paths[1].path)
        }
    }

    private func refusal(_ path: String, _ meanwhile: () throws -> Void) throws -> PKCS11Error? {
        #expect(throws: PKCS11Error.self) { try Module.load(path: path, meanwhile: meanwhile) }
    }

    @Test("one that is put in its place in between is refused, though it is equal to it")
    func renamed() async throws {
        try await withTwo { path, other in
            let error = try refusal(path) {
                try #require(rename(other, path) == 0)
            }
            #expect("\(String(describing: error))".contains("another file was put in its place"))
        }
    }

    @Test("one that was loaded before is not taken for it")
    func loadedBefore() async throws {
        try await withTwo { path, other in
            _ = try refusal(path) { try #require(rename(other, path) == 0) }
            // The first file is loaded by its descriptor's name now, and the path leads to the second.
            try FileManager.default.copyItem(atPath: path, toPath: other)
            _ = try refusal(path) { try #require(rename(other, path) == 0) }
        }
    }

    @Test("one that is written to in between is refused")
    func written() async throws {
        try await withTwo { path, _ in
            let error = try refusal(path) {
                let file = try FileHandle(forWritingTo: URL(filePath: path))
                try file.seekToEnd()
                try file.write(contentsOf: [0])
                try file.close()
            }
            #expect("\(String(describing: error))".contains("or it was changed"))
        }
    }

    @Test("one that is not as it was expected is not loaded at all")
    func unexpected() async throws {
        try await withTwo { path, _ in
            let digest = SHA256Digest(of: [1])
            let error = #expect(throws: PKCS11Error.self) {
                try Module.load(path: path, expecting: digest) { Issue.record("it went on to the loading") }
            }
            #expect("\(String(describing: error))".contains("not \(digest.hex)"))
        }
    }

    @Test("and one that stays is known by its digest afterwards")
    func loaded() async throws {
        try await TokenSite.with { site in
            let bytes = try Data(contentsOf: URL(filePath: try Module.remoteClientPath()))
            #expect(try site.connect().digest == SHA256Digest(of: bytes))
            #expect(try Module.clientDigest() == SHA256Digest(of: bytes))
        }
    }
}
