import AWS
import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import FoundationNetworking
import KeyriteCommands
import Room
import TestSupport
import Testing

/// Ceremonies on a KMS that does what AWS does now and then.
@Suite("A ceremony whose KMS goes wrong is held to its end, and has every effect once", .timeLimit(.minutes(60)))
struct FaultyServiceTests {
    @Test("calls refused for the pace, answers late, lost or of the service's own trouble: nobody need do anything")
    func unnoticed() async throws {
        try await CeremonyRoom.with { room in
            try await room.setFaults(
                """
                {"rules": [
                    {"operation": "GetCallerIdentity", "times": 1, "fault": "status", "status": 503},
                    {"operation": "DescribeKey", "times": 1, "fault": "reset"},
                    {"operation": "ListKeyRotations", "times": 1, "fault": "lose-answer"},
                    {"operation": "GetKeyPolicy", "times": 1, "fault": "status", "status": 500},
                    {"operation": "Decrypt", "times": 2, "fault": "delay", "milliseconds": 100},
                    {"operation": "GetParametersForImport", "times": 1, "fault": "throttle"},
                    {"operation": "ImportKeyMaterial", "times": 1, "fault": "throttle"},
                    {"operation": "ImportKeyMaterial", "after": 1, "times": 2, "fault": "lose-answer"},
                    {"operation": "RotateKeyOnDemand", "times": 1, "fault": "status", "status": 500,
                     "afterEffect": true}
                ]}
                """)
            let record = try await InProcessCeremony(in: room).hold()
            let slot = try #require(record.slots[CeremonyRoom.slot])
            #expect(
                [slot.imported?.learned, slot.proved?.learned, slot.rotated?.learned]
                    == [.byLooking, .byLooking, .byLooking])
            #expect(record.refusals.isEmpty)
            try await room.expectOneRotation(record)
        }
    }

    @Test("what people must mend or wait for is said with where it stands, and each time it goes on from there")
    func told() async throws {
        try await CeremonyRoom.with { room in
            let ceremony = try await InProcessCeremony(in: room)
            let key = try await room.describedKey().arn

            // A Date that is not the host's: nothing is begun.
            var words = try await room.words(
                under: #"{"operation": "GetCallerIdentity", "fault": "date", "seconds": 7200}"#
            ) { try await ceremony.hold() }
            #expect(words.hasPrefix("This host's clock says "))
            #expect(words.hasSuffix("check endpoint and proxy. Then run again"))

            // The service's own trouble, for longer than is worth asking again.
            words = try await room.words(
                under: #"{"operation": "GetKeyPolicy", "fault": "status", "status": 503}"#
            ) { try await ceremony.hold() }
            #expect(words.hasPrefix("GetKeyPolicy was refused with ServiceUnavailableException"))
            #expect(words.hasSuffix("It changed nothing. It is the service's own trouble. Run again in a minute"))

            // A token that is not taken: the way on is a new pair, and a new release.
            words = try await room.words(
                under:
                    #"{"operation": "ImportKeyMaterial", "times": 1, "fault": "error", "name": "InvalidImportTokenException"}"#
            ) { try await ceremony.hold() }
            #expect(words.hasPrefix("ImportKeyMaterial was refused with InvalidImportTokenException"))
            #expect(
                words.hasSuffix(
                    "Nothing took effect, and the refusal is on record. Run again: it fetches a new wrapping key and token, "
                        + "and asks for a new release"))

            // The proof is refused, as KMS does with other material.
            words = try await room.words(
                under:
                    #"{"operation": "ImportKeyMaterial", "after": 1, "times": 1, "fault": "error", "name": "IncorrectKeyMaterialException"}"#
            ) { try await ceremony.hold() }
            #expect(words.hasPrefix("ImportKeyMaterial was refused with IncorrectKeyMaterialException"))
            #expect(
                words.contains(
                    "If nobody else imported anything, run again. If somebody did, or KMS says this once more"))

            // Somebody disables the key before it is rotated.
            try await ceremony.hold(until: .activate)
            let kms = try room.room.client()
            _ = try await kms.call(DisableKey.self, .init(keyID: key))
            words = try await room.words { try await ceremony.hold() }
            #expect(words.hasPrefix("The key of \(CeremonyRoom.slot) cannot be rotated: it is Disabled"))
            _ = try await kms.call(EnableKey.self, .init(keyID: key))

            // The rotation's answer is lost, and KMS shows it late.
            words = try await room.words(
                under: #"{"operation": "RotateKeyOnDemand", "times": 1, "fault": "lose-answer"}"#,
                #"{"operation": "ListKeyRotations", "after": 1, "fault": "lag", "calls": 2}"#
            ) { try await ceremony.hold() }
            #expect(
                words
                    == "No answer came to RotateKeyOnDemand, and so far no effect of it shows. Run again: that is looked "
                    + "up before anything is done again")
            let record = try await ceremony.hold()
            #expect(record.refusals == ["InvalidImportTokenException", "IncorrectKeyMaterialException"])
            #expect(record.gates.statement(of: .release)?.attempt == 2)
            #expect(record.slots[CeremonyRoom.slot]?.rotated?.learned == .byLooking)
            try await room.expectOneRotation(record)
        }
    }

    @Test("pending material that somebody left: who does what is said, word for word, never hits the current material")
    func pending() async throws {
        try await CeremonyRoom.with { room in
            let ceremony = try await InProcessCeremony(in: room)
            try await ceremony.hold(until: .wrap)
            let kms = try room.room.client()
            let key = try await room.describedKey()
            let foreign = try await room.importForeignMaterial(into: key.arn)
            let words = try await room.words { try await ceremony.hold() }
            // Every call that is named has an id, and none is the current material's.
            let calls = words.matches(
                of: #/delete-imported-key-material --key-id (\S+) --key-material-id ([0-9a-f]{64})\b/#)
            #expect(calls.count == 1 && words.components(separatedBy: "delete-imported-key-material").count == 2)
            let call = try #require(calls.first)
            #expect(String(call.1) == key.arn && String(call.2) == foreign && foreign != key.currentKeyMaterialID)
            // As it says: look, and delete while it is pending.
            let states = try await kms.allKeyMaterials(keyID: String(call.1)).filter { $0.keyMaterialID == foreign }
            #expect(states.map(\.keyMaterialState) == [.pendingRotation])
            _ = try await kms.call(
                DeleteImportedKeyMaterial.self, .init(keyID: String(call.1), keyMaterialID: String(call.2)))
            let after = try await room.describedKey()
            #expect(after.keyState == .enabled && after.currentKeyMaterialID == key.currentKeyMaterialID)
            try await room.expectOneRotation(try await ceremony.hold())
        }
    }

    @Test("ten keys under AWS's own quotas, at their pace: no refusal reaches anybody")
    func quotas() async throws {
        try await CeremonyRoom.with { room in
            let aliases = (1...10).map { "alias/key-\($0)" }
            for alias in aliases { try await room.room.seedExternalKey(alias: alias) }
            try await room.setFaults(#"{"quotas": "aws"}"#)
            let own = room.room.site
            let paced = Site(
                mode: own.mode, access: own.access, module: own.module, token: own.token, signers: own.signers,
                memory: own.memory)
            let record = try await InProcessCeremony(in: room, aliases: aliases, site: paced).hold()
            #expect(record.closed)
            #expect(record.refusals.isEmpty)
            #expect(record.slots.values.allSatisfy { $0.verified != nil })
        }
    }
}

extension Record {
    /// What the transcript says that KMS refused, by AWS's names.
    fileprivate var refusals: [String] {
        transcript.lines.compactMap { if case .refused(let refused) = $0.event { refused.code } else { nil } }
    }
}

extension CeremonyRoom {
    /// - Parameter plan: What goes wrong from now on.
    fileprivate func setFaults(_ plan: String) async throws {
        _ = try await admin(#"{"action": "set-faults", "# + plan.trimmingPrefix("{"))
    }

    private func admin(_ body: String) async throws -> Data {
        var request = URLRequest(url: try #require(URL(string: room.site.endpoint + "/_keyrite/admin")))
        request.httpMethod = "POST"
        request.setValue("application/json", forHTTPHeaderField: "Content-Type")
        request.httpBody = Data(body.utf8)
        let (said, answer) = try await URLSession.shared.data(for: request)
        try #require((answer as? HTTPURLResponse)?.statusCode == 200, "\(String(decoding: said, as: UTF8.self))")
        return said
    }

    /// What a person reads of what stops the ceremony, while these rules are in force.
    fileprivate func words(
        under rules: String..., while body: () async throws -> Void
    ) async throws -> String {
        try await setFaults(#"{"rules": [\#(rules.joined(separator: ", "))]}"#)
        var words = ""
        do {
            try await body()
            Issue.record("nothing stopped it")
        } catch { words = Program.words(for: error) }
        try await setFaults(#"{"rules": []}"#)
        return words
    }

    fileprivate func describedKey() async throws -> KeyMetadata {
        try await room.client().describeKey(.init(keyID: Self.alias)).output.keyMetadata
    }

    /// Imports as anybody can who may.
    func importForeignMaterial(into key: String) async throws -> String {
        let kms = try room.client()
        let parameters = try await kms.getParametersForImport(
            .init(keyID: key, wrappingAlgorithm: .rsaesOAEPSHA256, wrappingKeySpec: .rsa2048)
        ).output
        let blob = try RSAPublicKey(spki: parameters.publicKey.bytes).encryptOAEP(.random(count: 32), hash: .sha256)
        let answer = try await kms.importKeyMaterial(
            .init(
                keyID: key, importToken: parameters.importToken, encryptedKeyMaterial: Blob(blob),
                expirationModel: .keyMaterialDoesNotExpire, importType: .newKeyMaterial))
        return try #require(answer.output.keyMaterialID)
    }

    /// Everything that the embedded KMS was asked so far, by whomever.
    func calls() async throws -> [KillRoom.Call] {
        struct Answer: Decodable { let calls: [KillRoom.Call] }
        return try JSONDecoder().decode(Answer.self, from: await admin(#"{"action": "calls"}"#)).calls
    }

    /// One new material, one rotation, nothing left over, and evidence that verifies.
    fileprivate func expectOneRotation(_ record: Record) async throws {
        #expect(record.closed)
        let key = try await describedKey()
        let materials = try await room.client().allKeyMaterials(keyID: key.arn)
        #expect(materials.map(\.keyMaterialState) == [.nonCurrent, .current])
        #expect(materials.last?.keyMaterialID == record.slots[Self.slot]?.imported?.material)
        #expect(try await calls().count { $0.operation == "RotateKeyOnDemand" && $0.error == nil } == 1)
        let verified = try await Self.keyrite(["verify", ceremony, "--roster", rosterDigest, "--expect", "rehearsal"])
        #expect(verified.status == 0, "\(verified.stdoutText)\(verified.stderrText)")
    }
}
