import Foundation
import Room
import TestSupport
import Testing

/// Holds one ceremony before a suite's first test, in place of the one that `Tampering` shares, and takes its room down
/// after the last.
struct HeldOnce: SuiteTrait, TestScoping {
    fileprivate let hold: @Sendable (URL) async throws -> RehearsedCeremony

    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
    ) async throws {
        try await withTemporaryFolder { scratch in
            let ceremony = try await hold(scratch.appending(path: "h"))
            defer { ceremony.room.stop() }
            try await Tampering.$ceremony.withValue(ceremony) { try await body() }
        }
    }
}

extension Trait where Self == HeldOnce {
    /// - Parameter hold: Holds the ceremony in a folder.
    static func heldOnce(_ hold: @escaping @Sendable (URL) async throws -> RehearsedCeremony) -> Self {
        HeldOnce(hold: hold)
    }
}
