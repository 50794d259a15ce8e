import CryptoPrimitives
import Evidence
import PKCS11

/// Tries on a token what a ceremony needs of it, and what it must refuse, with throwaway keys that end with the session.
///
/// What a token says of itself, and its return codes, prove nothing: each attempt is judged by what came of it.
struct TokenExamination {
    let session: Session

    func run() async -> [Finding] {
        var findings = [await randomness(), await mechanisms(), await selfTest()]
        // A token that fails here may not even make the keys that the rest is tried with.
        guard findings.allSatisfy({ $0.result != .fail }) else {
            return findings + [Finding("policy", .unknown, "not tried: the token failed before", remedy: nil)]
        }
        findings += [await extraction(), await weakening(), await trustedWrapping(), await allowedMechanisms()]
        return findings
    }

    private func randomness() async -> Finding {
        let check = "random source"
        do {
            let draws = [try await session.generateRandom(count: 32), try await session.generateRandom(count: 32)]
            guard draws[0] != draws[1], draws.allSatisfy({ Set($0).count > 4 }) else {
                return Finding(
                    check, .fail, "two draws of 32 bytes are alike, or not random",
                    remedy: "Have the token examined: its keys are as bad as its random numbers")
            }
            return Finding(check, .pass, "two draws of 32 bytes differ")
        } catch {
            return Finding(check, .fail, "\(error)", remedy: Self.otherToken)
        }
    }

    private func mechanisms() async -> Finding {
        let check = "mechanisms listed"
        let needed: [MechanismType] = [.aesKeyGeneration, .aesECB, .rsaOAEP]
        func names(_ types: [MechanismType]) -> String { types.map(\.description).joined(separator: ", ") }
        do {
            let listed = try session.slot.mechanisms()
            let missing = needed.filter { !listed.contains($0) }
            guard missing.isEmpty else {
                return Finding(
                    check, .fail, "\(names(missing)) not among \(listed.count)", remedy: Self.otherToken)
            }
            return Finding(check, .pass, "\(names(needed)) among \(listed.count)")
        } catch {
            return Finding(check, .fail, "\(error)", remedy: Self.otherToken)
        }
    }

    private func selfTest() async -> Finding {
        let check = "mechanisms tried"
        do {
            let held = try await TokenSelfTest(
                session: session, profiles: [KeyProfile(of: .symmetric, way: .direct)]
            ).run()
            return Finding(check, .pass, held.joined(separator: ", "))
        } catch {
            return Finding(check, .fail, "\(error)", remedy: Self.otherToken)
        }
    }

    /// A key that is not extractable must not leave, not even wrapped.
    private func extraction() async -> Finding {
        let check = "what may not leave stays"
        return await judge(check) {
            let key = try await throwaway([Attribute(.extractable, false)])
            guard try await isWrapped(key) else {
                return Finding(check, .pass, "a key with CKA_EXTRACTABLE false was not wrapped")
            }
            return Finding(
                check, .fail, "the token wrapped a key with CKA_EXTRACTABLE false",
                remedy: "Nothing that it holds is kept from leaving. Use another token, or its vendor's strict mode")
        }
    }

    /// Neither a change nor a copy may make a key less protected.
    private func weakening() async -> Finding {
        let check = "keys cannot be weakened"
        let weaker = [Attribute(.sensitive, false), Attribute(.extractable, true)]
        return await judge(check) {
            let key = try await throwaway([Attribute(.extractable, false)])
            var ways: [String] = []
            for attribute in weaker {
                try? await session.setAttributes([attribute], of: key)
                if try await has(attribute, key) { ways.append("C_SetAttributeValue of \(attribute.type)") }
                if let copy = try? await session.copy(key, changing: [attribute]), try await has(attribute, copy) {
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

    /// Whether the security officer can narrow to which keys a key may leave.
    private func trustedWrapping() async -> Finding {
        let check = "wrap with trusted only"
        let remedy = "The security officer cannot narrow where a key goes: only the quorum's signatures do"
        let key: Object
        do { key = try await throwaway([Attribute(.extractable, true), Attribute(.wrapWithTrusted, true)]) } catch {
            return Finding(check, .warn, "the token makes no key with CKA_WRAP_WITH_TRUSTED", remedy: remedy)
        }
        return await judge(check) {
            guard try await isWrapped(key) else {
                return Finding(check, .pass, "CKA_WRAP_WITH_TRUSTED kept a key from a wrapping key that is not trusted")
            }
            return Finding(check, .warn, "the token ignores CKA_WRAP_WITH_TRUSTED", remedy: remedy)
        }
    }

    /// Whether a wrapping key can be kept to one mechanism.
    private func allowedMechanisms() async -> Finding {
        let check = "allowed mechanisms"
        let remedy = "A wrapping key cannot be kept to one mechanism here; Keyrite asks for OAEP with SHA-256 alone"
        return await judge(check) {
            let key = try await throwaway([Attribute(.extractable, true)])
            let own = try RSAPrivateKey(bits: 2048).publicKey
            let wrappingKey: Object
            do {
                wrappingKey = try await session.createWrappingKey(
                    own, label: "keyrite/doctor", id: try SecureRandom.bytes(count: 16),
                    with: [Attribute(.allowedMechanisms, number: MechanismType.rsaPKCS.rawValue)])
            } catch {
                return Finding(check, .warn, "the token takes no CKA_ALLOWED_MECHANISMS", remedy: remedy)
            }
            guard (try? await session.wrap(key, under: wrappingKey)) == nil else {
                return Finding(check, .warn, "the token ignores CKA_ALLOWED_MECHANISMS", remedy: remedy)
            }
            try await requireStillWraps()
            return Finding(check, .pass, "CKA_ALLOWED_MECHANISMS kept a wrapping key from OAEP")
        }
    }

    /// An AES-256 key that is sensitive and ends with the session.
    private func throwaway(_ more: [Attribute]) async throws -> Object {
        try await session.generateAES256(
            [
                .label("keyrite/doctor"), .id(try SecureRandom.bytes(count: 16)), Attribute(.token, false),
                Attribute(.private, true), Attribute(.sensitive, true), Attribute(.encrypt, true),
                Attribute(.modifiable, true),
            ] + more)
    }

    /// Whether the token wraps a key under OAEP with SHA-256 to a key that nobody calls trusted.
    private func isWrapped(_ key: Object) async throws -> Bool {
        do {
            _ = try await session.wrap(key, .direct, to: try RSAPrivateKey(bits: 2048).publicKey)
            return true
        } catch let error as PKCS11Error where error.returnValue != nil {
            try await requireStillWraps()
            return false
        }
    }

    /// Only from a token that still wraps what it may is an error a refusal: one that is gone refuses nothing.
    ///
    /// - Throws: What the token answered instead.
    private func requireStillWraps() async throws {
        let key = try await throwaway([Attribute(.extractable, true)])
        _ = try await session.wrap(key, .direct, to: try RSAPrivateKey(bits: 2048).publicKey)
    }

    private func has(_ attribute: Attribute, _ object: Object) async throws -> Bool {
        try await session.attributes([attribute.type], of: object)[attribute.type] == .value(attribute.bytes)
    }

    private func judge(_ check: String, _ examine: () async throws -> Finding) async -> Finding {
        do { return try await examine() } catch {
            return Finding(
                check, .unknown, "it could not be tried: \(error)", remedy: "Nothing is said for it; ask the vendor")
        }
    }

    private static let otherToken = "This token cannot hold a ceremony. Use another, or its vendor's newer module"
}
