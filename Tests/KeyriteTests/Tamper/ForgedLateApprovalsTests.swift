import CryptoPrimitives
import Evidence
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite("What lies under approvals and is not on record, in a folder whose close seals it", .serialized)
    struct ForgedLateApprovalsTests {
        @Test("an approval that came too late is told by both in a row of their tables")
        func late() async throws {
            try await withCopy { copy in
                try await copy.expectVerified(forged: { $0.late = [try $0.decision(of: "dan")] })
                let row = "signed      release, attempt 1            dan's approval, too late to count\n"
                #expect(try await copy.shellTable().contains(row))
                #expect(try await copy.keyriteTable() == copy.shellTable())
            }
        }

        @Test("anything else is refused", arguments: Forgery.left)
        func left(_ forgery: Forgery) async throws {
            try await withCopy {
                try await $0.expectRefusal(
                    of: forgery, inTheSameWords: !forgery.reason.hasPrefix("its signature"))
            }
        }

        @Test("a refusal on record is named under the verdict, and so it is that an abort is the host's word")
        func refused() async throws {
            try await withCopy { copy in
                try await copy.expectVerified(forged: { forger in
                    var refusal = try forger.decision(of: "dan", at: "authorize")
                    refusal.body["decision"] = "refuse"
                    forger.insert([refusal], at: try forger.index("gate-opened", ["gate": "release"]))
                })
                let table = try await copy.shellTable()
                #expect(
                    table.contains("\ndan refused authorize, attempt 1: approvals/authorize-1/dan.json says why.\n"))
                #expect(
                    table.contains("\nasserted    people's words on record      the host's word for whose they are\n"))
                #expect(try await copy.keyriteTable() == table)
            }
            try await withCopy { copy in
                try await copy.expectVerified(forged: { forger in
                    let end = try forger.index("gate-opened", ["gate": "close"])
                    forger.lines.removeSubrange(try forger.index("gate-opened", ["gate": "release"])..<end)
                    let close = try forger.index("gate-opened", ["gate": "close"])
                    forger.insert([try forger.abort()], at: close)
                    forger.lines[close + 1].body["subject"]["close"]["aborted"] = forger.lines[close].body
                })
                let table = try await copy.shellTable()
                #expect(table.contains("\nIt was ended early, as the host wrote, by ada: the safe is jammed\n"))
                #expect(try await copy.keyriteTable() == table)
            }
        }
    }
}

extension TamperedFolder {
    /// All that keyrite verify says.
    func keyriteTable() async throws -> String {
        let roster = anchor.map { ["--roster", $0.hex] } ?? []
        return try await CeremonyRoom.keyrite(["verify", folder.root, "--expect", mode.rawValue] + roster).stdoutText
    }
}

extension Forger {
    /// Somebody's approval, as carol's.
    func decision(of name: String, at gate: String = "release") throws -> Line {
        var line = lines[try index("approval", ["gate": .string(gate), "name": "carol"])]
        line.body["name"] = .string(name)
        return line
    }
}

extension Forgery {
    static let left = [
        leaving("a refusal", "dan refused, and that is not on record") { $0.body["decision"] = "refuse" },
        leaving("another's signature", "its signature does not hold") { $0.approval.signer = "ben" },
        leaving("another statement's", "it was made for another statement") {
            $0.approval.replaced = ["statement": .string(Forger.otherDigest)]
        },
        leaving("one from before its statement", "dan made it outside the statement's validity") {
            $0.approval.replaced = ["at": "2026-01-01T00:00:00Z"]
        },
        leaving("an auditor's who is none", "dan has another role on the roster") {
            $0.approval.replaced = ["role": "auditor"]
        },
        strewing("prose that nobody signed", "dan.json", "I approve", "nobody signed it"),
        strewing("a signature of nothing", "ada.json.sig", "x", "what it signs is missing"),
    ]

    private static func leaving(
        _ name: String, _ reason: String, _ change: @escaping @Sendable (inout Forger.Line) -> Void
    ) -> Forgery {
        Forgery(name, reason) { forger in
            var line = try forger.decision(of: "dan")
            change(&line)
            forger.late = [line]
            return .file("approvals/release-1/dan.json")
        }
    }

    private static func strewing(_ name: String, _ file: String, _ text: String, _ reason: String) -> Forgery {
        Forgery(name, reason) { forger in
            forger.strewn = ["approvals/release-1/" + file: Array(text.utf8)]
            return .file("approvals/release-1/" + file)
        }
    }
}
