import CryptoPrimitives
import Evidence
import PKCS11

/// Tries on a token what a ceremony needs of it, and what it must refuse, with throwaway keys that end with the session.
///
/// What a token says of itself, and its return codes, prove nothing: each attempt is judged by what came of it.
struct TokenExamination {
    let session: Session
    /// Whether p11-kit's client stands between, which carries less than a token may have.
    let isRemote: Bool
    /// To which throwaway keys are wrapped. Nobody opens the blobs; one for all attempts, since it takes a while to make.
    let own = Result { try RSAPrivateKey(bits: 2048).publicKey }

    /// - Throws: As `besidesSelfTest`.
    func run() async throws -> [Finding] {
        try await besidesSelfTest(after: [try await selfTest(), try await kinds()])
    }

    /// - Parameter tried: What was found before.
    /// - Throws: `PKCS11Error` when the token failed in the middle: that says nothing of what it can do.
    func besidesSelfTest(after tried: [Finding] = []) async throws -> [Finding] {
        let findings = [try await sessions(), try await randomness(), try mechanisms()] + tried
        do {
            try await requireStillWraps()
        } catch let error as PKCS11Error where error.isFailure {
            throw error
        } catch {
            let untried = Finding(
                "policy", .unknown, "not tried: the token does not wrap what it may", remedy: "Mend what failed first")
            return findings + [untried]
        }
        return try await findings + policy()
    }

    /// A ceremony holds one, and needs one more for whoever signs at this token or looks at it meanwhile.
    private func sessions() async throws -> Finding {
        let check = "two sessions"
        let remedy = "Close other programs' sessions at the token, or have it take more"
        do {
            let second = try session.slot.openSession()
            let said = try Self.words(session.slot.sessionLimits())
            try await second.close()
            return Finding(check, .pass, "two for writing were open at once; \(said)")
        } catch let error as PKCS11Error where error.isFailure {
            throw error
        } catch {
            let said = (try? session.slot.sessionLimits()).map(Self.words) ?? "the token says nothing of limits"
            return Finding(check, .fail, "\(said). \(error)", remedy: remedy)
        }
    }

    private static func words(_ limits: SessionLimits) -> String {
        func words(_ limit: SessionLimits.Limit, _ kind: String) -> String {
            switch limit {
            case .of(let count): "at most \(count) \(kind)"
            case .none: "no limit \(kind)"
            case .unsaid: "no word of a limit \(kind)"
            }
        }
        let open = limits.open.map { ", \($0) open then" } ?? ""
        return "the token says: \(words(limits.all, "in all")), \(words(limits.readWrite, "for writing"))\(open)"
    }

    private func randomness() async throws -> Finding {
        let check = "random source"
        do {
            let draws = [try await session.generateRandom(count: 32), try await session.generateRandom(count: 32)]
            guard draws[0] != draws[1], draws.allSatisfy({ Set($0).count > 4 }) else {
                return Finding(
                    check, .fail, "two draws of 32 bytes are alike, or not random",
                    remedy: "Have the token examined: its keys are as bad as its random numbers")
            }
            return Finding(check, .pass, "two draws of 32 bytes differ")
        } catch let error as PKCS11Error where error.isFailure {
            throw error
        } catch {
            return Finding(check, .fail, "\(error)", remedy: Self.otherToken)
        }
    }

    private func mechanisms() throws -> Finding {
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
        } catch let error as PKCS11Error where error.isFailure {
            throw error
        } catch {
            return Finding(check, .fail, "\(error)", remedy: Self.otherToken)
        }
    }

    private func selfTest() async throws -> Finding {
        let check = "mechanisms tried"
        let test = TokenSelfTest(session: session, profiles: [KeyProfile(of: .symmetric, way: .direct)])
        do {
            return Finding(check, .pass, try await session.insist { try await test.run() }.joined(separator: ", "))
        } catch let error as PKCS11Error where error.isGone {
            throw error
        } catch {
            return Finding(check, .fail, "\(error)", remedy: Self.otherToken)
        }
    }

    /// Which kinds of key the token can make and wrap; a ceremony needs those of its plan.
    private func kinds() async throws -> Finding {
        var (able, unable): ([String], [String]) = ([], [])
        for kind in KeySpec.allCases where kind != .symmetric {
            do {
                let way = try await TokenSelfTest.way(for: kind, on: session)
                able.append(way == .direct ? kind.rawValue : "\(kind.rawValue) (\(way.rawValue))")
            } catch let error as PKCS11Error where error.isGone {
                throw error
            } catch {
                unable.append(kind.rawValue)
            }
        }
        let check = "other kinds of key"
        guard !unable.isEmpty else { return Finding(check, .pass, able.joined(separator: ", ")) }
        return Finding(
            check, .warn,
            "not \(unable.joined(separator: ", "))" + (able.isEmpty ? "" : "; but \(able.joined(separator: ", "))"),
            remedy: "Plan no such keys at this site; behind a token server, name the library in the site")
    }

    /// An AES-256 key that is sensitive and ends with the session.
    func throwaway(_ more: [Attribute]) async throws -> Object {
        try await session.generateAES256(
            [
                .label("keyrite/doctor"), .id(try SecureRandom.bytes(count: 16)), Attribute(.token, false),
                Attribute(.private, true), Attribute(.sensitive, true), Attribute(.encrypt, true),
                Attribute(.modifiable, true),
            ] + more)
    }

    /// Whether the token wraps a key under OAEP with SHA-256 to a key that nobody calls trusted.
    func isWrapped(_ key: Object) async throws -> Bool {
        do {
            _ = try await session.insist { try await session.wrap(key, .direct, to: try own.get()) }
            return true
        } catch let error as PKCS11Error where error.returnValue != nil {
            try await requireStillWraps()
            return false
        }
    }

    /// Only from a token that still wraps what it may is an error a refusal: one that is gone refuses nothing.
    ///
    /// - Throws: What the token answered instead.
    func requireStillWraps() async throws {
        let key = try await throwaway([Attribute(.extractable, true)])
        _ = try await session.wrap(key, .direct, to: try own.get())
    }

    func has(_ attribute: Attribute, _ object: Object) async throws -> Bool {
        try await session.attributes([attribute.type], of: object)[attribute.type] == .value(attribute.bytes)
    }

    func judge(_ check: String, _ examine: () async throws -> Finding) async throws -> Finding {
        do { return try await session.insist(examine) } catch let error as PKCS11Error where error.isGone {
            throw error
        } catch {
            return Finding(
                check, .unknown, "it could not be tried: \(error)", remedy: "Nothing is said for it; ask the vendor")
        }
    }

    private static let otherToken = "This token cannot hold a ceremony. Use another, or its vendor's newer module"
}
