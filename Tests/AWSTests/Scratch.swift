import Foundation
import TestSupport
import Testing

/// A folder of one test's own, gone afterwards.
struct Scratch: Sendable {
    let folder: URL

    static func using<T>(_ body: (Scratch) async throws -> T) async throws -> T {
        let folder = FileManager.default.temporaryDirectory.appending(path: "keyrite-aws-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(Scratch(folder: folder))
    }

    func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Runs a program in the folder, and expects it to succeed.
    func run(_ program: String, _ arguments: String...) async throws {
        let outcome = try await runProcess(program, arguments, directory: folder)
        try #require(
            outcome.status == 0,
            "\(program) \(arguments.joined(separator: " ")) ended with \(outcome.status): \(outcome.stderrText)")
    }
}
