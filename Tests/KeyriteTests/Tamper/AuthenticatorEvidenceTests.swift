import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

extension Tampering {
    @Suite("Evidence by keys on FIDO2 authenticators", .serialized)
    struct AuthenticatorEvidenceTests {
        /// A whole ceremony in which all have such keys, ben this one.
        private func forge(_ key: any OtherKey, _ body: (TamperedFolder) async throws -> Void) async throws {
            var keys: [String: any OtherKey] = ["ben": key]
            for name in ["ada", "carol", "dan", "wendy"] {
                keys[name] = try await AuthenticatorKey("ed25519-sk", .touched)
            }
            try await withCopy { copy in
                var copy = copy
                var forger = try Forger(copy)
                copy.anchor = try await forger.give(keys)
                try await forger.write()
                try await body(copy)
            }
        }

        @Test(
            "is verified by both verifiers when the authenticator saw what the roster demands",
            arguments: [
                ("ed25519-sk", UserPresence.none, 0x00 as UInt8), ("ecdsa-sk", .touched, 0x01),
                ("ed25519-sk", .touched, 0x05), ("ecdsa-sk", .verified, 0x05),
            ])
        func verified(type: String, presence: UserPresence, flags: UInt8) async throws {
            var key = try await AuthenticatorKey(type, presence, application: "ssh:keyrite")
            key.flags = ["gate": flags, "roster": flags]
            try await forge(key) { try await $0.expectVerdict("VERIFIED") }
        }

        @Test(
            "is refused by both when it saw less, at the first approval and at the roster's acceptance",
            arguments: [(UserPresence.touched, 0x00 as UInt8), (.touched, 0x04), (.verified, 0x01), (.verified, 0x04)])
        func noPresence(presence: UserPresence, flags: UInt8) async throws {
            for (purpose, place) in [("gate", "approvals/authorize-1/ben.json"), ("roster", "roster/ben.sig")] {
                var key = try await AuthenticatorKey(flags == 0x01 ? "ed25519-sk" : "ecdsa-sk", presence)
                key.flags = ["gate": 0x05, "roster": 0x05].merging([purpose: flags]) { $1 }
                try await forge(key) { try await $0.expectRefusal(at: place, because: "no user presence") }
            }
        }

        @Test("is refused by both when it set a flag that means something else", arguments: [0x41, 0x09] as [UInt8])
        func otherFlags(flags: UInt8) async throws {
            var key = try await AuthenticatorKey("ed25519-sk", .touched)
            key.flags = ["gate": flags]
            try await forge(key) {
                try await $0.expectRefusal(at: "approvals/authorize-1/ben.json", because: "other flags than presence")
            }
        }

        @Test("is refused by both when a number of a signature is not in its shortest form, though ssh-keygen takes it")
        func otherForm() async throws {
            var key = try await AuthenticatorKey("ecdsa-sk", .touched)
            key.alteration = Self.lengthened
            try await forge(key) {
                try await $0.expectRefusal(at: "roster/ben.sig", because: "its one form|shortest form")
            }
        }

        /// A signature with one more zero byte before r, all lengths around it made to fit.
        private static func lengthened(_ hex: String) -> String {
            let type = Hex.encode(Array("sk-ecdsa-sha2-nistp256@openssh.com".utf8))
            guard let at = hex.ranges(of: type).last else { return hex }
            let head = hex[..<at.lowerBound].dropLast(16)
            let rest = hex[at.upperBound...].dropFirst(8)
            func word(_ text: Substring) -> Int { Int(text.prefix(8), radix: 16) ?? 0 }
            func word(_ number: Int) -> String {
                let digits = String(number, radix: 16)
                return String(repeating: "0", count: 8 - digits.count) + digits
            }
            let numbers = word(word(rest) + 1) + "00" + rest.dropFirst(8)
            let value = word(word(hex[at.upperBound...]) + 1) + numbers
            let signature = word(34) + type + value
            return head + word(signature.count / 2) + signature
        }

        @Test("is refused by both when an authenticator signed for a web site, though ssh-keygen takes it")
        func forWebSite() async throws {
            try await forge(try await WebSiteKey()) { copy in
                let root = copy.folder.root
                let run = try await runProcess(
                    [
                        "ssh-keygen", "-Y", "verify", "-q", "-f", "\(root)/\(Roster.allowedSignersPath)", "-I", "ben",
                        "-n", Mode.rehearsal.rosterNamespace, "-s", "\(root)/roster/ben.sig",
                    ], input: try copy.folder.read(Roster.path))
                #expect(run.status == 0, "\(run.stdoutText)\(run.stderrText)")
                try await copy.expectRefusal(at: "roster/ben.sig", because: "its one form")
            }
        }

