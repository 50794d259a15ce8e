import CryptoPrimitives
import Evidence
import Foundation
import Room
import TestSupport
import Testing

@Suite("Approvals and OpenSSH's ssh-keygen")
struct SSHKeygenTests {
    private static let namespace = "keyrite.gate.v1.rehearsal"

    @Test(
        "an approval written by hand and signed by plain ssh-keygen opens a gate, and under another namespace does not",
        arguments: ["ed25519", "ecdsa"])
    func opensGate(type: String) async throws {
        try await CeremonyRoom.with { room in
            let key = room.base.path + "/ben"
            try await sshKeygen("-q", "-t", type, "-b", "256", "-N", "", "-C", "ben@home", "-f", key)
            try await room.plan(rosterFolder: try await rosterWithBensKey(key, in: room))
            #expect(try await room.run("--until", "authorize").status == 3)
            try await room.approve(.authorize, as: "carol")

            let approval = room.ceremony + "/approvals/authorize-1/ben.json"
            try await write(approval, statement: room.ceremony + "/statements/authorize-1.json", key: key)
            try await sshKeygen("-Y", "sign", "-q", "-n", "keyrite.gate.v1.live", "-f", key, approval)
            let refused = try await room.run("--until", "authorize")
            #expect(refused.status == 3)
            #expect(refused.stderrText.contains("approvals/authorize-1/ben.json does not count"))

            try FileManager.default.removeItem(atPath: approval + ".sig")
            try await sshKeygen("-Y", "sign", "-q", "-n", Self.namespace, "-f", key, approval)
            let passed = try await room.run("--until", "authorize")
            #expect(passed.status == 0, "\(passed.stderrText)")
            #expect(try room.record().gates.isPassed(.authorize))
        }
    }

    @Test("ssh-keygen -Y verify accepts every approval of a rehearsal, in its namespace and from its signer alone")
    func verifies() async throws {
        try await CeremonyRoom.with { room in
            try await room.holdCeremony()
            let decisions = try room.record().gates.decisions
            #expect(decisions.count == 9, "two custodians at each of four gates, and a witness")
            for decision in decisions {
                let bytes = try room.read(Approval.path(decision.gate, decision.attempt, decision.name))
                let time = try CanonicalJSON.decode(Approval.self, from: bytes).at
                func accepted(
                    _ bytes: [UInt8], name: String = decision.name, namespace: String = Self.namespace,
                    at time: Timestamp
                ) async throws -> Bool {
                    try await runProcess(
                        "ssh-keygen",
                        [
                            "-Y", "verify", "-f", room.ceremony + "/allowed_signers", "-I", name, "-n", namespace,
                            "-Overify-time=\(time.sshForm)", "-s",
                            room.ceremony + "/" + Approval.path(decision.gate, decision.attempt, decision.name)
                                + ".sig",
                        ], input: bytes
                    ).status == 0
                }
                #expect(try await accepted(bytes, at: time))
                #expect(try await !accepted(bytes, namespace: "keyrite.gate.v1.live", at: time))
                #expect(try await !accepted(bytes, name: "dan", at: time))
                #expect(try await !accepted(bytes + [0x0A], at: time))
                #expect(try await !accepted(bytes, at: time.advanced(bySeconds: 31 * 24 * 3600)))
            }
        }
    }

    /// The room's roster, but with a key of ssh-keygen's for ben, accepted by everyone.
    ///
    /// - Returns: Its folder.
    private func rosterWithBensKey(_ key: String, in room: CeremonyRoom) async throws -> String {
        let line = try String(contentsOfFile: key + ".pub", encoding: .utf8).split(separator: " ").prefix(2)
        let old = try room.roster
        let members = old.members.map { member in
            Member(
                name: member.name, role: member.role,
                key: member.name == "ben" ? line.joined(separator: " ") : member.key, validFrom: member.validFrom,
                validUntil: member.validUntil)
        }
        let bytes = try Roster(mode: old.mode, members: members, rules: old.rules).json()
        let folder = try DiskFolder.create(at: room.base.path + "/roster")
        try folder.write(bytes, to: Roster.path)
        let namespace = old.mode.rosterNamespace
        for member in members {
            let path = Roster.acceptancePath(of: member)
            if member.name == "ben" {
                try await sshKeygen("-Y", "sign", "-q", "-n", namespace, "-f", key, folder.root + "/roster.json")
                try folder.write(try folder.read("roster.json.sig"), to: path)
            } else {
                let signer = try room.room.site.signer(of: member.name)
                try folder.write(try await signer.sign(bytes, namespace: namespace), to: path)
            }
        }
        return folder.root
    }

    /// The approval as a person without our program would write it: the form is the one that DESIGN gives.
    private func write(_ path: String, statement: String, key: String) async throws {
        let digest = try await runProcess("sha256sum", [statement]).stdoutText.prefix(64)
        let fingerprint = try await runProcess("ssh-keygen", ["-l", "-f", key]).stdoutText.split(separator: " ")[1]
        let now = try await runProcess("date", ["-u", "+%Y-%m-%dT%H:%M:%SZ"]).stdoutText.prefix { $0 != "\n" }
        let filter = """
            {mode, ceremony, gate, attempt, plan, schema: "keyrite.approval/1", statement: "\(digest)", name: "ben",
              role: "custodian", key: "\(fingerprint)", decision: "approve", at: "\(now)"}
            """
        let text = try await runProcess("jq", ["-cSj", filter, statement]).stdoutText
        try FileManager.default.createDirectory(
            atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(filePath: path))
    }

    private func sshKeygen(_ arguments: String...) async throws {
        let outcome = try await runProcess("ssh-keygen", arguments)
        try #require(outcome.status == 0, "\(outcome.stderrText)")
    }
}
