import CryptoPrimitives
import Evidence
import Foundation
import TestSupport
import Testing

@Suite("keyrite roster, with keys of ssh-keygen's")
struct RosterCommandTests {
    @Test("a first roster is accepted by every member, and then by its own digest verified")
    func first() async throws {
        try await withTemporaryFolder { base in
            let desk = RosterDesk(base: base)
            try await desk.define(
                "one.yaml", ["ada administrator", "ben custodian", "carol custodian", "wendy witness"])
            let made = try await desk.keyrite("new", "--definition", desk.path("one.yaml"), "--out", desk.path("one"))
            #expect(made.status == 0)
            #expect(made.stdoutText == desk.path("one") + "\n")
            let digest = try await desk.digest("one")
            #expect(made.stderrText.contains("To be accepted by ada, ben, carol, wendy."))
            #expect(made.stderrText.contains("outside the folder: \(digest)"))
            for name in ["ada", "ben", "carol", "wendy"] {
                let early = try await desk.keyrite("verify", desk.path("one"), "--roster", digest)
                #expect(early.status == 4)
                #expect(early.stdoutText == "REFUSED: roster/\(name).sig: it is missing\n")
                #expect(try await desk.accept("one", as: name).status == 0)
            }
            let again = try await desk.accept("one", as: "ben")
            #expect(again.status == 1)
            #expect(again.stderrText.contains("ben has signed roster 1 already"))
            let verified = try await desk.keyrite("verify", desk.path("one"), "--roster", digest)
            #expect(verified.status == 0, "\(verified.stdoutText)")
            let alone = try await desk.keyrite("verify", desk.path("one"))
            #expect(alone.status == 4)
            #expect(alone.stdoutText.contains("CONSISTENT, NOT TRUSTED"))
            let other = try await desk.keyrite(
                "verify", desk.path("one"), "--roster", String(repeating: "0", count: 64))
            #expect(other.status == 4)
            #expect(other.stdoutText.hasPrefix("REFUSED: roster.json: its SHA-256 is \(digest)"))
        }
    }

    @Test("members accept with keys of their own, on an authenticator that must be touched, too")
    func ownKeys() async throws {
        try await withTemporaryFolder { base in
            let desk = RosterDesk(base: base)
            for name in ["ada", "carol", "wendy"] { try await desk.makeKey(name) }
            try await SoftwareAuthenticator.enrol("ecdsa-sk", at: desk.path("ben"))
            func members(_ presence: String) -> String {
                [("ada", "administrator"), ("ben", "custodian"), ("carol", "custodian"), ("wendy", "witness")].map {
                    """
                      - name: \($0)
                        role: \($1)
                        keyFile: \($0).pub
                        validFrom: 2026-01-01T00:00:00Z
                        validUntil: "2027-01-01T00:00:00Z"
                    \($0 == "ben" ? presence : "")

                    """
                }.joined()
            }
            try desk.write("silent.yaml", members(""))
            let silent = try await desk.keyrite(
                "new", "--definition", desk.path("silent.yaml"), "--out", desk.path("x"))
            #expect(silent.status == 2)
            try desk.write("one.yaml", members("    userPresence: touched"))
            let made = try await desk.keyrite("new", "--definition", desk.path("one.yaml"), "--out", desk.path("one"))
            try #require(made.status == 0, "\(made.stderrText)")
            for name in ["ada", "ben", "carol", "wendy"] {
                let accepted = try await CeremonyRoom.keyrite(
                    ["roster", "accept", desk.path("one"), "--as", name, "--ssh-key", desk.path(name), "--auto"],
                    environment: ["SSH_SK_PROVIDER": try SoftwareAuthenticator.path()])
                #expect(accepted.status == 0, "\(accepted.stderrText)")
            }
            let verified = try await desk.keyrite(
                "verify", desk.path("one"), "--roster", try await desk.digest("one"))
            #expect(verified.status == 0, "\(verified.stdoutText)")
        }
    }

    private struct Shown: Decodable {
        struct Person: Decodable {
            let name: String
            let fingerprint: String
            let words: [String]
        }
        let schema: String
        let digest: String
        let words: [String]
        let members: [Person]
        let accepted: [String]
        let unaccepted: [String]
        let agreed: [String]
        let missing: [GateRequirement]
        let complete: Bool
    }