        @Test("is refused by both when the roster gives two people one key, each under a name of its own")
        func underTwoNames() async throws {
            let ben = try await AuthenticatorKey("ed25519-sk", .touched)
            let wire = try SSHPublicKey(line: ben.line)
            for (line, presence) in [
                (wire.plain.line, nil), (Self.otherApplication(ben.line), UserPresence.verified),
            ] {
                try await expectRosterRefusal(because: "ben and carol have the same key under two names") {
                    $0["ben"] = (ben.line, .touched)
                    $0["carol"] = (line, presence)
                }
            }
        }

        private static func otherApplication(_ line: String) -> String {
            let blob = Base64.decode(String(line.split(separator: " ")[1])) ?? []
            let other = Array(blob.dropLast(8)) + [0, 0, 0, 9] + Array("ssh:other".utf8)
            return "sk-ssh-ed25519@openssh.com " + Base64.encode(other)
        }

        @Test(
            "is refused by both with a roster that does not say what an authenticator must see, or says it of a plain key"
        )
        func presenceIsSaid() async throws {
            let ben = try await AuthenticatorKey("ecdsa-sk", .touched)
            let plain = try SSHPublicKey(line: ben.line).plain.line
            try await expectRosterRefusal(because: "nothing says what that must see") { $0["ben"] = (ben.line, nil) }
            try await expectRosterRefusal(because: "on no authenticator") { $0["ben"] = (plain, .touched) }
        }

        @Test(
            "is refused by both with an authenticator's key for a web site, or for no application in its one form",
            arguments: [
                ("web:keyrite", "application"), ("ssh:a b", "application"), ("ssh", "application"),
                ("ssh:" + String(repeating: "x", count: 61), "application"), ("", "application"),
            ])
        func otherApplications(application: String, what: String) async throws {
            let key = try await AuthenticatorKey("ecdsa-sk", .touched)
            let blob = try #require(Base64.decode(String(key.line.split(separator: " ")[1])))
            let other = Array(blob.dropLast(8)) + [0, 0, 0, UInt8(application.utf8.count)] + Array(application.utf8)
            try await expectRosterRefusal(because: "\(what)|one form") {
                $0["ben"] = ("sk-ecdsa-sha2-nistp256@openssh.com " + Base64.encode(other), .touched)
            }
        }

        @Test(
            "is refused by both with an authenticator's key of small order", arguments: CraftedKey.smallOrder.prefix(4))
        func smallOrder(key: CraftedKey) async throws {
            let type = Array("sk-ssh-ed25519@openssh.com".utf8)
            let blob = [0, 0, 0, 26] + type + [0, 0, 0, 32] + key.bytes + [0, 0, 0, 4] + Array("ssh:".utf8)
            try await expectRosterRefusal(because: "everybody") {
                $0["ben"] = ("sk-ssh-ed25519@openssh.com " + Base64.encode(blob), .touched)
            }
        }

        @Test("is refused by both with an RSA key, which is called so")
        func rsa() async throws {
            try await expectRosterRefusal(because: "an RSA key") {
                $0["ben"] = ("ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAAQM=", nil)
            }
        }

        private func expectRosterRefusal(
            because reason: String, _ give: (inout [String: (String, UserPresence?)]) -> Void
        ) async throws {
            var keys: [String: (String, UserPresence?)] = [:]
            give(&keys)
            try await withCopy { copy in
                var copy = copy
                var roster = try CanonicalJSON.parse(copy.ceremony.room.rosterBytes)
                for index in roster["members"].elements.indices {
                    guard let (line, presence) = keys[roster["members"][index]["name"].text] else { continue }
                    roster["members"][index]["key"] = .string(line)
                    if let presence { roster["members"][index]["userPresence"] = .string(presence.rawValue) }
                }
                let bytes = try CanonicalJSON.encode(roster)
                try copy.folder.write(bytes, to: Roster.path)
                copy.anchor = SHA256Digest(of: bytes)
                try await copy.expectRefusal(at: Roster.path, because: reason)
            }
        }
    }
}

extension TamperedFolder {
    /// Both refuse, naming this place and one of these reasons, with "|" between them.
    func expectRefusal(
        at place: String, because reasons: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        for judgement in [try keyriteVerify(), try await shellVerify()] {
            #expect(judgement.word == "REFUSED", "\(judgement)", sourceLocation: sourceLocation)
            #expect(judgement.place == place, "\(judgement)", sourceLocation: sourceLocation)
            #expect(
                reasons.split(separator: "|").contains { judgement.reason.contains($0) }, "\(judgement)",
                sourceLocation: sourceLocation)
        }
    }
}
