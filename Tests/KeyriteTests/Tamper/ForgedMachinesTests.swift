import CryptoPrimitives
import Evidence
import Foundation
import Testing

extension Tampering {
    @Suite(
        "Another machine or program that was put on record otherwise than the rules have it is refused by both verifiers",
        .serialized)
    struct ForgedMachinesTests {
        @Test(
            "put on record before a gate that is still to be signed, it verifies, and both say what it is in one form")
        func control() async throws {
            try await withCopy { copy in
                var forger = try Forger(copy)
                let index = try forger.index("gate-opened", ["gate": "release"])
                forger.insert([try forger.machine()], at: index)
                try await forger.write()
                try await copy.expectVerdict("VERIFIED")
                var verifier = Verifier(
                    of: copy.folder, expecting: Expectations(roster: copy.anchor, mode: .rehearsal))
                let rows = verifier.verify().checks.map { check in
                    [check.standing.rawValue.padded(to: 10), check.what.padded(to: 28), check.against]
                        .joined(separator: "  ")
                }
                let host = forger.lines[0].host
                let what = "not in the plan: \(host)".padded(to: 28)
                #expect(rows.contains("signed      \(what)  the exception of line \(index + 1), which a quorum signed"))
                #expect(rows.contains("asserted    times and hosts of the lines  each host's own clock and name"))
                #expect(
                    try await copy.shellTable().components(separatedBy: "\n\n")[0].split(separator: "\n").dropFirst()
                        .map(String.init) == rows)
            }
        }

        @Test("one that no quorum signed yet is not said to be signed")
        func unsigned() async throws {
            try await withCopy { copy in
                var forger = try Forger(copy)
                let index = try forger.index("gate-opened", ["gate": "release"])
                forger.lines.removeSubrange(index...)
                forger.insert([try forger.machine()], at: index)
                try await forger.write()
                try await copy.expectVerdict("NOT CLOSED")
                #expect(
                    try await copy.shellTable().contains(
                        "consistent  \("not in the plan: \(forger.lines[0].host)".padded(to: 28))  the exception of line "
                            + "\(index + 1), which no quorum signed yet\n"))
            }
        }

        @Test("a rule of it is broken", arguments: Forgery.ofMachines)
        func broken(_ forgery: Forgery) async throws {
            try await withCopy { try await $0.expectRefusal(of: forgery) }
        }
    }
}

extension Forger {
    /// An exception for another program on the host that wrote everything.
    ///
    /// - Parameters:
    ///   - program: The program's SHA-256.
    ///   - unsettled: The index of the line that is said to have no result.
    func machine(_ program: String = Forger.otherDigest, unsettled: Int? = nil) throws -> Line {
        var line = try #require(lines.first)
        line.kind = "exception"
        var machine: [String: JSONValue] = ["host": .string(line.host), "program": .string(program)]
        if let unsettled {
            machine["unsettled"] = .object([
                "seq": .integer(Int64(unsettled + 1)), "kind": .string(lines[unsettled].kind),
            ])
        }
        line.body = .object([
            "by": "ada", "what": "another program", "why": "it was mended", "remedy": "the gate is signed again",
            "machine": .object(machine),
        ])
        return line
    }
}

extension Forgery {
    static let ofMachines = [runs, hosts, machines, effects].flatMap { Tampering.most($0, 2) }

    /// Puts an exception in before the release opens, changed.
    private static func changing(
        _ name: String, _ reason: String, _ change: @escaping @Sendable (inout Forger.Line) -> Void
    ) -> Forgery {
        Forgery(name, reason) { forger in
            let index = try forger.index("gate-opened", ["gate": "release"])
            var line = try forger.machine()
            change(&line)
            forger.insert([line], at: index)
            return .line(index)
        }
    }

    /// Puts one in directly before a line.
    ///
    /// - Parameter offset: How far behind the one that is put in it shows.
    private static func before(
        _ name: String, _ kind: String, _ reason: String, unsettled: Bool = false
    ) -> Forgery {
        Forgery(name, reason) { forger in
            let index = try forger.index(kind)
            forger.insert([try forger.machine(unsettled: unsettled ? index - 1 : nil)], at: index)
            return .line(index + 1)
        }
    }

    /// Has a run that begins after the exception see another machine and program than that has.
    private static func run(
        _ name: String, _ change: @escaping @Sendable (inout Forger.Line) -> Void
    ) -> Forgery {
        Forgery(name, "it ran in other surroundings than the plan's") { forger in
            let index = try forger.index("gate-opened", ["gate": "release"])
            var run = forger.lines[try forger.index("run-started")]
            run.body["environment"]["programs"][0]["program"] = .string(Forger.otherDigest)
            change(&run)
            forger.insert([try forger.machine(), run], at: index)
            return .line(index + 1)
        }
    }

    private static let runs = [
        Forgery("a run with another program, and its exception afterwards", "it ran in other surroundings") { forger in
            let index = try forger.index("gate-opened", ["gate": "release"])
            var run = forger.lines[try forger.index("run-started")]
            run.body["environment"]["programs"][0]["program"] = .string(Forger.otherDigest)
            forger.insert([run, try forger.machine()], at: index)
            return .line(index)
        },
        run("a run with a third program") {
            $0.body["environment"]["programs"][0]["program"] = .string(String(repeating: "6", count: 64))
        },
        run("a run on a third host") { $0.body["environment"]["programs"][0]["host"] = "third" },
        run("a run that another host wrote") { $0.host = "third" },
        run("a run with another token, too") { $0.body["environment"]["token"]["serial"] = "1" },
        run("a run with another module, too") { $0.body["environment"]["module"] = .string(Forger.otherDigest) },
    ]

    private static let otherHost = "by another host than that of the run before it"

