package import Evidence
import Foundation
import PKCS11
import Processes

/// A `keyrite emulator` as a child process, which ends with this one.
package final class EmulatorProcess: Sendable {
    /// The line that the emulator prints once it listens.
    private struct Greeting: Decodable {
        let endpoint: String
        let account: String
        let pid: Int32
    }

    /// `http://127.0.0.1:PORT`
    package let endpoint: String
    /// Twelve digits.
    package let account: String
    package let processIdentifier: Int32
    private let child: ChildProcess

    private init(_ greeting: Greeting, child: ChildProcess) {
        endpoint = greeting.endpoint
        account = greeting.account
        processIdentifier = greeting.pid
        self.child = child
    }

    /// Starts an emulator and waits until it listens.
    ///
    /// - Parameters:
    ///   - program: The keyrite program.
    ///   - log: A file for what it prints.
    ///   - wrappingKeysAhead: KMS's name of the size of wrapping keys that are kept ready; nil for none.
    ///   - options: More for its command line, in tests.
    /// - Throws: `RehearsalError` when it ends, or does not listen within a minute.
    package static func start(
        program: String, log: String, wrappingKeysAhead: String? = nil, options: [String] = []
    ) async throws -> EmulatorProcess {
        let child = try await ChildProcess.spawn(
            [
                program, "emulator", "--listen", "127.0.0.1:0", "--wrapping-keys-ahead", wrappingKeysAhead ?? "none",
            ] + options, environment: ["PATH": "/usr/bin:/bin"], output: log)
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            // Before the time is looked at: on a busy machine much of it may have passed since the last look.
            if let said = FileManager.default.contents(atPath: log), let end = said.firstIndex(of: UInt8(ascii: "\n")) {
                return EmulatorProcess(try JSONDecoder().decode(Greeting.self, from: said[..<end]), child: child)
            }
            guard child.isRunning, ContinuousClock.now < deadline else { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        child.kill()
        let said = FileManager.default.contents(atPath: log).map { String(decoding: $0, as: UTF8.self) } ?? ""
        throw RehearsalError("the embedded KMS did not start: \(said)")
    }

    /// Has the emulator make an external key whose old material it makes itself.
    ///
    /// - Parameters:
    ///   - alias: With `alias/`.
    ///   - keySpec: Of the key, which gets the first usage of its kind.
    package func seedExternalKey(alias: String, keySpec: KeySpec = .symmetric) async throws {
        try await AdminCall.post(
            [
                "action": "seed-external-key", "alias": alias, "keySpec": keySpec.rawValue,
                "keyUsage": keySpec.usages[0].rawValue,
            ], to: endpoint)
    }

    /// Has the emulator let callers call what is listed for them, and nothing else of KMS.
    ///
    /// - Parameter permissions: AWS's names of operations by the ARN of a user or role.
    package func permit(_ permissions: [String: [String]]) async throws {
        struct Permission: Encodable {
            let caller: String
            let allow: [String]
        }
        struct Request: Encodable {
            let action = "set-faults"
            let permissions: [Permission]
        }
        try await AdminCall.post(
            Request(permissions: permissions.map { Permission(caller: $0.key, allow: $0.value) }), to: endpoint)
    }

    package func stop() { child.kill() }
}

/// What keeps a rehearsal from being set up.
package struct RehearsalError: Error, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}
