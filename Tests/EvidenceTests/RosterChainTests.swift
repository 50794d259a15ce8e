import CryptoPrimitives
import Evidence
import Foundation
import TestSupport
import Testing

/// Who holds which key, made by ssh-keygen, in rosters that follow one another.
struct RosterPeople {
    let keys: [String: SSHKeygen]

    /// - Parameter names: Of keys; a person's second key is named apart, as `ben2`.
    init(_ names: String...) async throws {
        var keys: [String: SSHKeygen] = [:]
        for name in names { keys[name] = try await SSHKeygen(type: "ed25519") }
        self.keys = keys
    }

    func key(_ name: String) throws -> SSHKeygen { try #require(keys[name], "nobody made the key \(name)") }

    /// - Parameter key: The name of the key, where it is not the person's first.
    func member(_ name: String, _ role: Role, key: String? = nil) throws -> Member {
        RosterFixture.member(name, role, key: try self.key(key ?? name).publicKey.line)
    }

    /// A signature over a roster's bytes for its mode.
    func sign(_ bytes: [UInt8], _ key: String, mode: Mode = .rehearsal) async throws -> [UInt8] {
        try await self.key(key).sign(bytes, namespace: mode.rosterNamespace)
    }
}

/// Files in memory, in place of a folder.
struct RosterFiles: EvidenceFolder {
    var contents: [String: [UInt8]] = [:]

    func read(_ path: String) throws -> [UInt8] {
        guard let bytes = contents[path] else { throw EvidenceError(path, "it is missing") }
        return bytes
    }

    func files() throws -> [String] { Array(contents.keys) }
}

@Suite("A chain of rosters")
struct RosterChainTests {
    /// A first roster that all accepted, and a second in which eve comes, dan goes, and ben has another key.
    struct Chain {
        let people: RosterPeople
        let first: Roster
        var second: Roster
        var folder = RosterFiles()

        init() async throws {
            people = try await RosterPeople("ada", "ben", "ben2", "carol", "dan", "eve", "wendy")
            let kept = [
                try people.member("ada", .administrator), try people.member("carol", .custodian),
                try people.member("wendy", .witness),
            ]
            first = Roster(
                mode: .rehearsal,
                members: kept + [try people.member("ben", .custodian), try people.member("dan", .custodian)],
                rules: RosterFixture.rules)
            second = Roster(
                mode: .rehearsal, sequence: 2, previous: SHA256Digest(of: try first.json()),
                members: kept + [
                    try people.member("ben", .custodian, key: "ben2"), try people.member("eve", .custodian),
                ], rules: RosterFixture.rules)
            try await write(first, accepted: ["ada", "ben", "carol", "dan", "wendy"], at: .earlier(1))
        }

        /// Writes a roster with the acceptances of these keys.
        mutating func write(_ roster: Roster, accepted keys: [String], at place: RosterPlace) async throws {
            let bytes = try roster.json()
            folder.contents[place.file] = bytes
            for key in keys {
                let member = try #require(roster.member(named: key.filter { !$0.isNumber }))
                folder.contents[place.acceptance(of: member)] = try await people.sign(bytes, key, mode: roster.mode)
            }
        }

        /// Writes the second roster with the signatures of these keys.
        mutating func change(accepted: [String] = ["ben2", "eve"], agreed: [String] = ["ben", "dan"]) async throws {
            try await write(second, accepted: accepted, at: .current)
            for key in agreed { try await agree(key) }
        }

        mutating func agree(_ key: String, as name: String? = nil) async throws {
            let member = try #require(first.member(named: name ?? key))
            folder.contents[RosterPlace.current.consent(of: member)] = try await people.sign(try second.json(), key)
        }

        /// What the reader of the chain says while signatures may still come.
        func openRefusal() -> String {
            do {
                _ = try RosterChain(reading: folder, isOpen: true)
                return "holds"
            } catch {
                return "\(error)"
            }
        }

        /// What the reader of the chain says; scripts/verify.sh must refuse the same file.
        func refusal() async throws -> String {
            let (said, place) = try Self.judgement(of: folder)
            let disk = try TemporaryFolder()
            for folder in ["roster/change", "rosters/1/change", "rosters/2/change"] {
                try FileManager.default.createDirectory(
                    atPath: "\(disk.path)/\(folder)", withIntermediateDirectories: true)
            }
            for (path, bytes) in folder.contents { try disk.write(bytes, to: path) }
            let signers = try? Roster(json: try folder.read(Roster.path)).allowedSigners()
            try disk.write(signers ?? [], to: Roster.allowedSignersPath)
            let run = try await runProcess("dash", [Self.script, disk.path])
            let verdict = try #require(run.stdoutText.split(separator: "\n").last { $0.hasPrefix("REFUSED: ") })
            // A chain that holds has no plan here.
            #expect(verdict.split(separator: " ")[1] == (place ?? "plan.json") + ":", "\(said) / \(verdict)")
            #expect(run.stderrText.isEmpty, "\(run.stderrText)")
            return said
        }

