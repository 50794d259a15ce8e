import Foundation
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
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        let log = folder.appending(path: "log-\(UUID().uuidString)")
        try Data().write(to: log)
        let output = try FileHandle(forWritingTo: log)
        (process.standardInput, process.standardOutput, process.standardError) = (FileHandle.nullDevice, output, output)
        let status = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let said = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
        try #require(status == 0, "\(program) \(arguments.joined(separator: " ")) ended with \(status): \(said)")
    }
}
