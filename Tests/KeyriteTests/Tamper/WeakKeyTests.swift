import CryptoPrimitives
import Evidence
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite("A key that everybody can sign for counts for nobody, whoever signed", .serialized)
    struct WeakKeyTests {
        @Test("a ceremony whose custodian has such a key is refused by both verifiers, though ssh-keygen finds it good")
        func forgedWhole() async throws {
            try await withCopy { copy in
                var copy = copy
                var forger = try Forger(copy)
                copy.anchor = try await forger.give(["ben": CraftedKey.neutral])
                try await forger.write()
                #expect(try await sshKeygenAccepts("approvals/release-1/ben.json", by: "ben", in: copy))
                try await copy.expectRefusal(at: Roster.path)
            }
        }

        @Test(
            "a roster with such a key, or with one in a second form, is refused by both verifiers",
            arguments: CraftedKey.smallOrder + CraftedKey.secondForms)
        func refused(_ key: CraftedKey) async throws {
            try await withCopy { copy in
                try await copy.expectRefusal(at: Roster.path, whenBenHas: key)
            }
        }

        @Test("a key next to them is refused for its signature alone", arguments: CraftedKey.harmless)
        func harmless(_ key: CraftedKey) async throws {
            try await withCopy { copy in
                try await copy.expectRefusal(at: "roster/ada.sig", whenBenHas: key)
            }
        }

        private func sshKeygenAccepts(_ path: String, by name: String, in copy: TamperedFolder) async throws -> Bool {
            let root = copy.folder.root
            let run = try await runProcess(
                [
                    "ssh-keygen", "-Y", "verify", "-q", "-f", "\(root)/\(Roster.allowedSignersPath)", "-I", name,
                    "-n", "keyrite.gate.v1.rehearsal", "-s", "\(root)/\(path).sig",
                ], input: try copy.folder.read(path))
            return run.status == 0
        }
    }
}

extension TamperedFolder {
    /// Gives ben another key on the roster, whose digest the verifiers are told, and nothing that fits it.
    fileprivate func expectRefusal(at place: String, whenBenHas key: CraftedKey) async throws {
        var copy = self
        let roster = try CanonicalJSON.encode(try ceremony.rosterGiving(["ben": key]))
        try folder.write(roster, to: Roster.path)
        copy.anchor = SHA256Digest(of: roster)
        try await copy.expectRefusal(at: place)
    }
}