        private static func judgement(of folder: RosterFiles) throws -> (said: String, place: String?) {
            do {
                _ = try RosterChain(reading: folder)
                return ("holds", nil)
            } catch let fault as RosterFault {
                return ("\(fault)", fault.path)
            }
        }

        private static var script: String {
            URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../scripts/verify.sh")
                .standardizedFileURL.path
        }

        func fingerprint(_ key: String) throws -> String { try people.key(key).publicKey.fingerprint }
    }

    private static let again =
        "; ben signs the new roster.json again with the key that the roster before it lists, for "
        + "keyrite.roster.v1.rehearsal"

    @Test("A roster changed under the old quorum and accepted by the newcomers is followed back to the first")
    func holds() async throws {
        var chain = try await Chain()
        try await chain.change()
        let read = try RosterChain(reading: chain.folder)
        #expect(read.count == 2)
        #expect(read.first.roster == chain.first)
        #expect(read.current.roster == chain.second)
        #expect(read.current.accepting.map(\.name) == ["ben", "eve"])
        #expect(read.current.consenting.map(\.name) == ["ben", "carol", "dan"], "dan, who goes, may agree")
        #expect(read.number(of: SHA256Digest(of: try chain.first.json())) == 1)
        #expect(read.number(of: SHA256Digest(of: try chain.second.json())) == 2)
        #expect(read.number(of: SHA256Digest(of: [])) == nil)
        #expect(read.files.keys.sorted() == chain.folder.contents.keys.sorted())
    }

    @Test("A third roster rests on the second, whose own rules say who must agree")
    func third() async throws {
        var chain = try await Chain()
        let witness = [GateRequirement(role: .witness, count: 1)]
        let second = chain.second
        chain.second = Roster(
            mode: .rehearsal, sequence: 2, previous: second.previous, members: second.members,
            rules: GateRules(
                authorize: witness, release: witness, activate: witness, close: witness, change: witness))
        try await chain.change()
        for (path, bytes) in chain.folder.contents where path.hasPrefix("roster/") {
            chain.folder.contents["rosters/2/" + path.dropFirst(7)] = bytes
            chain.folder.contents[path] = nil
        }
        chain.folder.contents["rosters/2.json"] = try chain.second.json()
        let third = Roster(
            mode: .rehearsal, sequence: 3, previous: SHA256Digest(of: try chain.second.json()),
            members: second.members.filter { $0.name != "carol" }, rules: chain.second.rules)
        try await chain.write(third, accepted: [], at: .current)
        #expect(
            try await chain.refusal().hasPrefix("roster.json: its change misses 1 of role witness in roster 2;")
        )
        let wendy = try #require(second.member(named: "wendy"))
        chain.folder.contents[RosterPlace.current.consent(of: wendy)] = try await chain.people.sign(
            try third.json(), "wendy")
        #expect(try await chain.refusal() == "holds")
        chain.folder.contents["rosters/1.json"] = nil
        #expect(try await chain.refusal() == "rosters/1.json: it is missing")
    }

