import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite(
        "A ceremony across an air gap that was forged, or changed on its way, is refused by both verifiers where it breaks a rule",
        .gapForgedOnce, .serialized)
    struct ForgedGapTests {
        @Test("forged as it was, it verifies, and both say how often it was handed over")
        func control() async throws {
            try await withGap { copy, forger in
                var forger = forger
                try await forger.write()
                try await copy.expectVerdict("VERIFIED")
                var verifier = Verifier(
                    of: copy.folder, expecting: Expectations(roster: copy.anchor, mode: .rehearsal))
                let rows = verifier.verify().checks.map { check in
                    [check.standing.rawValue.padded(to: 10), check.what.padded(to: 28), check.against]
                        .joined(separator: "  ")
                }
                #expect(rows.contains("asserted    times and hosts of the lines  each host's own clock and name"))
                #expect(rows.contains("signed      5 hand-overs                  the keys of the plan's two hosts"))
                #expect(
                    try await copy.shellTable().components(separatedBy: "\n\n")[0].split(separator: "\n").dropFirst()
                        .map(String.init) == rows)
                let received = try #require(forger.lines.lastIndex { $0.kind == "received" })
                let last =
                    "Lines \(received + 1) to \(forger.lines.count), the last turn of \(forger.lines[received].host), "
                let table = try await copy.shellTable()
                #expect(
                    table.contains("\n\(last)are signed by no host, and by nobody but the close's quorum.\n"),
                    "\(table)")
                #expect(try await copy.keyriteTable() == table)
            }
        }

        @Test("a plan's sealing certificate is one: signed by its own key, of RSA with 3072 bits, and no byte after it")
        func certificate() async throws {
            try await withGap { copy, _ in
                let plan = try copy.folder.read(Plan.path)
                let text = String(decoding: plan, as: UTF8.self)
                let encoded = try #require(text.firstMatch(of: #/"sealing":"([^"]*)"/#)?.1)
                let der = try #require(Base64.decode(String(encoded)))
                let others: [[UInt8]] = [
                    der.dropLast() + [der[der.count - 1] ^ 1], der + [0], Array("a certificate".utf8),
                    try await Self.p256Certificate(in: copy),
                ]
                for other in others {
                    try copy.folder.write(
                        Array(text.replacing(encoded, with: Base64.encode(other)).utf8), to: Plan.path)
                    let judgement = try await copy.judged(inTheSameWords: true)
                    #expect(judgement.word == "REFUSED" && judgement.place == "plan.json", "\(judgement)")
                    #expect(judgement.reason == "its sealing certificate is none")
                }
            }
        }

        /// A certificate of another kind of key, by openssl.
        private static func p256Certificate(in copy: TamperedFolder) async throws -> [UInt8] {
            let key = copy.folder.root + "/../p256.pem"
            let made = try await runProcess(
                "openssl",
                [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=desk",
                    "-keyout", key, "-outform", "DER",
                ])
            try #require(made.status == 0, "\(made.stderrText)")
            return made.stdout
        }

        @Test("what a host handed over can be checked by hand, as the page on formats says")
        func byHand() async throws {
            let page = URL(filePath: TamperedFolder.script).appending(path: "../../ceremony/formats.md")
            let text = try String(contentsOf: page.standardizedFileURL, encoding: .utf8)
            let commands = try #require(
                text.components(separatedBy: "```sh\n").dropFirst().first?.components(separatedBy: "```").first)
            try await withGap { copy, _ in
                let run = try await runProcess(
                    "dash", ["-euc", commands],
                    environment: ["PATH": "/usr/bin:/bin", "TMPDIR": copy.folder.root + "/.."],
                    directory: URL(filePath: copy.folder.root))
                #expect(run.status == 0, "\(run.stderrText)")
                let lines = run.stdoutText.split(separator: "\n").map(String.init)
                try #require(lines.count == 7, "\(lines)")
                #expect(lines[0].hasPrefix("Good \"keyrite.handover.v1.rehearsal\" signature for hsm with ED25519 key"))
                for file in lines[2...3] { #expect(lines[1].contains("\"\(file.prefix(64))\"")) }
                #expect(lines[4].prefix(64) == lines[5][...])
                #expect(lines[6] == "all")
            }
        }

        @Test("a rule of the two hosts is broken", arguments: Forgery.ofTurns)
        func broken(_ forgery: Forgery) async throws {
            try await withGap { try await $0.expectRefusal(of: forgery, by: $1) }
        }

        @Test("a hand-over says otherwise than is so, or was signed by others", arguments: Forgery.ofHandovers)
        func said(_ forgery: Forgery) async throws {
            try await withGap { try await $0.expectRefusal(of: forgery, by: $1) }
        }

        @Test("a file of a hand-over is changed on the way", arguments: most(CarriedChange.all, 4))
        func changed(_ change: CarriedChange) async throws {
            try await withGap { copy, _ in
                try change.make(copy)
                try await copy.expectRefusal(at: change.place)
            }
        }

        @Test("a plan of hosts that could not be told apart is refused", arguments: most(ForgedPlan.ofGaps, 6))
        func plan(_ forged: ForgedPlan) async throws {
            try await withGap { copy, _ in
                try copy.change(Plan.path) { bytes in
                    var plan = try CanonicalJSON.parse(bytes)
                    forged.change(&plan)
                    bytes = try CanonicalJSON.encode(plan)
                }
                let judgement = try await copy.judged(inTheSameWords: true)
                #expect(judgement.place == Plan.path)
                #expect(judgement.reason.contains(forged.reason), "\(judgement)")
            }
        }

        @Test("a host does not sign with a person's key")
        func personsKey() async throws {
            try await withGap { copy, forger in
                let key = try #require(forger.otherKeys["ben"]).line
                try copy.change(Plan.path) { bytes in
                    var plan = try CanonicalJSON.parse(bytes)
                    plan["gap"]["hsm"]["key"] = .string(key)
                    bytes = try CanonicalJSON.encode(plan)
                }
                let judgement = try await copy.judged(inTheSameWords: true)
                #expect(judgement.reason == "the key of the host vault is a person's on the roster")
            }
        }

        @Test("what was handed over and is not received yet holds so far; once it is signed, it must hold too")
        func carried() async throws {
            try await withGap { copy, forger in
                var forger = forger
                forger.lines.removeSubrange((try forger.index("received", ["number": 2]) + 1)...)
                try await forger.write()
                try await copy.expectVerdict("NOT CLOSED")
                var status = try await CeremonyRoom.keyrite(["status", copy.folder.root])
                #expect(status.stdoutText.contains(" with keyrite run at desk\n"), "\(status)")
                try copy.changeLines { $0.removeLast() }
                try await copy.expectVerdict("NOT CLOSED")
                status = try await CeremonyRoom.keyrite(["status", copy.folder.root])
                #expect(
                    status.stdoutText.contains(" with keyrite run at desk, where hand-over 2 is to be carried\n"),
                    "\(status)")
                let (path, signaturePath) = (Handover.path(2), Handover.signaturePath(2))
                let signature = try copy.folder.read(signaturePath)
                try copy.change(signaturePath) { $0[150] = $0[150] == 65 ? 66 : 65 }
                try await copy.expectRefusal(at: signaturePath)
                // Whoever was killed before it was signed signs what is there then.
                try copy.folder.remove(signaturePath)
                try copy.folder.write(Array("no hand-over".utf8), to: path)
                try await copy.expectVerdict("NOT CLOSED")
                try copy.folder.write(try copy.folder.read(Handover.path(1)), to: path)
                try copy.folder.write(signature, to: signaturePath)
                try await copy.expectRefusal(at: path)
                try copy.folder.remove(path)
                try await copy.expectRefusal(at: path)
            }
        }

        @Test(
            "a ceremony of one host has no hand-overs, and no sealing key",
            arguments: most(
                [
                    ("handed-over", JSONValue.object(["number": 1, "to": "other"])),
                    (
                        "received",
                        .object([
                            "number": 1, "handover": .string(Forger.otherDigest),
                            "signature": .string(Forger.otherDigest),
                        ])
                    ),
                    ("sealing-destroy-intended", .object(["certificate": .string(Forger.otherDigest)])),
                    ("sealing-destroyed", .object(["certificate": .string(Forger.otherDigest)])),
                ], 2))
        func oneHost(kind: String, body: JSONValue) async throws {
            try await withCopy { copy in
                try copy.change(Transcript.path) { bytes in
                    let first = Array(bytes.prefix { $0 != 10 })
                    var line = try CanonicalJSON.parse(first)
                    line["seq"] = 2
                    line["prev"] = .string(SHA256Digest(of: first + [10]).hex)
                    line["kind"] = .string(kind)
                    line["body"] = body
                    bytes = try first + [10] + CanonicalJSON.encode(line) + [10]
                }
                let judgement = try await copy.judged(inTheSameWords: true)
                #expect(judgement.place == "transcript.jsonl:2")
                #expect(judgement.reason == "a hand-over in a ceremony of one host")
            }
        }

        @Test("a file of a hand-over has no place in a ceremony of one host")
        func noHandover() async throws {
            try await withCopy { copy in
                try copy.folder.write([1], to: Handover.path(1))
                try await copy.expectRefusal(at: Handover.path(1))
            }
        }

        @Test(
            "the other signature that anyone can make of a host's is refused; on record in its place, it signs the same"
        )
        func negated() async throws {
            try await withGap { copy, forger in
                let (before, signature) = (try copy.folder.read(Handover.signaturePath(1)), Handover.signaturePath(1))
                try copy.change(signature) { $0 = try Self.negated($0) }
                #expect(try copy.folder.read(signature) != before)
                try await copy.expectRefusal(at: signature)
                var forger = forger
                forger.lines[try forger.index("received", ["number": 1])].handover.alteration = { try Self.negated($0) }
                try await forger.write()
                try await copy.expectVerdict("VERIFIED")
            }
        }

        private static func negated(_ armored: [UInt8]) throws -> [UInt8] {
            let made = try SSHSignature(armored: armored)
            guard case .ecdsaP256(let key) = made.publicKey else { return armored }
            let other = TamperTests.negated(Array(made.rawSignature.suffix(32)))
            return try SSHSignature(
                ecdsaP256: made.rawSignature.prefix(32) + other, key: key, namespace: made.namespace, hash: made.hash
            ).armored
        }
    }
}

