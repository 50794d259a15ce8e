import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite("An attestation of a closed ceremony", .serialized)
    struct AttestationTests {
        @Test(
            "is its signer's, custodian's or administrator's; both verifiers print the same", arguments: ["ada", "ben"])
        func attested(name: String) async throws {
            try await withAttestation(by: name) { copy in
                try await copy.expectVerdict("VERIFIED")
                let printed = try await TimeStampEvidenceTests.printed(of: copy)
                #expect(
                    printed.contains("\nsigned      attestation.json              the signature of \(name)\n"),
                    "\(printed)")
                var copy = copy
                copy.anchor = nil
                let unanchored = try await TimeStampEvidenceTests.printed(of: copy)
                #expect(unanchored.contains("\nconsistent  attestation.json "), "\(unanchored)")
            }
        }

        @Test("is not checked by verify.sh where openssl is missing, which says so; what it states is")
        func noOpenSSL() async throws {
            try await withAttestation(by: "ada") { copy in
                let run = try await TimeStampEvidenceTests.verifyWithoutOpenSSL(copy)
                #expect(run.status == 0, "\(run.stdoutText)")
                #expect(run.stdoutText.contains("\nasserted    attestation.json "), "\(run.stdoutText)")
                #expect(run.stdoutText.contains("openssl is not installed"))
                try copy.folder.write(try await Self.forge("another ceremony", copy), to: "attestation.json")
                let forged = try await TimeStampEvidenceTests.verifyWithoutOpenSSL(copy)
                #expect(forged.stdoutText.contains("REFUSED: attestation.json: "), "\(forged.stdoutText)")
            }
        }

        @Test("is verified by securesystemslib, and refused with a byte changed")
        func peer() async throws {
            try await withAttestation(by: "ada") { copy in
                let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "peer.py").path
                let run = try await runProcess(
                    "/usr/bin/timeout",
                    ["--kill-after=5", "120", try BotoTests.interpreter(), "-B", script, copy.folder.root],
                    environment: ["PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"])
                #expect(run.status == 0, "\(run.stderrText)")
                #expect(run.stdoutText == "signed by ada\n")
            }
        }

        @Test("is made once: its signer's stays as it is, and nobody else's comes beside it")
        func once() async throws {
            try await withAttestation(by: "ada") { copy in
                let before = try copy.folder.read("attestation.json")
                #expect(try await !Self.attest(copy, as: "ada"))
                await #expect(throws: CeremonyError.self) { try await Self.attest(copy, as: "ben") }
                await #expect(throws: CeremonyError.self) { try await Self.attest(copy, as: "mallory", at: "ada") }
                #expect(try copy.folder.read("attestation.json") == before)
            }
        }

        @Test("is not made with another's token, over a folder that does not hold, or of one that is not closed")
        func refused() async throws {
            try await withCopy { copy in
                await #expect(throws: CeremonyError.self) { try await Self.attest(copy, as: "ada", at: "ben") }
                await #expect(throws: CeremonyError.self) {
                    try await Self.attester(copy).attest(
                        as: "ada", signer: try copy.ceremony.room.site.signer(of: "ada")
                    ) {
                        _, _, _ in throw CeremonyError(.state, "no", remedy: "no")
                    }
                }
                let last = try copy.folder.read(Transcript.path)
                try copy.changeLines { $0.removeLast() }
                await #expect(throws: CeremonyError.self) { try await Self.attest(copy, as: "ada") }
                try copy.folder.write(last, to: Transcript.path)
                try copy.change("exhibits/seal.txt") { $0.append(0) }
                await #expect(throws: EvidenceError.self) { try await Self.attest(copy, as: "ada") }
                #expect(try !copy.folder.files().contains("attestation.json"))
            }
        }

        @Test(
            "is refused by both verifiers when it was forged",
            arguments: [
                "another statement", "another ceremony", "another key", "a stranger's key", "another type",
                "two signatures",
                "no signature", "an SSHSIG", "a byte after it", "a space in it", "base64 in another form",
                "a byte after its signature", "s negated",
            ])
        func forged(_ how: String) async throws {
            try await withAttestation(by: "ada") { copy in
                try copy.folder.write(try await Self.forge(how, copy), to: "attestation.json")
                try await copy.expectRefusal(at: "attestation.json")
            }
        }

        private static func forge(_ how: String, _ copy: TamperedFolder) async throws -> [UInt8] {
            let honest = try copy.folder.read("attestation.json")
            let text = String(decoding: honest, as: UTF8.self)
            let statement = try statement(of: copy.folder)
            switch how {
            case "another statement":
                let more = String(decoding: statement, as: UTF8.self).replacing(#""lines":"#, with: #""lines":1"#)
                return try await envelope(over: Array(more.utf8), signedBy: "ada", in: copy.ceremony.room)
            case "another ceremony":
                let other = try Self.statement(of: try #require(forgery).folder)
                return try await envelope(over: other, signedBy: "ada", in: copy.ceremony.room)
            case "another key":
                return Array(text.replacing(try keyID(of: "ada", copy), with: try keyID(of: "ben", copy)).utf8)
            case "a stranger's key":
                return try await envelope(over: statement, signedBy: "ada", in: try #require(forgery).room)
            case "another type": return Array(text.replacing("in-toto+json", with: "in-toto+jsom").utf8)
            case "two signatures":
                let start = try #require(text.range(of: #""signatures":["#)).upperBound
                let signature = text[start...].dropLast(2)
                return Array("\(text[..<start])\(signature),\(signature)]}".utf8)
            case "no signature":
                let start = try #require(text.range(of: #""signatures":["#)).upperBound
                return Array("\(text[..<start])]}".utf8)
            case "an SSHSIG":
                let armored = try await copy.ceremony.room.site.signer(of: "ada")
                    .sign(statement, namespace: Mode.rehearsal.gateNamespace)
                let made = Attestation(statement: statement, signature: armored, keyID: try keyID(of: "ada", copy))
                return try CanonicalJSON.encode(made)
            case "s negated": return try negated(honest)
            case "a byte after it": return honest + [UInt8(ascii: "\n")]
            case "a space in it": return Array(text.replacing(#","payloadType""#, with: #", "payloadType""#).utf8)
            case "base64 in another form": return Array(text.replacing(#""sig":""#, with: #""sig":" "#).utf8)
            default:
                let sig = try #require(text.firstMatch(of: #/"sig":"([^"]*)"/#)).output.1
                let longer = Base64.encode(try #require(Base64.decode(String(sig))) + [0])
                return Array(text.replacing(sig, with: longer).utf8)
            }
        }

        @Test("states just what this ceremony was, field by field, whoever signs something else")
        func otherFields() async throws {
            try await withAttestation(by: "ada") { copy in
                let statement = try CanonicalJSON.parse(try Self.statement(of: copy.folder))
                let places = statement.places().filter { !["predicate", "0"].contains($0[$0.count - 1]) }
                #expect(places.count == 14)
                for (index, place) in places.enumerated() {
                    // What stands there is something else, or nothing.
                    let others = statement.value(at: place).otherwise.compactMap(\.self)
                    let other = index.isMultiple(of: 2) ? others[index % others.count] : nil
                    let bytes = try CanonicalJSON.encode(statement.setting(place, to: other))
                    let forged = try await Self.envelope(over: bytes, signedBy: "ada", in: copy.ceremony.room)
                    try copy.folder.write(forged, to: "attestation.json")
                    let judgement = try await copy.judged(inTheSameWords: true)
                    #expect(judgement.reason == "it does not state what this ceremony was", "\(place)")
                }
            }
        }

        @Test("has the lower of the two numbers that sign the same, and is refused with the other", arguments: 1...4)
        func negated(_: Int) async throws {
            try await withAttestation(by: "ada") { copy in
                let honest = try copy.folder.read("attestation.json")
                try copy.folder.write(try Self.negated(honest), to: "attestation.json")
                let judgement = try await copy.judged(inTheSameWords: true)
                #expect(judgement.reason == "its signature is not the one of two whose second number is lower")
            }
        }

        @Test("of the form before, which says nothing of that, holds with either")
        func firstForm() async throws {
            try await withCopy { copy in
                let statement = try CanonicalJSON.decode(
                    CeremonyStatement.self, from: try Self.statement(of: copy.folder))
                let first = try CanonicalJSON.encode(statement.inFirstForm)
                #expect(!String(decoding: first, as: UTF8.self).contains("keyrite.attestation"))
                let honest = try await Self.envelope(over: first, signedBy: "ben", in: copy.ceremony.room)
                for bytes in [honest, try Self.negated(honest)] {
                    try copy.folder.write(bytes, to: "attestation.json")
                    try await copy.expectVerdict("VERIFIED")
                }
                #expect(try await !Self.attest(copy, as: "ben"), "it is there already")
            }
        }

        /// The same with (r, n - s) in place of (r, s).
        private static func negated(_ attestation: [UInt8]) throws -> [UInt8] {
            let text = String(decoding: attestation, as: UTF8.self)
            let sig = try #require(text.firstMatch(of: #/"sig":"([^"]*)"/#)).output.1
            let made = try P256Signature(der: try #require(Base64.decode(String(sig))))
            let other = try P256Signature(r: made.r, s: Tampering.TamperTests.negated(made.s))
            return Array(text.replacing(sig, with: Base64.encode(try other.der())).utf8)
        }

        @Test("every byte of it counts")
        func everyByte() async throws {
            try await withAttestation(by: "ada") { copy in
                let bytes = try copy.folder.read("attestation.json")
                for index in (0..<8).map({ _ in Int.random(in: 0..<bytes.count) }) + [bytes.count - 20] {
                    let bit = UInt8(1) << UInt8.random(in: 0..<7)
                    try copy.change("attestation.json") { $0[index] ^= bit }
                    let judgement = try await copy.judged()
                    #expect(judgement.word == "REFUSED", "byte \(index), bit \(bit)")
                    #expect(judgement.place == "attestation.json", "byte \(index), bit \(bit)")
                    try copy.folder.write(bytes, to: "attestation.json")
                }
            }
        }

        @Test("has no place in a ceremony that is not closed")
        func notClosed() async throws {
            try await withAttestation(by: "ada") { copy in
                try copy.changeLines { $0.removeLast() }
                try await copy.expectRefusal(at: "attestation.json")
            }
        }

        private func withAttestation(by name: String, _ body: (TamperedFolder) async throws -> Void) async throws {
            try await withCopy { copy in
                #expect(try await Self.attest(copy, as: name))
                try await body(copy)
            }
        }

        private static func attester(_ copy: TamperedFolder) -> Attester {
            Attester(folder: copy.folder, clock: SystemClock())
        }

        /// - Parameter token: Whose token signs; nil for the person's own.
        private static func attest(_ copy: TamperedFolder, as name: String, at token: String? = nil) async throws
            -> Bool
        {
            let signer = try copy.ceremony.room.site.signer(of: token ?? name)
            return try await attester(copy).attest(as: name, signer: signer) { _, _, _ in }
        }

        private static func statement(of folder: DiskFolder) throws -> [UInt8] {
            try CanonicalJSON.encode(
                CeremonyStatement(
                    of: try ClosedCeremony(in: folder).record, manifest: try folder.read(Manifest.path)))
        }

        private static func envelope(
            over statement: [UInt8], signedBy name: String, in room: RehearsalSite
        ) async throws -> [UInt8] {
            let member = try #require(try Roster(json: room.rosterBytes).member(named: name))
            let signature = try await room.site.signer(of: name)
                .signPlainly(Attestation.bytesToSign(statement: statement))
            return try CanonicalJSON.encode(
                Attestation(statement: statement, signature: signature, keyID: try member.publicKey().fingerprint))
        }

        private static func keyID(of name: String, _ copy: TamperedFolder) throws -> String {
            let roster = try Roster(json: copy.ceremony.room.rosterBytes)
            return try #require(roster.member(named: name)).publicKey().fingerprint
        }
    }
}

@Suite("keyrite attest")
struct AttestCommandTests {
    @Test("signs at a terminal what was read there, and by itself in a rehearsal that says so")
    func attest() async throws {
        try await CeremonyRoom.with { room in
            try await room.plan()
            let arguments = ["attest", room.ceremony, "--as", "ada", "--site", room.room.siteFile]
            let early = try await CeremonyRoom.keyrite(arguments + ["--auto"])
            #expect(early.status != 0)
            try await room.holdPlanned()
            // CloudTrail has delivered all of it by then.
            try await room.moveClock(seconds: 1500)
            let recorded = try await CeremonyRoom.keyrite([
                "reconcile", room.ceremony, "--roster", room.rosterDigest, "--site", room.room.siteFile, "--record",
            ])
            #expect(recorded.status == 0, "\(recorded.stderrText)")
            let undecided = try Attendant(arguments, room: room.room.root)
            defer { undecided.terminal.signal(SIGKILL) }
            let read = try await undecided.leafText()
            #expect(read.contains("AWS's own record: AGREED: 6 of 6 calls have their event, up to "), "\(read)")
            #expect(read.contains("your signature is not over it"), "\(read)")
            try await undecided.answer("attest: ", "")
            #expect(try await undecided.terminal.end().status == 1)
            #expect(undecided.terminal.words.contains("Nothing was signed"))
            #expect(throws: EvidenceError.self) { try room.read("attestation.json") }

            let signing = try Attendant(arguments, room: room.room.root)
            defer { signing.terminal.signal(SIGKILL) }
            _ = try await signing.leafText()
            try await signing.answer("attest: ", "attest")
            try await signing.answer("PIN: ", try signing.pin(of: "ada"))
            #expect(try await signing.terminal.end().status == 0, "\(signing.terminal.shown)")
            let verify = [room.ceremony, "--roster", room.rosterDigest]
            let ours = try await CeremonyRoom.keyrite(["verify"] + verify)
            #expect(ours.status == 0)
            #expect(ours.stdoutText.contains("attestation.json              the signature of ada"))
            #expect(try await runProcess("dash", [TamperedFolder.script] + verify).stdoutText == ours.stdoutText)

            let again = try await CeremonyRoom.keyrite(arguments + ["--auto"])
            #expect(again.status == 0)
            #expect(again.stderrText.contains("ada had attested it already"), "\(again.stderrText)")
            try FileManager.default.removeItem(atPath: room.ceremony + "/attestation.json")
            let auto = try await CeremonyRoom.keyrite(arguments + ["--auto"])
            #expect(auto.status == 0 && auto.stderrText.hasPrefix("AWS's own record: AGREED: "), "\(auto.stderrText)")
            #expect(try await CeremonyRoom.keyrite(["verify"] + verify).stdoutText == ours.stdoutText)
        }
    }
}
