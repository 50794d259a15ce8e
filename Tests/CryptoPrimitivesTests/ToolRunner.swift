import Foundation

/// Runs another program to its end, with input and output in files so that no pipe can fill up.
enum ToolRunner {
    struct Output {
        let status: Int32
        let standardOutput: [UInt8]
        let standardError: String
    }

    /// - Parameter seconds: After so many the program is ended, with status 124.
    static func run(_ command: String..., input: [UInt8] = [], seconds: Int = 60) async throws -> Output {
        try await run(command, input: input, seconds: seconds)
    }

    static func run(_ command: [String], input: [UInt8] = [], seconds: Int = 60) async throws -> Output {
        let folder = try TemporaryFolder()
        let input = try folder.write(input, to: "input")
        let output = try folder.write([], to: "output")
        let errors = try folder.write([], to: "errors")
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        process.arguments = ["\(seconds)"] + command
        let handles = [
            try FileHandle(forReadingFrom: URL(filePath: input)), try FileHandle(forWritingTo: URL(filePath: output)),
            try FileHandle(forWritingTo: URL(filePath: errors)),
        ]
        // Left to be freed, those of finished programs pile up until Foundation cannot start another.
        defer { for handle in handles { try? handle.close() } }
        process.standardInput = handles[0]
        process.standardOutput = handles[1]
        process.standardError = handles[2]
        try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in ended.resume() }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                ended.resume(throwing: error)
            }
        }
        return Output(
            status: process.terminationStatus,
            standardOutput: try folder.read("output"),
            standardError: String(decoding: try folder.read("errors"), as: UTF8.self))
    }
}

/// A folder that goes when the test lets go of it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "/tmp/keyrite-test-" + UUID().uuidString
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// - Returns: The path of the file.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = path + "/" + name
        guard
            FileManager.default.createFile(
                atPath: file, contents: Data(bytes), attributes: [.posixPermissions: 0o600])
        else { throw CocoaError(.fileWriteUnknown) }
        return file
    }

    func read(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(filePath: path + "/" + name)))
    }
}
