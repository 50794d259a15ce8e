import CryptoPrimitives
import Evidence
import PKCS11

/// What a token must not do whatever it is asked, and what it lets a ceremony narrow.
extension TokenExamination {
    func policy() async throws -> [Finding] {
        [
            try await extraction(), try await weakening(), try await derivation(), try await trustedWrapping(),
            try await allowedMechanisms(), try await wrapTemplate(),
        ]
    }

    /// A key that is not extractable must not leave, not even wrapped.
    private func extraction() async throws -> Finding {
        let check = "what may not leave stays"
        return try await judge(check) {
            let key = try await throwaway([Attribute(.extractable, false)])
            guard try await isWrapped(key) else {
                return Finding(check, .pass, "a key with CKA_EXTRACTABLE false was not wrapped")
            }
            return Finding(
                check, .fail, "the token wraps what is not extractable: a key with CKA_EXTRACTABLE false",
                remedy: "Nothing that it holds is kept from leaving. Use another token, or its vendor's strict mode")
        }
    }

    /// Neither a change nor a copy may make a key less protected.
    private func weakening() async throws -> Finding {
        let check = "keys cannot be weakened"
        let weaker = [Attribute(.sensitive, false), Attribute(.extractable, true)]
        return try await judge(check) {
            let key = try await throwaway([Attribute(.extractable, false)])
            var ways: [String] = []
            for attribute in weaker {
                try? await session.insist { try await session.setAttributes([attribute], of: key) }
                if try await has(attribute, key) { ways.append("C_SetAttributeValue of \(attribute.type)") }
                let copy = try? await session.insist { try await session.copy(key, changing: [attribute]) }
                if let copy, try await has(attribute, copy) {
                    ways.append("C_CopyObject with another \(attribute.type)")
                }
            }
            guard ways.isEmpty else {
                return Finding(
                    check, .fail, ways.joined(separator: ", ") + " weakened a key",
                    remedy: "The attributes in evidence say nothing at this token. Use another")
            }
            try await requireStillWraps()
            return Finding(check, .pass, "neither by C_SetAttributeValue nor by C_CopyObject")
        }
    }

    /// A key that may not be derived from must not be, whatever would come of it.
    private func derivation() async throws -> Finding {
        let check = "nothing is derived"
        return try await judge(check) {
            let key = try await throwaway([Attribute(.extractable, true), Attribute(.derive, false)])
            let allowed = try await throwaway([Attribute(.extractable, true), Attribute(.derive, true)])
            var refused: [String] = []
            for way in [Mechanism.aesECBEncryptData([UInt8](repeating: 0, count: 32)), .sha256KeyDerivation]
            where await derives(from: allowed, by: way) {
                guard await !derives(from: key, by: way) else {
                    return Finding(
                        check, .fail, "\(way.type) derived a key from one with CKA_DERIVE false",
                        remedy: "The attributes in evidence say nothing at this token. Use another")
                }
                // Only from a token that still derives is an error a refusal.
                _ = try await session.deriveAES256(from: allowed, by: way)
                refused.append(way.type.description)
            }
            guard !refused.isEmpty else {
                return notCarried(
                    check, "no key is derived from one with CKA_DERIVE true either, in the ways tried",
                    here: (.unknown, "Nothing is said for it; ask the vendor"))
            }
            return Finding(
                check, .pass, "from a key with CKA_DERIVE false, by \(refused.joined(separator: " and "))")
        }
    }

    private func derives(from key: Object, by way: Mechanism) async -> Bool {
        (try? await session.insist { try await session.deriveAES256(from: key, by: way) }) != nil
    }