    @Test("what is shown are ssh-keygen's fingerprints, their words and the roster's, and who has still to sign")
    func show() async throws {
        try await withTemporaryFolder { base in
            let desk = RosterDesk(base: base)
            try await desk.first()
            let people = ["ada administrator", "ben custodian ben2", "carol custodian", "wendy witness"]
            try await desk.define("two.yaml", people)
            let changed = try await desk.keyrite(
                "change", desk.path("one"), "--definition", desk.path("two.yaml"), "--out", desk.path("two"))
            #expect(changed.status == 0, "\(changed.stderrText)")
            #expect(try await desk.accept("two", as: "ben", key: "ben").status == 0)

            let json = try await desk.keyrite("show", desk.path("two"), "--format", "json")
            let shown = try JSONDecoder().decode(Shown.self, from: Data(json.stdout))
            #expect(shown.schema == "keyrite.roster-show/1")
            #expect(shown.digest == (try await desk.digest("two")))
            #expect(shown.words == PGPWords.spell(try #require(Hex.decode(shown.digest))))
            #expect(shown.members.map(\.name) == ["ada", "ben", "carol", "wendy"])
            #expect(shown.accepted.isEmpty)
            #expect(shown.unaccepted == ["ben"])
            #expect(shown.agreed == ["ben"], "with the key that he had before")
            #expect(shown.missing == [GateRequirement(role: .custodian, count: 1)])
            #expect(!shown.complete)

            let text = try await desk.keyrite("show", desk.path("two")).stdoutText
            for (person, key) in zip(shown.members, ["ada", "ben2", "carol", "wendy"]) {
                let listed = try await runProcess("ssh-keygen", ["-l", "-f", desk.path(key + ".pub")]).stdoutText
                #expect(listed.contains(" \(person.fingerprint) "))
                #expect(text.contains(person.fingerprint))
                let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                #expect(words.contains("\(person.name) \(person.words.joined(separator: " "))"))
            }
            #expect(text.contains("\nWHAT ROSTER 2 CHANGES IN ROSTER 1\nben has another key."))
            #expect(text.contains("To be accepted by ben."))
            #expect(text.contains("To be agreed to by 1 custodian of roster 1: carol."))
            #expect(
                text.contains(
                    "ssh-keygen -Y sign -n keyrite.roster.v1.rehearsal -f KEY \(desk.path("two"))/roster.json"))
        }
    }

    @Test(
        "a roster is changed under the old quorum plus the newcomers, and verifies by the digest of each of the chain")
    func change() async throws {
        try await withTemporaryFolder { base in
            let desk = RosterDesk(base: base)
            try await desk.first()
            try await desk.define(
                "two.yaml", ["ada administrator", "carol custodian", "dan custodian", "eve auditor", "wendy witness"])
            #expect(try await change(desk, "one", "two").status == 0)
            for name in ["dan", "eve", "ben", "carol"] {
                #expect(try await desk.keyrite("verify", desk.path("two")).stdoutText.hasPrefix("REFUSED: "))
                #expect(try await change(desk, "two", "three").status == 2, "it is not signed by all who must")
                #expect(try await desk.accept("two", as: name).status == 0, "ben goes, and may agree to it")
            }
            // ada, who stays the same, has nothing to sign.
            let ada = try await desk.accept("two", as: "ada")
            #expect(ada.status == 2)
            #expect(ada.stderrText.contains("ada has nothing to sign in roster 2"))

            try await desk.define(
                "three.yaml", ["ada administrator", "carol custodian", "dan custodian dan2", "wendy witness"])
            #expect(try await change(desk, "two", "three").status == 0)
            for (name, key) in [("dan", "dan"), ("dan", "dan2"), ("carol", "carol")] {
                #expect(try await desk.accept("three", as: name, key: key).status == 0)
            }
            let files = try FileManager.default.subpathsOfDirectory(atPath: desk.path("three")).filter {
                $0.hasSuffix(".sig") || $0.hasSuffix(".json")
            }
            #expect(
                files.sorted() == [
                    "roster.json", "roster/change/carol.sig", "roster/change/dan.sig", "roster/dan.sig",
                    "rosters/1.json", "rosters/1/ada.sig", "rosters/1/ben.sig", "rosters/1/carol.sig",
                    "rosters/1/wendy.sig", "rosters/2.json", "rosters/2/change/ben.sig",
                    "rosters/2/change/carol.sig", "rosters/2/dan.sig", "rosters/2/eve.sig",
                ])
            for (number, folder) in [(1, "one"), (2, "two"), (3, "three")] {
                let verified = try await desk.keyrite(
                    "verify", desk.path("three"), "--roster", try await desk.digest(folder))
                #expect(verified.status == 0, "\(verified.stdoutText)")
                #expect(verified.stdoutText.contains("roster \(number) of 3  the SHA-256 you gave"))
            }
            try FileManager.default.removeItem(atPath: desk.path("three/rosters/2/eve.sig"))
            let torn = try await desk.keyrite("verify", desk.path("three"), "--roster", try await desk.digest("one"))
            #expect(torn.status == 4)
            #expect(torn.stdoutText == "REFUSED: rosters/2/eve.sig: it is missing\n")
        }
    }

    @Test("whoever signed a roster signs no other in its place there, unless they name the one that is given up")
    func rivals() async throws {
        try await withTemporaryFolder { base in
            let desk = RosterDesk(base: base)
            try await desk.first()
            let people = ["ada administrator", "ben custodian", "carol custodian", "wendy witness"]
            try await desk.define("two.yaml", people + ["dan custodian"])
            try await desk.define("rival.yaml", people + ["mallory custodian"])
            for next in ["two", "rival"] { #expect(try await change(desk, "one", next).status == 0) }
            #expect(try await desk.accept("two", as: "carol").status == 0)
            let (two, rival) = (try await desk.digest("two"), try await desk.digest("rival"))
            let before = try snapshot(of: base.appending(path: "rival"))
            let refused = try await desk.accept("rival", as: "carol")
            #expect(refused.status == 1)
            #expect(
                refused.stderrText.contains(
                    "This key signed another roster 2 here, which follows the same roster 1: its SHA-256 is \(two). "
                        + "Nothing was signed."), "\(refused.stderrText)")
            let key = try await desk.keyrite(
                "accept", desk.path("rival"), "--as", "carol", "--ssh-key", desk.path("carol"), "--auto")
            #expect(key.status == 1 && key.stderrText.contains(two), "\(key.stderrText)")
            #expect(try snapshot(of: base.appending(path: "rival")) == before)
            // Others are free, and so is she who names what is given up; then that one is refused.
            #expect(try await desk.accept("rival", as: "ben").status == 0)
            let signature = try await desk.sign("rival", key: "carol")
            let given = try await desk.keyrite(
                "accept", desk.path("rival"), "--as", "carol", "--signature", signature, "--instead-of", two)
            #expect(given.status == 0, "\(given.stderrText)")
            try FileManager.default.removeItem(atPath: desk.path("two/roster/change/carol.sig"))
            let back = try await desk.accept("two", as: "carol")
            #expect(back.status == 1 && back.stderrText.contains(rival), "\(back.stderrText)")
            // Another's key is refused before anything is read, with whose it is.
            let other = try await desk.keyrite(
                "accept", desk.path("two"), "--as", "ben", "--ssh-key", desk.path("carol"), "--auto",
                "--instead-of", rival)
            #expect(
                other.status == 2 && other.stderrText.contains(", carol's, and the roster lists "),
                "\(other.stderrText)")
        }
    }

    @Test("a signature counts for whose key made it, over this roster, for its purpose; else nothing is written")
    func refusedSignatures() async throws {
        try await withTemporaryFolder { base in
            let desk = RosterDesk(base: base)
            try await desk.first()
            try await desk.define("two.yaml", ["ada administrator", "ben custodian", "carol custodian", "dan witness"])
            #expect(try await change(desk, "one", "two").status == 0)
            let before = try snapshot(of: base.appending(path: "two"))
            func refusal(_ name: String, _ signature: String) async throws -> Complaint {
                let outcome = try await desk.keyrite(
                    "accept", desk.path("two"), "--as", name, "--signature", signature)
                return Complaint(outcome, base: base)
            }
            let good = try await desk.sign("two", key: "dan")
            let mallory = try await refusal("mallory", good)
            #expect(
                mallory
                    == Complaint(
                        2,
                        "keyrite: roster: mallory has nothing to sign in roster 2; it can be signed by ben, carol, dan")
            )
            let asBen = try await refusal("ben", good)
            #expect(asBen.status == 2)
            #expect(
                asBen.text.hasPrefix(
                    "keyrite: roster: ben's consent counts for nothing: the SSH signature is by another key; "))
            let forGate = try await refusal(
                "dan", try await desk.sign("two", key: "dan", namespace: "keyrite.gate.v1.rehearsal"))
            #expect(
                forGate.text.hasPrefix("keyrite: roster: dan's acceptance counts for nothing: the SSH signature is for")
            )
            let overOther = try await refusal("dan", try await desk.sign("one", key: "dan"))
            #expect(overOther.text.contains("does not sign these bytes"))
            let junk = try await refusal("dan", desk.path("two.yaml"))
            #expect(junk.text.contains("is not in its one form"))
            #expect(try snapshot(of: base.appending(path: "two")) == before)
        }
    }

    @Test("whose role changes with the key they had accepts and agrees by one signature")
    func roleChanged() async throws {
        try await withTemporaryFolder { base in
            let desk = RosterDesk(base: base)
            try await desk.define(
                "one.yaml", ["ada administrator", "ben custodian", "carol custodian", "dan custodian", "wendy witness"])
            #expect(
                try await desk.keyrite("new", "--definition", desk.path("one.yaml"), "--out", desk.path("one")).status
                    == 0)
            for name in ["ada", "ben", "carol", "dan", "wendy"] {
                #expect(try await desk.accept("one", as: name).status == 0)
            }
            try await desk.define(
                "two.yaml", ["ada administrator", "ben custodian", "carol custodian", "dan witness", "wendy witness"])
            #expect(try await change(desk, "one", "two").status == 0)
            let signed = try await desk.accept("two", as: "dan")
            #expect(signed.stderrText.contains("Accepted by dan.\nAgreed to by dan of roster 1."))
            #expect(try await desk.accept("two", as: "carol").stderrText.contains("Everybody signed it who must."))
            let verified = try await desk.keyrite("verify", desk.path("two"), "--roster", try await desk.digest("one"))
            #expect(verified.status == 0, "\(verified.stdoutText)")
        }
    }

    @Test("a signature in the folder that nobody waits for is refused by every command, though it holds")
    func strayFile() async throws {
        try await withTemporaryFolder { base in
            let desk = RosterDesk(base: base)
            try await desk.first()
            let stray = desk.path("one/roster/dan.sig")
            try FileManager.default.copyItem(atPath: desk.path("one/roster/ben.sig"), toPath: stray)
            let verified = try await desk.keyrite("verify", desk.path("one"), "--roster", try await desk.digest("one"))
            #expect(verified.status == 4)
            #expect(verified.stdoutText.hasPrefix("REFUSED: roster/dan.sig: it is signed by nobody who may"))
            try await desk.define("two.yaml", ["ada administrator", "ben custodian", "carol custodian", "dan witness"])
            for outcome in [try await desk.keyrite("show", desk.path("one")), try await change(desk, "one", "two")] {
                #expect(outcome.status == 2)
                #expect(outcome.stderrText.contains("/one/roster/dan.sig: it is signed by nobody who may sign"))
            }
        }
    }

    @Test("nothing that exists is written over, and a change that changes nothing is none")
    func refusedFolders() async throws {
        try await withTemporaryFolder { base in
            let desk = RosterDesk(base: base)
            try await desk.first()
            let again = try await desk.keyrite("new", "--definition", desk.path("one.yaml"), "--out", desk.path("one"))
            #expect(again.status == 2)
            let same = try await desk.keyrite(
                "change", desk.path("one"), "--definition", desk.path("one.yaml"), "--out", desk.path("two"))
            #expect(
                Complaint(same, base: base)
                    == Complaint(
                        2,
                        "keyrite: BASE/one.yaml:1:1: it says what roster 1 says. Change something, or keep that roster")
            )
            let live = try String(contentsOfFile: desk.path("one.yaml"), encoding: .utf8)
                .replacing("mode: rehearsal", with: "mode: live")
            try Data(live.utf8).write(to: base.appending(path: "live.yaml"))
            let other = try await desk.keyrite(
                "change", desk.path("one"), "--definition", desk.path("live.yaml"), "--out", desk.path("two"))
            #expect(
                Complaint(other, base: base)
                    == Complaint(
                        2,
                        "keyrite: BASE/live.yaml:2:7: mode: the roster is for rehearsal, and stays so. Begin another roster "
                            + "for another mode"))
            #expect(!FileManager.default.fileExists(atPath: desk.path("two")))
            let neither = try await desk.keyrite("accept", desk.path("one"), "--as", "ben")
            #expect(neither.status == 2)
            #expect(neither.stderrText.contains("Give one of the three: --site for a token, --ssh-key"))
        }
    }

    private func change(_ desk: RosterDesk, _ folder: String, _ next: String) async throws -> ProcessOutcome {
        try await desk.keyrite(
            "change", desk.path(folder), "--definition", desk.path("\(next).yaml"), "--out", desk.path(next))
    }
}
