import Foundation
import Testing

/// A script of the folder Python, run by a Python that has boto3.
struct PythonScript {
    /// A script does its work in seconds; more than this and it hangs.
    private static let patience: TimeInterval = 120
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "Python")
    private static let package = folder.appending(path: "../../..").standardizedFileURL

    /// What a script said and how it ended.
    struct Outcome {
        let status: Int32
        let output: String
    }

    /// - Parameters:
    ///   - name: Of the file, without `.py`.
    ///   - environment: The whole of it.
    static func run(_ name: String, environment: [String: String]) async throws -> Outcome {
        let log = FileManager.default.temporaryDirectory.appending(path: "keyrite-\(name)-\(UUID().uuidString).log")
        try Data().write(to: log)
        defer { try? FileManager.default.removeItem(at: log) }
        let handle = try FileHandle(forWritingTo: log)
        defer { try? handle.close() }
        let process = Process()
        process.executableURL = try interpreter()
        process.arguments = ["-B", folder.appending(path: "\(name).py").path()]
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        try await withCheckedThrowingContinuation { (ended: CheckedContinuation<Void, any Error>) in
            process.terminationHandler = { _ in ended.resume() }
            do {
                try process.run()
            } catch {
                process.terminationHandler = nil
                ended.resume(throwing: error)
                return
            }
            let pid = process.processIdentifier
            DispatchQueue.global().asyncAfter(deadline: .now() + patience) { [weak process] in
                if process?.isRunning == true { kill(pid, SIGKILL) }
            }
        }
        return Outcome(
            status: process.terminationStatus, output: String(decoding: try Data(contentsOf: log), as: UTF8.self))
    }

    private static func interpreter() throws -> URL {
        if let named = ProcessInfo.processInfo.environment["KEYRITE_TEST_PYTHON"] { return URL(filePath: named) }
        let own = package.appending(path: ".build/python/bin/python")
        try #require(
            FileManager.default.isExecutableFile(atPath: own.path()),
            """
            There is no Python with boto3. Make one with
              python3 -m venv .build/python && .build/python/bin/pip install boto3==1.43.11 cryptography==48.0.0
            or name one in KEYRITE_TEST_PYTHON.
            """)
        return own
    }
}