    /// Whether the security officer can narrow to which keys a key may leave.
    private func trustedWrapping() async throws -> Finding {
        let check = "wrap with trusted only"
        let remedy = "The security officer cannot narrow where a key goes: only the quorum's signatures do"
        return try await judge(check) {
            let bound = [Attribute(.extractable, true), Attribute(.wrapWithTrusted, true)]
            guard let key = try await made({ try await throwaway(bound) }) else {
                return Finding(check, .warn, "the token makes no key with CKA_WRAP_WITH_TRUSTED", remedy: remedy)
            }
            guard try await isWrapped(key) else {
                return Finding(check, .pass, "CKA_WRAP_WITH_TRUSTED kept a key from a wrapping key that is not trusted")
            }
            return Finding(check, .warn, "the token ignores CKA_WRAP_WITH_TRUSTED", remedy: remedy)
        }
    }

    /// Whether a wrapping key can be kept to one mechanism.
    private func allowedMechanisms() async throws -> Finding {
        let check = "allowed mechanisms"
        let remedy = "A wrapping key cannot be kept to one mechanism here; Keyrite asks for OAEP with SHA-256 alone"
        return try await judge(check) {
            let key = try await throwaway([Attribute(.extractable, true)])
            let wrappingKey = try await made {
                try await session.createWrappingKey(
                    try own.get(), label: "keyrite/doctor", id: try SecureRandom.bytes(count: 16),
                    with: [Attribute(.allowedMechanisms, number: MechanismType.rsaPKCS.rawValue)])
            }
            guard let wrappingKey else {
                return Finding(check, .warn, "the token takes no CKA_ALLOWED_MECHANISMS", remedy: remedy)
            }
            guard await !wraps(key, under: wrappingKey) else {
                return Finding(check, .warn, "the token ignores CKA_ALLOWED_MECHANISMS", remedy: remedy)
            }
            try await requireStillWraps()
            return Finding(check, .pass, "CKA_ALLOWED_MECHANISMS kept a wrapping key from OAEP")
        }
    }

    /// Whether a wrapping key can be kept to keys of one kind.
    private func wrapTemplate() async throws -> Finding {
        let check = "wrap template"
        let remedy = "A wrapping key cannot be kept to keys of one kind here: only the quorum's signatures do"
        return try await judge(check) {
            let key = try await throwaway([Attribute(.extractable, true)])
            var wrapped: [Bool] = []
            // What the key has, which must wrap, and what it has not.
            for demanded in [true, false] {
                let wrappingKey = try await made {
                    try await session.createWrappingKey(
                        try own.get(), label: "keyrite/doctor", id: try SecureRandom.bytes(count: 16),
                        admitting: [Attribute(.encrypt, demanded)])
                }
                guard let wrappingKey else {
                    return notCarried(
                        check, "no wrapping key is made with CKA_WRAP_TEMPLATE", here: (.warn, remedy))
                }
                wrapped.append(await wraps(key, under: wrappingKey))
            }
            try await requireStillWraps()
            return switch (wrapped[0], wrapped[1]) {
            case (true, false):
                Finding(check, .pass, "CKA_WRAP_TEMPLATE kept a wrapping key from a key that it does not admit")
            case (_, true): Finding(check, .warn, "the token ignores CKA_WRAP_TEMPLATE", remedy: remedy)
            case (false, false):
                Finding(
                    check, .warn, "the token refuses what CKA_WRAP_TEMPLATE admits, too", remedy: remedy)
            }
        }
    }

    /// What a token makes; nil where it does not, though it still does what it may.
    private func made(_ make: () async throws -> Object) async throws -> Object? {
        do { return try await session.insist(make) } catch {
            try await requireStillWraps()
            return nil
        }
    }

    private func wraps(_ key: Object, under wrappingKey: Object) async -> Bool {
        (try? await session.insist { try await session.wrap(key, under: wrappingKey) }) != nil
    }

    /// What does not work through p11-kit's client says nothing of the token behind it.
    ///
    /// - Parameter here: What it means where the token itself was asked.
    private func notCarried(_ check: String, _ detail: String, here: (result: Finding.Result, remedy: String))
        -> Finding
    {
        guard isRemote else { return Finding(check, here.result, detail, remedy: here.remedy) }
        return Finding(
            check, .unknown, "\(detail); p11-kit's client may not carry it",
            remedy: "Have the doctor look where the module is, with the site's hsm: library")
    }
}
