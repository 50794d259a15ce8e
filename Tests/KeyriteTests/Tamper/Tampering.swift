import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// What is done to evidence, and what both verifiers say to it. Every suite in it shares one ceremony.
@Suite(.ceremonyHeldOnce)
enum Tampering {
    @TaskLocal static var ceremony: RehearsedCeremony?
    /// The same ceremony in another room, with other people's keys.
    @TaskLocal static var forgery: RehearsedCeremony?

    /// Lends a copy of the ceremony's folder.
    static func withCopy<R>(_ body: (TamperedFolder) async throws -> R) async throws -> R {
        try await withCopy(of: try #require(ceremony).folder.root, body)
    }

    /// Lends a copy of a folder that was made of it.
    static func withCopy<R>(of root: String, _ body: (TamperedFolder) async throws -> R) async throws -> R {
        let ceremony = try #require(ceremony)
        return try await withTemporaryFolder { scratch in
            let copy = scratch.appending(path: "ceremony")
            try FileManager.default.copyItem(atPath: root, toPath: copy.path)
            return try await body(
                TamperedFolder(ceremony: ceremony, folder: try DiskFolder(at: copy.path), anchor: ceremony.roster))
        }
    }
}

/// Holds both ceremonies before the first test and takes their rooms down after the last.
struct CeremonyHeldOnce: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
    ) async throws {
        try await withTemporaryFolder { scratch in
            async let first = RehearsedCeremony.hold(at: scratch.appending(path: "r"))
            async let second = RehearsedCeremony.hold(at: scratch.appending(path: "s"))
            let (ceremony, forgery) = (try await first, try await second)
            defer {
                ceremony.room.stop()
                forgery.room.stop()
            }
            try await Tampering.$ceremony.withValue(ceremony) {
                try await Tampering.$forgery.withValue(forgery) { try await body() }
            }
        }
    }
}

extension Trait where Self == CeremonyHeldOnce {
    static var ceremonyHeldOnce: Self { CeremonyHeldOnce() }
}