    @Test("Fewer of the old roster than its rules demand change nothing", arguments: [[], ["ben"], ["dan"]])
    func quorumTooSmall(agreed: [String]) async throws {
        var chain = try await Chain()
        try await chain.change(agreed: agreed)
        #expect(
            try await chain.refusal()
                == "roster.json: its change misses \(2 - agreed.count) of role custodian in roster 1; they sign it "
                + "with the key that roster 1 lists")
        #expect(chain.openRefusal() == "holds", "signatures may still come")
    }

    @Test("The administrator and those whom the rules do not count never make up for one who is missing")
    func administratorNeverCounts() async throws {
        var chain = try await Chain()
        try await chain.change(agreed: ["ben", "ada", "wendy"])
        #expect(
            try await chain.refusal().hasPrefix(
                "roster.json: its change misses 1 of role custodian in roster 1;"))
        // What they signed is no file of the chain.
        try await chain.agree("dan")
        let files = try RosterChain(reading: chain.folder).files
        #expect(files["roster/change/ada.sig"] == nil)
        #expect(files["roster/change/wendy.sig"] == nil)
    }

    @Test(
        "A newcomer, and a member who changed key, must accept with the key that is listed", arguments: ["ben", "eve"])
    func newcomerMissing(name: String) async throws {
        var chain = try await Chain()
        try await chain.change()
        chain.folder.contents["roster/\(name).sig"] = nil
        #expect(try await chain.refusal() == "roster/\(name).sig: it is missing")
    }

    @Test("The key that a member had before does not accept for the new one, nor the new one agree for the old")
    func keysApart() async throws {
        var chain = try await Chain()
        try await chain.change(accepted: ["ben", "eve"])
        let (old, new) = (try chain.fingerprint("ben"), try chain.fingerprint("ben2"))
        #expect(
            try await chain.refusal()
                == "roster/ben.sig: ben's acceptance counts for nothing: the SSH signature is by "
                + "another key; \(old), not \(new); ben signs roster.json again with the key it lists, for "
                + "keyrite.roster.v1.rehearsal")
        try await chain.change(agreed: ["dan"])
        try await chain.agree("ben2", as: "ben")
        #expect(
            try await chain.refusal()
                == "roster/change/ben.sig: ben's consent counts for nothing: the SSH signature is by "
                + "another key; \(new), not \(old)\(Self.again)")
    }

    @Test("A signature that is not needed and does not hold is refused, not passed over")
    func extraSignature() async throws {
        var chain = try await Chain()
        try await chain.change(agreed: ["ben", "carol"])
        #expect(try await chain.refusal() == "holds")
        try await chain.agree("eve", as: "dan")
        #expect(try await chain.refusal().hasPrefix("roster/change/dan.sig: dan's consent counts for nothing:"))
        #expect(try await chain.refusal() == chain.openRefusal(), "also while others have still to sign")
    }

    @Test("A member whose role changed accepts it, with the key they had")
    func roleChanged() async throws {
        var chain = try await Chain()
        chain.second = Roster(
            mode: .rehearsal, sequence: 2, previous: chain.second.previous,
            members: chain.first.members.map { member in
                Member(
                    name: member.name, role: member.name == "dan" ? .auditor : member.role, key: member.key,
                    validFrom: member.validFrom, validUntil: member.validUntil)
            },
            rules: GateRules(
                authorize: RosterFixture.rules.authorize, release: RosterFixture.rules.release,
                activate: RosterFixture.rules.activate, close: RosterFixture.rules.close,
                change: RosterFixture.rules.change))
        try await chain.change(accepted: [])
        #expect(try await chain.refusal() == "roster/dan.sig: it is missing")
        try await chain.change(accepted: ["dan"])
        #expect(try await chain.refusal() == "holds")
    }

    struct Misfit: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let expected: String
        let change: @Sendable (Roster) -> Roster

        static let all = [
            Misfit(
                testDescription: "number 3 in place of number 2",
                expected: "rosters/2.json: it is missing"
            ) { Roster(mode: $0.mode, sequence: 3, previous: $0.previous, members: $0.members, rules: $0.rules) },
            Misfit(
                testDescription: "one that follows another",
                expected:
                    "roster.json: it follows another roster than number 1; take the roster that was changed, "
                    + "and change it again"
            ) {
                Roster(
                    mode: $0.mode, sequence: 2, previous: SHA256Digest(of: [1]), members: $0.members, rules: $0.rules)
            },
            Misfit(
                testDescription: "one of another mode",
                expected:
                    "roster.json: it is for live, and the roster before it for rehearsal; begin another chain "
                    + "for another mode"
            ) { Roster(mode: .live, sequence: 2, previous: $0.previous, members: $0.members, rules: $0.rules) },
            Misfit(
                testDescription: "number 2 that names none before it",
                expected:
                    "roster.json: it is number 2, and names none before it; give the SHA-256 of the roster "
                    + "before it to each but the first"
            ) { Roster(mode: $0.mode, sequence: 2, members: $0.members, rules: $0.rules) },
            Misfit(
                testDescription: "number 0",
                expected: "roster.json: its sequence is 0; number the first roster 1"
            ) { Roster(mode: $0.mode, sequence: 0, members: $0.members, rules: $0.rules) },
            Misfit(
                testDescription: "a first that names one before it",
                expected:
                    "roster.json: it is the first, and names one before it; give the SHA-256 of the roster "
                    + "before it to each but the first"
            ) { Roster(mode: $0.mode, sequence: 1, previous: $0.previous, members: $0.members, rules: $0.rules) },
        ]
    }

    @Test("A roster that does not follow the one before it is refused, whoever signed it", arguments: Misfit.all)
    func misfit(_ misfit: Misfit) async throws {
        var chain = try await Chain()
        chain.second = misfit.change(chain.second)
        try await chain.change()
        #expect(try await chain.refusal() == misfit.expected)
    }

    @Test("Rosters in each other's places are refused at the first that is in the wrong one")
    func swapped() async throws {
        var chain = try await Chain()
        try await chain.change()
        chain.folder.contents["rosters/1.json"] = try chain.second.json()
        #expect(
            try await chain.refusal()
                == "rosters/1.json: it is number 2 where number 1 belongs; put every roster back into its "
                + "place")
    }

    @Test("A first roster waits for every member while it is open, and for nobody of a roster before it")
    func open() async throws {
        var chain = try await Chain()
        chain.folder = RosterFiles()
        try await chain.write(chain.first, accepted: ["ben"], at: .current)
        let open = try RosterChain(reading: chain.folder, isOpen: true).current
        #expect(open.unaccepted.map(\.name) == ["ada", "carol", "dan", "wendy"])
        #expect(open.consenting.isEmpty)
        #expect(!open.isComplete)
        try await chain.write(chain.first, accepted: ["ada", "carol", "dan", "wendy"], at: .current)
        #expect(try RosterChain(reading: chain.folder).current.isComplete)
    }
}
