import CryptoPrimitives
import Evidence
import Foundation
import TestSupport
import Testing

/// Which signature counts is seen by its form before anybody reckons: both verifiers see the same, and say so in the same words.
@Suite("Both verifiers say the same of a signature")
struct ShellSignaturesTests {
    private static let namespace = "keyrite.gate.v1.rehearsal"

    @Test("of an ECDSA key, whatever stands in its bytes, and whatever is missing or more")
    func ecdsa() async throws {
        let path = Approval.path(.release, 1, "ben")
        let roster = try Roster(json: try GoldenDocuments.bytes(Roster.path))
        let ben = try #require(roster.member(named: "ben"))
        try await expectSame(
            try Self.blob(of: try GoldenDocuments.bytes(path + ".sig")), over: try GoldenDocuments.bytes(path),
            by: ben.key, for: Self.namespace)
    }

    // The one with which verify.sh tries ssh-keygen.
    @Test("of an Ed25519 key likewise")
    func ed25519() async throws {
        let script = try String(contentsOf: VerifyScript.url, encoding: .utf8)
        let lines = script.split(separator: "\n")
        let begin = try #require(lines.firstIndex { $0 == "-----BEGIN SSH SIGNATURE-----" })
        let end = try #require(lines.firstIndex { $0 == "-----END SSH SIGNATURE-----" })
        let armored = lines[begin...end].map { $0 + "\n" }.joined()
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICnzcDVO+tFF7M1miS1qXo3vOfWl+0+ygpB3uaoxzRqi"
        try await expectSame(
            try Self.blob(of: Array(armored.utf8)), over: Array("probe".utf8), by: key, for: "keyrite.probe.v1")
    }

    private func expectSame(
        _ blob: [UInt8], over message: [UInt8], by key: String, for namespace: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        // jq does not see whether a point lies on its curve; ssh-keygen does, and nobody's own key is none.
        let others = Self.others(blob).map { Base64.encode($0) }.filter { !Self.isOffCurve($0) }
        let documents = Documents(
            golden: [.string(Base64.encode(blob))], others: others.map(JSONValue.string),
            filter: #"inputs | signature_fault($key0; null; $space0) | [.fault // ""] | tojson"#,
            parts: ["words", "signatures"], facts: ["key0": .string(key), "space0": .string(namespace)])
        let own = try SSHPublicKey(line: key)
        try await documents.expectSame { bytes in
            let base64 = try CanonicalJSON.parse(bytes).text
            do {
                try SSHSignature(armored: Self.armored(base64)).verify(message: message, namespace: namespace, key: own)
            } catch SSHSignatureError.doesNotVerify {
                // ssh-keygen says so.
            } catch { throw EvidenceError(".", "\(error)") }
        } theirs: {
            $0[0].text
        }
    }

    /// Each byte otherwise, left out or there twice; cut off at each length; and with more after it.
    private static func others(_ blob: [UInt8]) -> [[UInt8]] {
        var others = [blob + [0], blob + blob]
        for index in blob.indices {
            for bits: UInt8 in [0x01, 0x20, 0x80, 0xFF] {
                var changed = blob
                changed[index] ^= bits
                others.append(changed)
            }
            var (without, twice) = (blob, blob)
            without.remove(at: index)
            twice.insert(blob[index], at: index)
            others += [without, twice, Array(blob[..<index])]
        }
        return others
    }

    private static func blob(of armored: [UInt8]) throws -> [UInt8] {
        let lines = String(decoding: armored, as: UTF8.self).split(separator: "\n")
        return try #require(Base64.decode(lines.dropFirst().dropLast().joined()))
    }

    private static func isOffCurve(_ base64: String) -> Bool {
        do { _ = try SSHSignature(armored: armored(base64)) } catch SSHSignatureError.malformed(let why) {
            return why.hasPrefix("the public key is none")
        } catch {}
        return false
    }

    private static func armored(_ base64: String) -> [UInt8] {
        let body = stride(from: 0, to: base64.utf8.count, by: 70).map {
            String(decoding: Array(base64.utf8).dropFirst($0).prefix(70), as: UTF8.self) + "\n"
        }
        return Array(
            "-----BEGIN SSH SIGNATURE-----\n\(body.joined())-----END SSH SIGNATURE-----\n".utf8)
    }
}
