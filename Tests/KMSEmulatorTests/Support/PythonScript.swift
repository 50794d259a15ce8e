import Foundation
import TestSupport
import Testing

/// A script of the folder Python, run by a Python that has boto3.
enum PythonScript {
    /// Seconds. A script does its work in less than one minute on an idle machine; more than this and it hangs.
    private static let patience = 400
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
    ///   - endpoint: Where the emulator listens.
    ///   - environment: Besides what all scripts have; the tests' own is not handed on.
    static func run(
        _ name: String, endpoint: String, accessKeyID: String, secretAccessKey: String,
        environment: [String: String] = [:]
    ) async throws -> Outcome {
        let scratch = FileManager.default.temporaryDirectory.appending(path: "keyrite-\(name)-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: scratch, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: scratch) }
        let common = [
            "KEYRITE_TEST_ENDPOINT": endpoint,
            "KEYRITE_TEST_FOLDER": scratch.path(),
            "AWS_ACCESS_KEY_ID": accessKeyID,
            "AWS_SECRET_ACCESS_KEY": secretAccessKey,
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
            "HOME": scratch.path(),
            "LC_ALL": "C.UTF-8",
            "PATH": "/usr/bin:/bin",
        ]
        let outcome = try await runProcess(
            "/usr/bin/timeout",
            [
                "--kill-after=5", "\(patience)", try interpreter(), "-B", folder.appending(path: "\(name).py").path(),
            ],
            environment: common.merging(environment) { $1 })
        return Outcome(status: outcome.status, output: outcome.stdoutText + outcome.stderrText)
    }

    private static func interpreter() throws -> String {
        if let named = ProcessInfo.processInfo.environment["KEYRITE_TEST_PYTHON"] { return named }
        let own = package.appending(path: ".build/python/bin/python").path()
        try #require(
            FileManager.default.isExecutableFile(atPath: own),
            """
            There is no Python with boto3. scripts/test makes one in .build/python; or name one in KEYRITE_TEST_PYTHON.
            """)
        return own
    }
}
