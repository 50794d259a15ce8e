import Ceremony
import Disk
package import Evidence
import Foundation
import Glibc
import PKCS11

/// A room for rehearsing: tokens of its own, an embedded KMS, a roster that everyone in it has accepted.
///
/// Its servers end with this object, and with this process however that ends.
package final class RehearsalSite: Sendable {
    /// The folder that holds it all.
    package let root: String
    package let site: Site
    /// `roster.json` as its members signed it.
    package let rosterBytes: [UInt8]
    /// Each member's armored signature under it, by name.
    package let acceptances: [String: [UInt8]]
    private let tokens: TokenServer
    private let emulator: EmulatorProcess
    private let socketFolder: String

    /// The site as a file, for `keyrite run --site`.
    package var siteFile: String { root + "/site.yaml" }
    /// The folder with the roster, for `keyrite plan --roster`.
    package var rosterFolder: String { root + "/roster" }
    /// The roster and what was signed over it, by their paths in a roster folder.
    package var rosterFiles: [String: [UInt8]] {
        get throws {
            var files = [Roster.path: rosterBytes]
            for member in try Roster(json: rosterBytes).members {
                files[Roster.acceptancePath(of: member)] = acceptances[member.name]
            }
            return files
        }
    }
    /// The two servers' processes: the token server, then the emulator.
    package var servers: [Int32] { [tokens.processIdentifier, emulator.processIdentifier] }

    private init(
        root: String, site: Site, rosterBytes: [UInt8], acceptances: [String: [UInt8]], tokens: TokenServer,
        emulator: EmulatorProcess, socketFolder: String
    ) {
        self.root = root
        self.site = site
        self.rosterBytes = rosterBytes
        self.acceptances = acceptances
        self.tokens = tokens
        self.emulator = emulator
        self.socketFolder = socketFolder
    }

    deinit { stop() }

    /// Ends both servers and removes the socket. The folder stays.
    package func stop() {
        tokens.stop()
        emulator.stop()
        try? FileManager.default.removeItem(atPath: socketFolder)
    }

    /// Removes what would outlive this process, which is about to end at once; the servers end with it.
    package func abandon() {
        try? FileManager.default.removeItem(atPath: socketFolder)
    }

    /// Builds the room.
    ///
    /// - Parameters:
    ///   - root: A folder to make; it must not exist.
    ///   - program: The keyrite program, which also is the emulator.
    ///   - tokenModule: Another PKCS#11 module than the rehearsal's, in tests.
    ///   - tokenEnvironment: More for the token server's environment, in tests.
    ///   - hostsModule: Whether a process of the ceremony's own holds the module for its HSM, for what the token server's
    ///     protocol does not carry; the participants' tokens are behind that server in any case.
    ///   - rolesApart: Whether those who look, make keys, fetch, import and activate call as roles of their own, each of
    ///     which the embedded KMS lets do its part alone.
    ///   - wrappingKeysAhead: KMS's name of the size of wrapping keys that its KMS keeps ready; nil for none.
    ///   - emulatorOptions: More for its KMS's command line, in tests.
    package static func build(
        at root: String, program: String, tokenModule: String? = nil, tokenEnvironment: [String: String] = [:],
        hostsModule: Bool = false, rolesApart: Bool = false, wrappingKeysAhead: String? = nil,
        emulatorOptions: [String] = []
    ) async throws -> RehearsalSite {
        let folder = try DiskFolder.create(at: root)
        let socketFolder = try makeSocketFolder()
        let softHSM = try SoftHSMFolder.create(at: folder.root + "/softhsm")
        let module = try tokenModule ?? RehearsalModule.path()
        let tokens = try await TokenServer.start(
            module: module, socket: socketFolder + "/p11",
            environment: softHSM.environment.merging(tokenEnvironment) { _, given in given })
        let emulator = try await EmulatorProcess.start(
            program: program, log: folder.root + "/emulator.log", wrappingKeysAhead: wrappingKeysAhead,
            options: emulatorOptions)
        let made = try await RehearsalTokens.create(
            socket: tokens.socket, hsm: "keyrite-hsm",
            participants: RehearsalParticipants.all.map { RehearsalParticipants.tokenLabel(of: $0.name) })
        let site = Site(
            mode: .rehearsal,
            access: SiteAccess(
                region: .named("eu-central-1"), endpoint: .named(emulator.endpoint),
                roles: rolesApart ? RehearsalRoles.sources(in: emulator.account) : nil),
            // The embedded KMS has no quotas: nobody shall wait for what only AWS asks.
            quotas: Quotas(everywhere: 1000),
            module: hostsModule
                ? .library(path: module, environment: softHSM.environment, socket: tokens.socket)
                : .socket(path: tokens.socket),
            token: made.hsm.uri.description, signers: signers(made),
            memory: folder.root + "/memory")
        if rolesApart { try await emulator.permit(RehearsalRoles.permissions(in: emulator.account)) }
        let roster = try roster(made)
        let rosterBytes = try roster.json()
        let acceptances = try await accept(rosterBytes, of: roster, at: site)
        try folder.write(Array(site.yaml.utf8), to: "site.yaml")
        try folder.write(rosterBytes, to: "roster/" + Roster.path)
        for member in roster.members {
            try folder.write(acceptances[member.name] ?? [], to: "roster/" + Roster.acceptancePath(of: member))
            if let token = made.signers[RehearsalParticipants.tokenLabel(of: member.name)]?.token {
                try RehearsalCard.write(for: member, token: token, in: folder)
            }
        }
        return RehearsalSite(
            root: folder.root, site: site, rosterBytes: rosterBytes, acceptances: acceptances, tokens: tokens,
            emulator: emulator, socketFolder: socketFolder)
    }

    /// Has the embedded KMS make an external key with old material, behind an alias.
    package func seedExternalKey(alias: String, keySpec: KeySpec = .symmetric) async throws {
        try await emulator.seedExternalKey(alias: alias, keySpec: keySpec)
    }

    /// A short path, since a Unix socket's has at most 107 bytes.
    private static func makeSocketFolder() throws -> String {
        var template = Array("/tmp/keyrite-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw DiskError("make a folder in", "/tmp") }
        return String(cString: made)
    }

    private static func signers(_ made: RehearsalTokens) -> [String: String] {
        Dictionary(
            uniqueKeysWithValues: RehearsalParticipants.all.compactMap { person in
                made.signers[RehearsalParticipants.tokenLabel(of: person.name)].map {
                    (person.name, $0.token.uri.description)
                }
            })
    }

    private static func roster(_ made: RehearsalTokens) throws -> Roster {
        let now = SystemClock().now()
        let members = try RehearsalParticipants.all.map { person in
            guard let signer = made.signers[RehearsalParticipants.tokenLabel(of: person.name)] else {
                throw RehearsalError("\(person.name) has no token")
            }
            return Member(
                name: person.name, role: person.role, key: SSHPublicKey.ecdsaP256(signer.publicKey).line,
                validFrom: now, validUntil: now.advanced(bySeconds: 30 * 24 * 3600))
        }
        let requirements = RehearsalParticipants.requirements
        let roster = Roster(
            mode: .rehearsal, members: members,
            rules: GateRules(
                authorize: requirements(.authorize), release: requirements(.release),
                activate: requirements(.activate), close: requirements(.close),
                change: RehearsalParticipants.changeRequirements))
        try roster.validate()
        return roster
    }

    private static func accept(_ bytes: [UInt8], of roster: Roster, at site: Site) async throws -> [String: [UInt8]] {
        var acceptances: [String: [UInt8]] = [:]
        for member in roster.members {
            acceptances[member.name] = try await site.signer(of: member).sign(
                bytes, namespace: roster.mode.rosterNamespace)
        }
        return acceptances
    }
}
