import CryptoPrimitives
import Foundation
import Glibc
import PKCS11
import Processes
import TestSupport
import Testing

/// A private key, wrapped on a token of the rehearsal's module in a process of its own, by the program WrapProbe.
struct ProbedWrap {
    enum Kind: String, CaseIterable {
        case rsa
        case ec
    }

    /// What the process found out.
    let report: WrapReport
    /// The key that it wrapped under, which it never had.
    let wrappingKey: RSAPrivateKey
    /// What it had in its memory, each time that it was stopped.
    let stops: [[Data]]

    /// Runs the program to its end, in a minute at most.
    ///
    /// - Parameter settings: What joins SoftHSM's settings in its environment.
    static func run(_ kind: Kind, _ settings: [String: String] = [:]) async throws -> ProbedWrap {
        try await withTemporaryFolder { folder in
            let softHSM = try SoftHSMFolder.create(at: folder.appending(path: "hsm").path)
            let wrappingKey = try WrappingKeys.ofEachSize()[0]
            let files = ["spki", "report", "output"].map { folder.appending(path: $0) }
            try Data(wrappingKey.publicKey.spki).write(to: files[0])
            let child = try await ChildProcess.spawn(
                [program(), kind.rawValue, files[0].path, files[1].path],
                environment: settings.merging(softHSM.environment) { given, _ in given }.merging(
                    ["KEYRITE_REHEARSAL_MODULE": RehearsalModule.path()]) { given, _ in given },
                output: files[2].path)
            defer { child.kill() }
            let stops = try await watch(child)
            let output = try String(contentsOf: files[2], encoding: .utf8)
            let report = try #require(try? Data(contentsOf: files[1]), "WrapProbe says: \(output)")
            return ProbedWrap(
                report: try JSONDecoder().decode(WrapReport.self, from: report), wrappingKey: wrappingKey, stops: stops)
        }
    }

    /// The private key in a blob, once it is known to be the one beside the public key.
    func open(_ outcome: WrapReport.Outcome) throws -> SecretBytes {
        guard case .blob(let blob) = outcome else { throw CocoaError(.coderValueNotFound) }
        let opened = try wrappingKey.unwrap(blob)
        try #require(PrivateKey(pkcs8: opened).spki == report.publicKey)
        return opened
    }

    private static func watch(_ child: ChildProcess) async throws -> [[Data]] {
        var stops: [[Data]] = []
        let deadline = ContinuousClock.now + .seconds(300)
        while child.isRunning {
            try #require(ContinuousClock.now < deadline, "WrapProbe has not ended")
            if ProcessMemory.state(of: child.processIdentifier) == "T" {
                stops.append(try ProcessMemory.writable(of: child.processIdentifier))
                kill(child.processIdentifier, SIGCONT)
            }
            try await Task.sleep(for: .milliseconds(1))
        }
        return stops
    }

    private static func program() throws -> String {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let program = tests.deletingLastPathComponent().appending(path: "WrapProbe").path
        try #require(FileManager.default.isExecutableFile(atPath: program), "WrapProbe is not built: \(program)")
        return program
    }
}
