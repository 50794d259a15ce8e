import Ceremony
import Evidence
import Foundation
import FoundationNetworking
import PKCS11
import Room
import TestSupport

/// A room whose two servers the test owns: `keyrite run` and `keyrite approve` come and go in it as processes.
struct KillRoom: Sendable {
    /// A call that the emulator answered, as its admin path tells.
    struct Call: Decodable, Sendable {
        let operation: String
        let keyId: String?
        let error: String?
    }

    /// The keyrite program, which the build puts beside the tests.
    let program: String
    /// For whatever the tests write, removed afterwards.
    let scratch: URL
    let site: RehearsalSite
    /// What the processes are told of the room: its own, or with a token of another make as its HSM.
    let setting: Site
    /// The same as a file, for `keyrite run --site`.
    let siteFile: String

    /// The program beside these tests.
    static func builtProgram() throws -> String {
        URL(fileURLWithPath: try RehearsalModule.path()).deletingLastPathComponent().appending(path: "keyrite").path
    }

    /// - Parameter hostsModule: Whether a child of each process holds the HSM's module.
    static func with<R>(hostsModule: Bool = false, _ body: (KillRoom) async throws -> R) async throws -> R {
        let program = try builtProgram()
        return try await withTemporaryFolder { scratch in
            let site = try await RehearsalSite.build(
                at: scratch.appending(path: "room").path, program: program, hostsModule: hostsModule,
                emulatorOptions: try CeremonyRoom.keptWrappingKeys())
            defer { site.stop() }
            return try await body(
                KillRoom(
                    program: program, scratch: scratch, site: site, setting: site.site, siteFile: site.siteFile))
        }
    }

    /// The same with a token of another make.
    static func with<R>(_ other: ForeignToken, _ body: (KillRoom) async throws -> R) async throws -> R {
        try await with { room in
            let setting = try other.site(in: room)
            let siteFile = room.scratch.appending(path: "site.yaml")
            try Data(setting.yaml.utf8).write(to: siteFile)
            return try await body(
                KillRoom(
                    program: room.program, scratch: room.scratch, site: room.site, setting: setting,
                    siteFile: siteFile.path))
        }
    }

    /// Whatever a kind of ceremony needs.
    static func with<R>(_ kind: KillKind, _ body: (KillRoom) async throws -> R) async throws -> R {
        guard kind.token == .openCryptoki else {
            return try await with(hostsModule: kind.token == .hosted, body)
        }
        return try await OpenCryptokiToken.with { try await with(try ForeignToken($0), body) }
    }

    /// Runs the program to its end, however it ends.
    func keyrite(_ arguments: [String]) async throws -> ProcessOutcome {
        try await runProcess(program, arguments)
    }

    /// Two hosts for a ceremony, with nothing of another left on them.
    func gap() async throws -> KillGap { try await KillGap(in: self) }

    /// Everything that the embedded KMS was asked so far, by whomever.
    func calls() async throws -> [Call] {
        struct Answer: Decodable { let calls: [Call] }
        guard let url = URL(string: site.site.endpoint + "/_keyrite/admin") else { throw URLError(.badURL) }
        var request = URLRequest(url: url, timeoutInterval: 30)
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(#"{"action":"calls"}"#.utf8)
        let (body, _) = try await URLSession.shared.data(for: request)
        return try JSONDecoder().decode(Answer.self, from: body).calls
    }
}

/// Nobody watches.
struct Unwatched: ProgressPort {
    func began(_ step: Step) {}
    func ended(_ step: Step) {}
    func refused(_ path: String, _ refusal: ApprovalRefusal) {}
}

/// Approves whatever it is asked.
struct Willing: ParticipantPort {
    func decide(on statement: Statement, bytes: [UInt8]) async throws -> Answer { .approve }
}
