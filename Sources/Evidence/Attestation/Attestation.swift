import CryptoPrimitives

/// `attestation.json`: a closed ceremony's statement in a DSSE envelope, signed by one member of the roster.
///
/// It comes after the close, and the manifest leaves it out.
/// <https://github.com/secure-systems-lab/dsse/blob/v1.0.2/envelope.md>
package struct Attestation: Codable, Hashable, Sendable {
    package static let path = "attestation.json"
    package static let payloadType = "application/vnd.in-toto+json"

    /// One member's, as DSSE has it.
    package struct Signature: Codable, Hashable, Sendable {
        /// The member's key by its fingerprint as `ssh-keygen -l` writes it.
        package let keyid: String
        /// ECDSA with P-256 over the SHA-256 of `bytesToSign`, DER, base64; of the two that sign the same, the one whose
        /// second number is lower.
        package let sig: String
    }

    /// The statement's canonical JSON, base64.
    package let payload: String
    package let payloadType: String
    package let signatures: [Signature]

    /// - Parameters:
    ///   - statement: Canonical JSON.
    ///   - signature: Over `bytesToSign`, DER.
    ///   - keyID: The fingerprint of the key that made it.
    package init(statement: [UInt8], signature: [UInt8], keyID: String) {
        payload = Base64.encode(statement)
        payloadType = Self.payloadType
        signatures = [Signature(keyid: keyID, sig: Base64.encode(signature))]
    }

    /// DSSE's pre-authentication encoding of a statement, which no SSHSIG can be.
    ///
    /// <https://github.com/secure-systems-lab/dsse/blob/v1.0.2/protocol.md>
    package static func bytesToSign(statement: [UInt8]) -> [UInt8] {
        Array("DSSEv1 \(payloadType.utf8.count) \(payloadType) \(statement.count) ".utf8) + statement
    }

    /// Checks an attestation.
    ///
    /// - Parameters:
    ///   - bytes: The whole file.
    ///   - statement: What the folder amounts to, in the current form.
    ///   - roster: Who may attest: any of its members, the administrator too.
    /// - Returns: Who did.
    /// - Throws: `EvidenceError` saying what does not hold.
    package static func check(
        _ bytes: [UInt8], statement: CeremonyStatement, roster: Roster
    ) throws -> Member {
        let attestation: Attestation
        do { attestation = try CanonicalJSON.decode(Attestation.self, from: bytes) } catch {
            throw EvidenceError(path, "it is no attestation in canonical form; at \(error)")
        }
        guard attestation.payloadType == payloadType else { throw EvidenceError(path, "it is of another type") }
        let stated = try [statement, statement.inFirstForm].first { form in
            try attestation.payload.utf8.elementsEqual(Base64.encode(CanonicalJSON.encode(form)).utf8)
        }
        guard let stated else { throw EvidenceError(path, "it does not state what this ceremony was") }
        guard attestation.signatures.count == 1, let signature = attestation.signatures.first else {
            throw EvidenceError(path, "it has not exactly one signature")
        }
        let signer = try roster.members.first { try $0.publicKey().fingerprint == signature.keyid }
        guard let signer, case .ecdsaP256(let key) = try signer.publicKey() else {
            throw EvidenceError(path, "no member of the roster has that key, or it is not of P-256")
        }
        guard signer.validUntil >= stated.predicate.closed else {
            throw EvidenceError(path, "\(signer.name)'s key was not valid any more when the ceremony was closed")
        }
        guard let der = Base64.decode(signature.sig), let parts = try? P256Signature(der: der),
            try key.isValid(
                parts, digest: SHA256Digest(of: bytesToSign(statement: try CanonicalJSON.encode(stated))))
        else { throw EvidenceError(path, "its signature does not hold") }
        // Anybody can make the other one of the two.
        guard stated.predicate.schema == nil || parts.isLow else {
            throw EvidenceError(path, "its signature is not the one of two whose second number is lower")
        }
        return signer
    }
}

extension Verifier {
    /// The attestation, where there is one.
    mutating func verifyAttestation(_ record: Record) throws {
        guard record.closed, try folder.files().contains(Attestation.path) else { return }
        let statement = try CeremonyStatement(of: record, manifest: try folder.read(Manifest.path))
        let signer = try Attestation.check(
            try folder.read(Attestation.path), statement: statement, roster: record.roster)
        held(Attestation.path, against: "the signature of \(signer.name)", .signed)
    }
}