extension String {
    func padded(to count: Int) -> String {
        padding(toLength: max(count, self.count), withPad: " ", startingAt: 0)
    }
}

/// Something done to a file on the way between the hosts, or by whoever kept the folder, and where it shows.
struct CarriedChange: Sendable, CustomTestStringConvertible {
    let name: String
    let place: String
    let make: @Sendable (TamperedFolder) throws -> Void

    var testDescription: String { name }

    private static let (document, signature) = (Handover.path(2), Handover.signaturePath(2))

    static let all = [
        CarriedChange(name: "a byte of what was handed over", place: document) { copy in
            try copy.change(document) { $0[$0.count / 2] ^= 1 }
        },
        CarriedChange(name: "a byte of its signature", place: signature) { copy in
            try copy.change(signature) { $0[100] ^= 1 }
        },
        CarriedChange(name: "one more", place: Handover.path(6)) { copy in
            try copy.folder.write(try copy.folder.read(Handover.path(5)), to: Handover.path(6))
        },
        CarriedChange(name: "a statement that was handed over otherwise", place: "statements/authorize-1.json") {
            copy in
            try copy.change("statements/authorize-1.json") { $0.append(10) }
        },
        CarriedChange(name: "a line feed at its end", place: document) { copy in
            try copy.change(document) { $0.append(10) }
        },
        CarriedChange(name: "text after the signature", place: signature) { copy in
            try copy.change(signature) { $0 += Array("more\n".utf8) }
        },
        CarriedChange(name: "no document", place: document) { try $0.folder.remove(document) },
        CarriedChange(name: "no signature", place: signature) { try $0.folder.remove(signature) },
        CarriedChange(name: "two that changed places", place: Handover.path(1)) { copy in
            for paths in [(Handover.path(1), document), (Handover.signaturePath(1), signature)] {
                let bytes = try copy.folder.read(paths.0)
                try copy.folder.write(try copy.folder.read(paths.1), to: paths.0)
                try copy.folder.write(bytes, to: paths.1)
            }
        },
        CarriedChange(name: "the signature of another", place: signature) { copy in
            try copy.folder.write(try copy.folder.read(Handover.signaturePath(4)), to: signature)
        },
        CarriedChange(name: "another number", place: Handover.path(5)) { copy in
            for path in [Handover.path, Handover.signaturePath] {
                try copy.folder.write(try copy.folder.read(path(5)), to: path(6))
                try copy.folder.remove(path(5))
            }
        },
        CarriedChange(name: "a number before the first", place: Handover.path(0)) { copy in
            try copy.folder.write(try copy.folder.read(Handover.path(5)), to: Handover.path(0))
        },
        CarriedChange(name: "a file of another name", place: "handovers/1.txt") { copy in
            try copy.folder.write([1], to: "handovers/1.txt")
        },
    ]
}

