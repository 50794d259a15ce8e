import Ceremony
import CryptoPrimitives
import Disk
import Foundation
import Glibc
import Room
import TestSupport
import Testing

@Suite("A sealing key lies on its host alone, until it is destroyed")
struct SealingFolderTests {
    @Test(
        "its file is the owner's alone, opens what was sealed, for openssl too, and is overwritten when it is destroyed"
    )
    func life() async throws {
        try await withTemporaryFolder { base in
            let folder = SealingFolder(memory: base.path + "/memory")
            #expect(try !folder.has(SHA256Digest(of: [])))
            // What was never there was not destroyed, whoever asks for it.
            try folder.destroy(SHA256Digest(of: []))
            #expect(try !folder.hasDestroyed(SHA256Digest(of: [])))
            let certificate = try folder.make(for: "office")
            let file = folder.file(certificate.digest)
            #expect(file == base.path + "/memory/sealing/\(certificate.digest.hex).pem")
            var status = stat()
            try #require(lstat(file, &status) == 0)
            #expect(status.st_mode & 0o7777 == 0o600)
            #expect(try folder.has(certificate.digest) && !folder.hasDestroyed(certificate.digest))
            let sealed = try certificate.seal([1, 2, 3])
            #expect(try folder.open(sealed, certificate: certificate.digest) == [1, 2, 3])
            try Data(sealed).write(to: base.appending(path: "sealed"))
            let opened = try await runProcess([
                "openssl", "cms", "-decrypt", "-inform", "DER", "-binary", "-inkey", file, "-in", base.path + "/sealed",
            ])
            #expect(opened.stdout == [1, 2, 3], "\(opened.stderrText)")

            // A second name of the same file shows what is left of its bytes.
            try #require(link(file, base.path + "/left") == 0)
            try folder.destroy(certificate.digest)
            #expect(try !folder.has(certificate.digest) && folder.hasDestroyed(certificate.digest))
            #expect(try !SealingFolder(memory: base.path + "/other").hasDestroyed(certificate.digest))
            let left = try Data(contentsOf: base.appending(path: "left"))
            #expect(!left.isEmpty && left.allSatisfy { $0 == 0 })
            try folder.destroy(certificate.digest)
            let error = #expect(throws: CeremonyError.self) {
                try folder.open(sealed, certificate: certificate.digest)
            }
            #expect(error?.what.contains("is not on this host") == true)
        }
    }

    @Test(
        "a damaged file, another key's and a link are said to be so; a killed writer's file is destroyed with the rest")
    func damaged() async throws {
        try await withTemporaryFolder { base in
            let folder = SealingFolder(memory: base.path)
            let certificate = try folder.make(for: "office")
            let file = URL(filePath: folder.file(certificate.digest))
            let sealed = try certificate.seal([1])
            let whole = try Data(contentsOf: file)
            let other = try SealingKey(generatingFor: "office").pem().withUnsafeBytes { Data($0) }
            for bytes in [Data(), whole.dropLast(), Data(whole.map { $0 ^ 1 }), other] {
                try bytes.write(to: file)
                let error = #expect(throws: CeremonyError.self) {
                    try folder.open(sealed, certificate: certificate.digest)
                }
                #expect(error?.what.hasPrefix("The sealing key \(file.path) cannot be used") == true)
            }
            let partial = file.deletingLastPathComponent().appending(path: ".\(file.lastPathComponent).partial")
            try whole.write(to: partial)
            try FileManager.default.removeItem(at: file)
            try folder.destroy(certificate.digest)
            #expect(access(partial.path, F_OK) != 0)
            try FileManager.default.createSymbolicLink(at: file, withDestinationURL: base.appending(path: "elsewhere"))
            try whole.write(to: base.appending(path: "elsewhere"))
            #expect(throws: DiskError.self) { try folder.open(sealed, certificate: certificate.digest) }
            #expect(throws: DiskError.self) { try folder.destroy(certificate.digest) }
            #expect(try Data(contentsOf: base.appending(path: "elsewhere")) == whole)
        }
    }

    @Test("how a host had a folder is remembered for each ceremony, the last of it alone")
    func carried() async throws {
        try await withTemporaryFolder { base in
            let memory = CarriedMemory(folder: base.path + "/memory")
            #expect(try memory.recall("c") == nil)
            let lines = (0..<3).map { SHA256Digest(of: [UInt8($0)]) }
            let first = CarriedFolder(ceremony: "c", number: 1, isReceived: false, lines: Array(lines.prefix(2)))
            let second = CarriedFolder(ceremony: "c", number: 2, isReceived: true, lines: lines)
            let other = CarriedFolder(ceremony: "d", number: 1, isReceived: true, lines: [])
            for folder in [first, second, other] { try memory.remember(folder) }
            #expect(try CarriedMemory(folder: base.path + "/memory").recall("c") == second)
            #expect(try memory.recall("d") == other)
            let file = base.appending(path: "memory/carried/c.json")
            try Data(try Data(contentsOf: file).dropLast()).write(to: file)
            let error = #expect(throws: CeremonyError.self) { try memory.recall("c") }
            #expect(error?.what.contains("carried/c.json") == true)
        }
    }
}
