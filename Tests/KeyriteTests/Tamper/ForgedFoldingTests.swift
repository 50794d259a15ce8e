import Ceremony
import Evidence
import Foundation
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite(
        "A forged activation under a release that was signed for it too is refused by both verifiers",
        .heldOnce {
            try await .hold(
                at: $0, policy: QuorumPolicy(foldsActivate: true), rolesApart: true, seed: FoldedKeys.seed)
        }, .serialized)
    struct ForgedFoldingTests {
        @Test("forged as it was, it verifies")
        func control() async throws {
            try await withCopy { copy in
                try await copy.expectVerified { forger in
                    #expect(!forger.lines.contains { $0.body["gate"] == "activate" })
                }
            }
        }

        @Test("a rule of the ceremony is broken", arguments: Forgery.ofFolding)
        func broken(_ forgery: Forgery) async throws {
            try await withCopy { try await $0.expectRefusal(of: forgery, inTheSameWords: true) }
        }

        @Test("a plan that folds activate and separates it is refused")
        func plan() async throws {
            try await withCopy { copy in
                try copy.change(Plan.path) { bytes in
                    var plan = try CanonicalJSON.parse(bytes)
                    plan["policy"]["separate"] = .array([.object(["one": "authorize", "other": "activate"])])
                    bytes = try CanonicalJSON.encode(plan)
                }
                let judgement = try await copy.judged(inTheSameWords: true)
                #expect(judgement.place == Plan.path)
                #expect(judgement.reason == "activate is separated from another gate, and folded into release")
            }
        }
    }
}

private enum FoldedKeys {
    static let rotated = "ledger-production"
    static let replaced = "payments-production"

    static func seed(_ room: RehearsalSite) async throws -> [DefinedKey] {
        try await room.seedExternalKey(alias: "alias/\(rotated)")
        try await room.seedExternalKey(alias: "alias/\(replaced)")
        return [
            DefinedKey(alias: "alias/\(rotated)", strategy: .rotate, proof: true),
            DefinedKey(alias: "alias/\(replaced)", strategy: .replace, proof: true),
        ]
    }
}

extension Forgery {
    private static let otherwise = "it activates otherwise than the plan has it, or leaves a key out"

    static let ofFolding =
        [
            predicate("another alias", 0, "alias") { _ in "alias/x" },
            predicate("another key behind the alias", 0, "aliasTargetBefore") { _ in "none" },
            predicate("another key that the alias goes to", 1, "aliasTargetAfter") { $0["aliasTargetBefore"] },
            predicate("another key", 1, "key") { $0["aliasTargetBefore"] },
            predicate("other material before", 0, "materialBefore") { _ in .string(Forger.otherDigest) },
            predicate("another commitment", 0, "commitment") { _ in .string(String(repeating: "0", count: 32)) },
            predicate("rotations where there are none", 1, "rotationsUsed") { _ in 0 },
            predicate("an HSM key that is not kept", 0, "retention") { _ in "destroy" },
            Forgery("a release that leaves a key's activation out", otherwise) { forger in
                let opened = try forger.index("gate-opened", ["gate": "release"])
                let said = forger.lines[opened].body["subject"]["release"]["activations"].elements
                forger.lines[opened].body["subject"]["release"]["activations"] = .array(Array(said.dropLast()))
                return .line(opened)
            },
            Forgery("a release that says nothing of the activation", otherwise) { forger in
                let opened = try forger.index("gate-opened", ["gate": "release"])
                forger.lines[opened].body["subject"]["release"] =
                    forger.lines[opened].body["subject"]["release"].without("activations")
                return .line(opened)
            },
        ] + effects

    private static let effects = [
        Forgery("a rotation before everything is imported", "a rotation before *activate* was passed") { forger in
            let rotated = try forger.index("rotated")
            let pair = Array(forger.lines[(rotated - 1)...rotated])
            forger.lines.removeSubrange((rotated - 1)...rotated)
            let imported = try forger.index("import-intended", ["slot": .string(FoldedKeys.replaced)])
            forger.insert(pair, at: imported)
            return .line(imported)
        },
        Forgery("a rotation without the proof", "a rotation before *activate* was passed") { forger in
            let proved = try forger.index("proved", ["slot": .string(FoldedKeys.rotated)])
            forger.lines.removeSubrange((proved - 1)...proved)
            return .line(try forger.index("rotate-intended"))
        },
        Forgery("a rotation to material that was not imported", "a rotation that the activation does not name") {
            forger in
            let index = try forger.index("rotate-intended")
            forger.lines[index].body["to"] = .string(Forger.otherDigest)
            return .line(index)
        },
        Forgery("an alias that moves elsewhere", "an alias that the activation does not name so") { forger in
            let index = try forger.index("alias-intended")
            forger.lines[index].body["to"] = forger.lines[index].body["from"]
            return .line(index)
        },
        Forgery("other rotations than were signed", "it spent more or fewer than one rotation") { forger in
            let opened = try forger.index("gate-opened", ["gate": "release"])
            forger.lines[opened].body["subject"]["release"]["activations"][0]["rotationsUsed"] = 7
            return .line(try forger.index("rotated"))
        },
        Forgery("a gate for what was folded", "the gate activate was not the next to open") { forger in
            let index = try forger.index("rotate-intended")
            var opened = forger.lines[try forger.index("gate-opened", ["gate": "release"])]
            opened.body["gate"] = "activate"
            opened.body["attempt"] = 1
            opened.body["subject"] = .object(["activate": .object(["slots": .array([])])])
            forger.insert([opened], at: index)
            return .line(index)
        },
    ]

    /// Says something else of the activation of a key in the release's statement.
    private static func predicate(
        _ name: String, _ index: Int, _ key: String, _ value: @escaping @Sendable (JSONValue) -> JSONValue
    ) -> Forgery {
        Forgery(name, otherwise) { forger in
            let opened = try forger.index("gate-opened", ["gate": "release"])
            let said = forger.lines[opened].body["subject"]["release"]["activations"][index]
            forger.lines[opened].body["subject"]["release"]["activations"][index][key] = value(said)
            return .line(opened)
        }
    }
}

/// Holds a ceremony whose release is signed for the activation too, by roles that are apart, and takes its room down after the last test.