    /// Lines under a host that no run before them names.
    private static let hosts = [
        Forgery("an effect under a host that no run named", otherHost) { forger in
            let index = try forger.index("import-intended")
            forger.lines[index].host = "third"
            return .line(index)
        },
        Forgery("a close that leaves out what the first machine left", "how the ceremony ended") { forger in
            let index = try forger.index("imported")
            let close = try forger.index("gate-opened", ["gate": "close"])
            let exhibits = forger.lines[index..<close].filter { $0.kind == "exhibit" }
            let abort = try forger.abort()
            forger.lines[close].body["subject"]["close"]["aborted"] = abort.body
            forger.lines.removeSubrange(index..<close)
            var machine = try forger.machine(unsettled: index - 1)
            machine.takenBack = ["release"]
            forger.insert([machine, abort] + exhibits, at: index)
            return .line(index + 2 + exhibits.count)
        },
        Forgery("a run of the plan's program under another host", "it ran in other surroundings") { forger in
            let index = try forger.index("gate-opened", ["gate": "release"])
            var run = forger.lines[try forger.index("run-started")]
            run.host = "third"
            forger.insert([run], at: index)
            return .line(index)
        },
        Forgery("a machine that goes on without a run of its own", otherHost) { forger in
            let index = try forger.index("gate-opened", ["gate": "release"])
            var machine = try forger.machine()
            machine.body["machine"]["host"] = "third"
            machine.host = "third"
            forger.insert([machine], at: index)
            for index in forger.lines.indices.dropFirst(index + 1) { forger.lines[index].host = "third" }
            return .line(index + 1)
        },
        Forgery("a note before the first run", otherHost) { forger in
            var note = forger.lines[try forger.index("note")]
            note.at = forger.lines[0].at
            forger.lines.insert(note, at: 0)
            return .line(0)
        },
        Forgery("a last line of another host", otherHost) { forger in
            forger.lines[forger.lines.count - 1].host = "third"
            return .line(forger.lines.count - 1)
        },
    ]

    private static let machines = [
        changing("one that a custodian put on record", "not the administrator put on record") { $0.body["by"] = "ben" },
        changing("one that another host wrote", "than the one that it was written on") {
            $0.body["machine"]["host"] = "third"
        },
        Forgery("the plan's own", "that the plan or an earlier exception has") { forger in
            let index = try forger.index("gate-opened", ["gate": "release"])
            let program = forger.lines[try forger.index("run-started")].body["environment"]["programs"][0]["program"]
            forger.insert([try forger.machine(program.text)], at: index)
            return .line(index)
        },
        Forgery("one twice", "that the plan or an earlier exception has") { forger in
            let index = try forger.index("gate-opened", ["gate": "release"])
            forger.insert([try forger.machine(), try forger.machine()], at: index)
            return .line(index + 1)
        },
        changing("one that left something without a result where nothing was", "otherwise what had no result") {
            $0.body["machine"]["unsettled"] = .object(["seq": 9, "kind": "import-intended"])
        },
        Forgery("one that tells of nothing without a result", "otherwise what had no result") { forger in
            let index = try forger.index("imported")
            forger.insert([try forger.machine()], at: index)
            return .line(index)
        },
        Forgery("one that tells of another line", "otherwise what had no result") { forger in
            let index = try forger.index("imported")
            forger.insert([try forger.machine(unsettled: index - 2)], at: index)
            return .line(index)
        },
        changing("one without a program", "program") { $0.body["machine"] = $0.body["machine"].without("program") },
        changing("one whose digest is none", "program") { $0.body["machine"]["program"] = "5" },
        changing("one that says more", "unknown") { $0.body["machine"]["signed"] = "yes" },
        changing("one that is no object", "machine") { $0.body["machine"] = "host" },
        Forgery("one that the next gate does not list", "it does not list the exceptions") { forger in
            let index = try forger.index("gate-opened", ["gate": "release"])
            forger.insert([try forger.machine()], at: index)
            forger.lines[index + 1].stated["exceptions"] = .array([])
            return .line(index + 1)
        },
    ]

    private static let effects = [
        before("a wrap before release is signed again", "wrap-intended", "before *release* was passed"),
        before("a rotation's result", "rotated", "of something not intended", unsettled: true),
        before("a settlement before activate is signed again", "settle-intended", "before *activate* was passed"),
        before("an end before the close is signed again", "closed", "before *close* was passed"),
        before("a self-test before authorize is signed again", "self-test-intended", "before *authorize* was passed"),
        before("a key before authorize is signed again", "generate-intended", "before *authorize* was passed"),
        before("a key's result", "generated", "of something not intended", unsettled: true),
        before("a wrap's result", "wrapped", "of something not intended", unsettled: true),
        before("an import before release is signed again", "import-intended", "before *release* was passed"),
        before("an import's result", "imported", "of something not intended", unsettled: true),
        before("a proof before release is signed again", "prove-intended", "before *release* was passed"),
        before("a rotation before activate is signed again", "rotate-intended", "before *activate* was passed"),
        before("a look at what became of it", "activation-verified", "before *activate* was passed"),
        Forgery("a gate that is signed again under its first number", "its attempt is not the next one") { forger in
            let index = try forger.index("wrap-intended")
            let opened = try forger.index("gate-opened", ["gate": "release"])
            let passed = try forger.index("gate-passed", ["gate": "release"])
            forger.insert([try forger.machine()] + forger.lines[opened...passed], at: index)
            return .line(index + 1)
        },
        Forgery("approvals from before it", "for a gate or an attempt that is not open") { forger in
            let index = try forger.index("approval", ["gate": "release"])
            forger.insert([try forger.machine()], at: index)
            return .line(index + 1)
        },
    ]
}
