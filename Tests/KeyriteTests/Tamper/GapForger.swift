import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

/// A key in a file, as hosts have one, and here people too: quicker than their tokens.
struct KeygenKey: OtherKey {
    let line: String
    let userPresence: UserPresence? = nil
    private let file: String
    /// Goes with the last copy of this.
    private let folder: TemporaryFolder

    init(_ type: String) async throws {
        folder = try TemporaryFolder()
        file = folder.path + "/key"
        let made = try await runProcess("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "", "-f", file])
        try #require(made.status == 0, "\(made.stderrText)")
        line = String(decoding: try folder.read("key.pub"), as: UTF8.self)
            .split(whereSeparator: \.isWhitespace).prefix(2).joined(separator: " ")
    }

    var fingerprint: String { (try? SSHPublicKey(line: line).fingerprint) ?? "" }

    func sign(_ message: [UInt8], namespace: String) async throws -> [UInt8] {
        let signed = try await runProcess(
            "ssh-keygen", ["-Y", "sign", "-q", "-f", file, "-n", namespace], input: message)
        try #require(signed.status == 0, "\(signed.stderrText)")
        return signed.stdout
    }
}

/// The ceremony that all share, as two hosts would have held it: a desk with KMS, and a vault with the HSM.
struct GapCeremony: Sendable {
    static let desk = "desk"
    static let vault = "vault"

    let folder: DiskFolder
    /// The digest of the roster, whose people have other keys here.
    let roster: SHA256Digest
    let people: [String: any OtherKey]
    let hosts: [String: any OtherKey]

    /// Makes it of the one that was held by one host.
    static func forge(at root: URL, of ceremony: RehearsedCeremony) async throws -> GapCeremony {
        try FileManager.default.copyItem(atPath: ceremony.folder.root, toPath: root.path)
        let folder = try DiskFolder(at: root.path)
        var people: [String: any OtherKey] = [:]
        for member in try Roster(json: ceremony.room.rosterBytes).members {
            people[member.name] = try await KeygenKey("ed25519")
        }
        let hosts: [String: any OtherKey] = [
            desk: try await KeygenKey("ecdsa"), vault: try await KeygenKey("ed25519"),
        ]
        var forger = try Forger(TamperedFolder(ceremony: ceremony, folder: folder))
        forger.hostKeys = hosts
        try forger.carryAcrossGap()
        let roster = try await forger.give(people)
        try await forger.write()
        return GapCeremony(folder: folder, roster: roster, people: people, hosts: hosts)
    }
}

extension Tampering {
    @TaskLocal static var gap: GapCeremony?

    /// The first so many; all of them in a long run.
    static func most<Element>(_ all: [Element], _ count: Int) -> ArraySlice<Element> {
        ProcessInfo.processInfo.environment["KEYRITE_TEST_SEEDS"] == nil ? all.prefix(count) : all[...]
    }