extension ForgedPlan {
    static let ofGaps = [
        certificate(""),
        ForgedPlan(reason: "its hosts have one name, or one that is no host's") { $0["gap"]["hsm"]["host"] = "desk" },
        ForgedPlan(reason: "it does not say of its two hosts") { $0["gap"]["hsm"]["host"] = "cellar" },
        ForgedPlan(reason: "it does not say of its two hosts") { plan in
            let programs = plan["environment"]["programs"].elements
            plan["environment"]["programs"] = .array(programs + programs.suffix(1))
        },
        ForgedPlan(reason: "it does not say of its two hosts") { plan in
            plan["environment"]["programs"] = .array(plan["environment"]["programs"].elements.dropLast())
        },
        ForgedPlan(reason: "its hosts' keys are not two plain keys") {
            $0["gap"]["hsm"]["key"] = $0["gap"]["connected"]["key"]
        },
        key("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQA="), key(""), key("ssh-ed25519"), key(CraftedKey.neutral.line),
        key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICnzcDVO+tFF7M1miS1qXo3vOfWl+0+ygpB3uaoxzRqi vault"),
        // On an authenticator: the same key, for the application "ssh:".
        key(
            "sk-ssh-ed25519@openssh.com "
                + "AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAICnzcDVO+tFF7M1miS1qXo3vOfWl+0+ygpB3uaoxzRqiAAAABHNzaDo="
        ),
        // No point of the curve.
        key(
            "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBBSFhhQkSucv9K+gY1pSsxeYi/PgPOtpmyKAK"
                + "YhUGkBpbUQ2fHdzl2w00vzBAyM/2iphjg5lPI7Z+CGBJs0WLfs="),
        ForgedPlan(reason: "its hosts have one name, or one that is no host's") { $0["gap"]["hsm"]["host"] = "a b" },
        ForgedPlan(reason: "its hosts have one name, or one that is no host's") { $0["gap"]["hsm"]["host"] = "" },
        certificate("AA"), certificate("AB=="), certificate("not base64"),
        certificate(Base64.encode([UInt8](repeating: 1, count: 4097))),
    ]

    private static func key(_ line: String) -> ForgedPlan {
        ForgedPlan(reason: "its hosts' keys are not two plain keys") { $0["gap"]["hsm"]["key"] = .string(line) }
    }

    private static func certificate(_ base64: String) -> ForgedPlan {
        ForgedPlan(reason: "its sealing certificate is none") { $0["gap"]["sealing"] = .string(base64) }
    }
}
