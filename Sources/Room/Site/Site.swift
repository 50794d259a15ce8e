package import Ceremony
package import Evidence
import PKCS11

/// This room: its HSM, its AWS endpoints, and where each participant's key is.
package struct Site: Hashable, Sendable {
    /// How the HSM's PKCS#11 module is reached.
    package enum ModuleLocation: Hashable, Sendable {
        /// A library, which a child process holds for the ceremony: key material stays there.
        ///
        /// - Parameters:
        ///   - parameters: What it wants to be told when it is loaded, if anything.
        ///   - environment: What that child, and the doctor, has in its environment for it.
        ///   - socket: A p11-kit server's, by which the participants' tokens are reached; without one this process
        ///     loads the library for them.
        case library(
            path: String, parameters: String? = nil, environment: [String: String] = [:], socket: String? = nil)
        /// A p11-kit server's socket, for everything: key material stays in that server's process.
        case socket(path: String)
    }

    package let mode: Mode
    /// This host's side of an air gap, and who it is there; nil for a room of one host.
    package let gap: GapSetting?
    /// How AWS is reached; nil on an air gap's HSM host alone.
    package let access: SiteAccess?
    package let quotas: Quotas
    /// Nil on an air gap's connected host, and at a site that AWS is only read from.
    package let module: ModuleLocation?
    /// The RFC 7512 URI of the token that holds the ceremony's keys; empty where there is no HSM.
    package let token: String
    /// The RFC 7512 URI of each participant's own token, by name.
    package let signers: [String: String]
    /// The folder in which this machine remembers what it signed and saw; empty at a site without an HSM that names none.
    package let memory: String
    /// Who stamps a closed ceremony, if anybody.
    package let timestamp: SiteTimeStamp?
    /// The file it was read from.
    let place: InputPlace

    /// The Region as the site has it.
    package var region: String { access?.region.text ?? "" }
    /// The KMS endpoint's URL as the site has it; empty for the Region's own.
    package var endpoint: String { access?.endpoint?.text ?? "" }

    /// - Parameter place: The file it was read from, if it was.
    package init(
        mode: Mode, gap: GapSetting? = nil, access: SiteAccess?, quotas: Quotas = Quotas(), module: ModuleLocation?,
        token: String, signers: [String: String], memory: String, timestamp: SiteTimeStamp? = nil,
        place: InputPlace = InputPlace()
    ) {
        self.mode = mode
        self.gap = gap
        self.access = access
        self.quotas = quotas
        self.module = module
        self.token = token
        self.signers = signers
        self.memory = memory
        self.timestamp = timestamp
        self.place = place
    }

    /// Reads a site, `keyrite.site/1`.
    ///
    /// - Parameters:
    ///   - text: The YAML.
    ///   - file: Its name, for errors.
    /// - Throws: `CeremonyError` with file, line and path of what is wrong.
    package init(yaml text: String, file: String) throws {
        let yaml = try StrictYAML(parsing: text, file: file, keys: Self.keys)
        guard try yaml.string("schema") == "keyrite.site/1" else {
            throw yaml.error("schema", "is not keyrite.site/1", "Start from an example in ceremony/")
        }
        guard let mode = Mode(rawValue: try yaml.string("mode")) else {
            throw yaml.error("mode", "must be live or rehearsal", "Correct it")
        }
        let gap = try yaml.optionalTable("gap", keys: GapSetting.keys).map(GapSetting.init)
        try gap?.refuseOtherHalf(in: yaml)
        let aws = gap?.side == .hsm ? nil : try yaml.table("aws", keys: SiteAccess.keys + ["quotas"])
        let isForReading = gap == nil && yaml.has("aws") && !yaml.has("hsm") && !yaml.has("signers")
        let hsm =
            gap?.side == .connected || isForReading
            ? nil : try yaml.table("hsm", keys: ["library", "parameters", "environment", "socket", "token"])
        let people = hsm == nil ? nil : try yaml.table("signers", keys: nil)
        self.init(
            mode: mode, gap: gap, access: try aws.map(SiteAccess.init),
            quotas: try Quotas(try aws?.optionalTable("quotas", keys: Quotas.keys)),
            module: try hsm.map { try ModuleLocation($0, mode) },
            token: try hsm.map { try Self.token($0, "token") } ?? "",
            signers: try people.map { people in
                Dictionary(uniqueKeysWithValues: try people.names.map { ($0, try Self.token(people, $0)) })
            } ?? [:],
            memory: isForReading ? try yaml.optionalString("memory") ?? "" : try yaml.string("memory"),
            timestamp: try yaml.optionalTable("timestamp", keys: SiteTimeStamp.keys).map { table in
                try SiteTimeStamp(table, mode)
            }, place: yaml.place)
    }

    /// Refuses a site that has no HSM, and is no host of an air gap either: no ceremony is held there.
    ///
    /// - Throws: `CeremonyError` with the file.
    package func requireRoom() throws {
        guard gap == nil, module == nil else { return }
        throw place["hsm"].error(
            "is missing: this site reads AWS alone, and this command is for a room with an HSM",
            remedy:
                "Give the room's site, or add hsm, signers and memory; inventory, impact, policy check and reconcile need none"
        )
    }

    private static let keys = ["schema", "mode", "gap", "aws", "hsm", "signers", "memory", "timestamp"]

    /// A token's URI, as it stands there: what is refused is not repeated, since it may hold a PIN.
    private static func token(_ yaml: StrictYAML, _ key: String) throws -> String {
        let text = try yaml.string(key)
        do { _ = try PKCS11URI(parsing: text) } catch let error as PKCS11Error {
            guard case .misnamed(let why) = error.cause else { throw error }
            throw yaml.error(key, "is wrong: \(why)", "Correct it")
        }
        return text
    }

    /// The site as the YAML that `init(yaml:file:)` reads.
    package var yaml: String {
        let people = signers.sorted { $0.key < $1.key }.map { "  \($0.key): \"\($0.value)\"\n" }.joined()
        let aws = access.map { access in
            "aws:\n\(access.yaml)  quotas:\n\(quotas.yaml(indent: "    "))\n"
        }
        let hsm = module.map { module in
            "hsm:\n  \(module.yaml)\n  token: \"\(token)\"\nsigners:\(people.isEmpty ? " {}" : "")\n\(people)"
        }
        return """
            schema: keyrite.site/1
            mode: \(mode.rawValue)
            \(gap?.yaml ?? "")\(aws ?? "")\(hsm ?? "")\(timestamp?.yaml ?? "")\(memory.isEmpty ? "" : "memory: \"\(memory)\"")
            """
    }
}