    /// Lends a copy of the folder that was carried between two hosts, and a forger who has everybody's keys.
    static func withGap<R>(_ body: (TamperedFolder, Forger) async throws -> R) async throws -> R {
        let gap = try #require(gap)
        return try await withCopy(of: gap.folder.root) { copy in
            var copy = copy
            copy.anchor = gap.roster
            var forger = try Forger(copy)
            (forger.otherKeys, forger.hostKeys) = (gap.people, gap.hosts)
            return try await body(copy, forger)
        }
    }
}

/// Forges the ceremony of two hosts before the first test.
struct GapForgedOnce: SuiteTrait, TestScoping {
    func provideScope(
        for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
    ) async throws {
        let ceremony = try #require(Tampering.ceremony)
        try await withTemporaryFolder { scratch in
            let gap = try await GapCeremony.forge(at: scratch.appending(path: "gap"), of: ceremony)
            try await Tampering.$gap.withValue(gap) { try await body() }
        }
    }
}

extension Trait where Self == GapForgedOnce {
    static var gapForgedOnce: Self { GapForgedOnce() }
}

extension Forger {
    /// Makes of a ceremony of one host one of two, the second of which has the HSM: wherever a line is for the other one
    /// to write, the folder is handed over.
    mutating func carryAcrossGap() throws {
        let digest = try planAcrossGap()
        let plan = try CanonicalJSON.parse(try copy.folder.read(Plan.path))
        var carried: [Line] = []
        var (holder, number) = (Side.connected, 0)
        var isSealing = true
        func run(_ line: Line) -> Line {
            var line = line
            line.body["environment"] = Self.seen(of: plan, from: holder)
            line.host = Self.host(holder)
            return line
        }
        func add(_ kind: String, _ body: [String: JSONValue], like line: Line) {
            carried.append(Line(kind: kind, body: .object(body), at: line.at, host: Self.host(holder)))
        }
        let first = run(try #require(lines.first))
        for var line in lines {
            if let side = Self.side(of: line), side != holder {
                let last = try #require(carried.last)
                if line.kind == "settle-intended", isSealing {
                    let certificate: [String: JSONValue] = ["certificate": Self.sealingDigest]
                    add("sealing-destroy-intended", certificate, like: last)
                    add("sealing-destroyed", certificate, like: last)
                    isSealing = false
                }
                number += 1
                let turn: [String: JSONValue] = ["number": .integer(Int64(number))]
                add("handed-over", turn.merging(["to": .string(Self.host(side))]) { $1 }, like: last)
                holder = side
                add("received", turn, like: last)
                carried.append(Line(kind: first.kind, body: run(first).body, at: last.at, host: Self.host(holder)))
            }
            line.host = Self.host(holder)
            if line.kind == "run-started" { line = run(line) }
            if line.kind == "gate-opened" {
                let seen = try #require(carried.last { $0.kind == "run-started" }).body["environment"]
                line.body["environment"] = .string(SHA256Digest(of: try CanonicalJSON.encode(seen)).hex)
                if line.body["gate"] == "authorize" { line.body["subject"]["authorize"]["gap"] = plan["gap"] }
            }
            if ["run-started", "gate-opened"].contains(line.kind) { line.body["plan"] = .string(digest.hex) }
            carried.append(line)
        }
        for index in carried.indices where carried[index].kind == "run-started" {
            carried[index].body["plan"] = .string(digest.hex)
        }
        lines = carried
    }

    /// Gives the plan two hosts.
    ///
    /// - Returns: Its digest.
    private func planAcrossGap() throws -> SHA256Digest {
        try copy.change(Plan.path) { bytes in
            var plan = try CanonicalJSON.parse(bytes)
            let program = plan["environment"]["programs"][0]["program"]
            plan["environment"]["programs"] = .array(
                Side.allCases.map { .object(["host": .string(Self.host($0)), "program": program]) })
            var gap: [String: JSONValue] = ["sealing": .string(Base64.encode(Self.certificate))]
            for side in Side.allCases {
                let host = Self.host(side)
                gap[side.rawValue] = .object([
                    "host": .string(host), "key": .string(try #require(hostKeys[host]).line),
                ])
            }
            plan["gap"] = .object(gap)
            bytes = try CanonicalJSON.encode(plan)
        }
        return SHA256Digest(of: try copy.folder.read(Plan.path))
    }

    /// Of a key that was destroyed.
    private static let certificate = (try? SealingKey(generatingFor: "desk").certificate.der) ?? []
    static let sealingDigest = JSONValue.string(SHA256Digest(of: certificate).hex)

    private static func host(_ side: Side) -> String { side == .hsm ? GapCeremony.vault : GapCeremony.desk }

    private static func side(of line: Line) -> Side? {
        if line.kind == "gate-opened" { return Gate(rawValue: line.body["gate"].text)?.side }
        return EventKind(rawValue: line.kind)?.side
    }

    /// What of the plan's surroundings the host of a side sees.
    static func seen(of plan: JSONValue, from side: Side) -> JSONValue {
        var seen = plan["environment"]
        for key in side == .hsm ? ["aws"] : ["token", "module"] { seen = seen.without(key) }
        seen["programs"] = .array(seen["programs"].elements.filter { $0["host"].text == host(side) })
        return seen
    }
}
