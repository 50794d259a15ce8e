import AWS
import Ceremony
import CryptoPrimitives
import Evidence
import Foundation
import KeyriteCommands
import Room
import TestSupport
import Testing

/// What the embedded KMS refuses as AWS's does, by looking at it.
@Suite("What is to be imported and KMS will never take", .timeLimit(.minutes(60)))
struct RefusedMaterialTests {
    /// What becomes of an import on its way, and what KMS calls that.
    enum Change: CaseIterable {
        case foreignToken, spoiltBlob, shortenedBlob

        var code: String {
            self == .foreignToken ? "InvalidImportTokenException" : "InvalidCiphertextException"
        }
    }

    @Test(
        "a token of another key, a blob that is spoilt: it is told with the way on, changes nothing, and is on record",
        arguments: Change.allCases)
    func refused(_ change: Change) async throws {
        try await CeremonyRoom.with { room in
            let before = try await room.materials()
            let foreign = try await room.foreignToken()
            let disturbed = try await InProcessCeremony(
                in: room,
                kms: { inner in
                    AlteredKMS(inner: inner, request: { Self.changed($0, change, foreign: foreign, ofFirst: room) })
                })
            let error = await #expect(throws: (any Error).self) { try await disturbed.hold() }
            let words = error.map { Program.words(for: $0) } ?? ""
            #expect(words.hasPrefix("ImportKeyMaterial was refused with \(change.code)"), "\(words)")
            #expect(
                words.hasSuffix(
                    "Nothing took effect, and the refusal is on record. Run again: it fetches a new wrapping key and token, "
                        + "and asks for a new release"), "\(words)")

            // In KMS it is as before; the transcript ends with the intent and KMS's name for it.
            #expect(try await room.materials() == before)
            let record = try room.record()
            let last = record.transcript.lines.suffix(2).map(\.event)
            #expect(last.first?.kind == .importIntended)
            guard case .refused(let refused)? = last.last else { return _ = Issue.record("no refusal is on record") }
            #expect(refused.code == change.code && refused.request != nil && refused.earlierCall == nil)
            #expect(record.openIntent == nil && record.slots[CeremonyRoom.slot]?.imported == nil)

            // The same ceremony goes on, with nothing else repeated.
            let held = try await disturbed.hold()
            #expect(held.closed && held.gates.statement(of: .release)?.attempt == 2)
            let kinds = held.transcript.lines.map(\.event.kind)
            let counted: [EventKind] = [.generated, .wrapped, .refused, .imported, .rotated]
            #expect(counted.map { kind in kinds.count { $0 == kind } } == [1, 2, 1, 1, 1])
            let after = try await room.materials()
            #expect(after.map(\.keyMaterialState) == [.nonCurrent, .current])
            #expect(after.first?.keyMaterialID == before.first?.keyMaterialID)
            let verified = try await CeremonyRoom.keyrite(["verify", room.ceremony, "--roster", room.rosterDigest])
            #expect(verified.status == 0, "\(verified.stdoutText)")
        }
    }

    /// An import of the first release, changed.
    private static func changed(
        _ request: ImportRequest, _ change: Change, foreign: [UInt8], ofFirst room: CeremonyRoom
    ) -> ImportRequest {
        let attempt = try? room.record().gates.statement(of: .release)?.attempt
        guard attempt == 1 else { return request }
        var (blob, token) = (request.blob, request.token)
        switch change {
        case .foreignToken: token = foreign
        case .spoiltBlob: blob[blob.count / 2] ^= 1
        case .shortenedBlob: blob.removeLast()
        }
        return ImportRequest(
            key: request.key, kind: request.kind, blob: blob, token: token, description: request.description,
            expiry: request.expiry)
    }

    @Test(
        "of a key with three materials an emergency stop deletes the one that was named, after a look, and no other",
        arguments: [RevokedMaterial.State.nonCurrent, .current])
    func oneOfThree(_ state: RevokedMaterial.State) async throws {
        try await CeremonyRoom.with { room in
            let kms = try room.room.client()
            let key = try await kms.describeKey(.init(keyID: CeremonyRoom.alias)).output.keyMetadata.arn
            _ = try await room.importForeignMaterial(into: key)
            _ = try await kms.rotateKeyOnDemand(.init(keyID: key))
            _ = try await room.importForeignMaterial(into: key)
            let before = try await room.materials()
            #expect(before.map(\.keyMaterialState) == [.nonCurrent, .current, .pendingRotation])
            let named = try #require(before.first { $0.keyMaterialState?.rawValue == state.rawValue }?.keyMaterialID)
            let definition = room.base.path + "/revoke.yaml"
            let text = """
                schema: keyrite.definition/1
                title: One of three
                windowHours: 24
                wrappingKeySpec: RSA_2048
                keys:
                  - alias: \(CeremonyRoom.alias)
                    strategy: revoke
                    material: \(named)
                """
            try Data(text.utf8).write(to: URL(filePath: definition))
            try await room.plan(definition: definition)
            try await room.holdPlanned()

            let after = try await room.materials()
            #expect(after.map(\.keyMaterialID) == before.map(\.keyMaterialID))
            #expect(after.map(\.keyMaterialState) == before.map(\.keyMaterialState))
            let gone = after.filter { $0.importState != .imported }.map(\.keyMaterialID)
            #expect(gone == [named])
            // Directly before the one call stands a look at the key.
            let calls = try await room.calls().filter { $0.keyId == key.split(separator: "/").last.map(String.init) }
            let deletions = calls.indices.filter { calls[$0].operation == "DeleteImportedKeyMaterial" }
            #expect(deletions.count == 1)
            let look = deletions.first.flatMap { $0 > 0 ? calls[$0 - 1].operation : nil }
            #expect(["DescribeKey", "ListKeyRotations"].contains(look), "\(look ?? "nothing")")
        }
    }
}

extension CeremonyRoom {
    /// What the room's key has of materials, the pending one too.
    fileprivate func materials() async throws -> [RotationsListEntry] {
        let kms = try room.client()
        let key = try await kms.describeKey(.init(keyID: Self.alias)).output.keyMetadata.arn
        return try await kms.allKeyMaterials(keyID: key)
    }

    /// An import token that KMS gave out for another key.
    fileprivate func foreignToken() async throws -> [UInt8] {
        let other = try await room.createPendingKey(description: "another")
        return try await room.client().getParametersForImport(
            .init(keyID: other, wrappingAlgorithm: .rsaesOAEPSHA256, wrappingKeySpec: .rsa2048)
        ).output.importToken.bytes
    }
}
