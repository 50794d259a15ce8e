import CryptoPrimitives
import Foundation
import Glibc
import PKCS11
import Room
import TestSupport

/// A new token, and the ceremony's HSM over it: a real child process that holds the rehearsal's module.
struct HostedToken {
    let token: TokenSite.Token
    let hsm: HostedHSM
    private let site: TokenSite

    /// - Parameter environment: More for the child's environment.
    static func with<R>(
        environment: [String: String] = [:], _ body: (HostedToken) async throws -> R
    ) async throws -> R {
        try await TokenSite.with { site in
            let token = try await site.makeToken("hosted")
            let hosted = HostedToken(
                token: token,
                hsm: HostedHSM(
                    module: try RehearsalModule.path(),
                    environment: site.softHSM.environment.merging(environment) { _, given in given },
                    token: token.info.uri, program: try CeremonyRoom.program(), pin: { _ in PINEntry(token.pin) }),
                site: site)
            return try await body(hosted)
        }
    }

    /// Another HSM over the same tokens.
    func hsm(
        module: String? = nil, environment: [String: String] = [:], token uri: PKCS11URI? = nil,
        program: String? = nil,
        pin: @escaping PINSource
    ) throws -> HostedHSM {
        HostedHSM(
            module: try module ?? RehearsalModule.path(),
            environment: site.softHSM.environment.merging(environment) { _, given in given },
            token: uri ?? token.info.uri, program: try program ?? CeremonyRoom.program(), pin: pin)
    }

    /// Has the module that lies say that one more wrong PIN locks the token.
    func warn() throws { try FinalTryWarning(site.softHSM).issue(for: token.info.label) }

    /// Whether it says so still.
    var isWarned: Bool { FinalTryWarning(site.softHSM).isStanding }

    /// The child that serves the HSM now.
    func child() async throws -> Int32 {
        guard let child = await hsm.processIdentifier else { throw CocoaError(.fileNoSuchFile) }
        return child
    }
}

/// Waiting for another process, with patience for a busy machine.
enum Patience {
    static func until(_ holds: () throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(300)
        while try !holds() {
            guard ContinuousClock.now < deadline else { throw POSIXError(.ETIMEDOUT) }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    /// Until a process is gone, or dead and only not reaped by whoever it was left to.
    static func untilGone(_ pid: Int32) async throws {
        try await until { [nil, "Z"].contains(ProcessMemory.state(of: pid)) }
    }
}

/// Files of the kernel's, which say that they have no size.
enum KernelFile {
    static func text(_ path: String) throws -> String {
        let file = try FileHandle(forReadingFrom: URL(filePath: path))
        defer { try? file.close() }
        return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
    }
}
