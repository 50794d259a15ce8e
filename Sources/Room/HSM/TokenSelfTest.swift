import Ceremony
import CryptoPrimitives
import Evidence
import PKCS11

/// Has the token make and wrap throwaway keys of each kind that a ceremony makes, opens a blob in software, and tries what
/// it must refuse.
///
/// A return code proves nothing: tokens exist that answer CKR_OK to SHA-256 and use SHA-1. What is left on failure ends
/// with the session.
struct TokenSelfTest {
    let session: Session
    /// What the ceremony's own keys will be made by.
    let profiles: [KeyProfile]

    /// - Returns: What was tried and held, by the names under which evidence lists it.
    /// - Throws: `CeremonyError` naming what did not hold.
    func run() async throws -> [String] {
        let own = try RSAPrivateKey(bits: 2048)
        var held: [String] = []
        for profile in profiles {
            held += try await KindSelfTest(session: session, profile: profile, own: own).run()
                .map { "\(profile.keySpec.rawValue)/\($0)" }
        }
        return held + [try await trust(own.publicKey)]
    }

    /// Only the security officer may say which wrapping keys are trusted; here the user tries, in both ways there are.
    private func trust(_ publicKey: RSAPublicKey) async throws -> String {
        let id = try SecureRandom.bytes(count: 16)
        let object = try await session.createWrappingKey(publicKey, label: try SelfTestError.label(), id: id)
        let isRefused = [
            try await refuses { try await session.setAttributes([Attribute(.trusted, true)], of: object) },
            try await refuses {
                _ = try await session.createWrappingKey(
                    publicKey, label: SelfTestError.label(), id: id, with: [Attribute(.trusted, true)])
            },
        ]
        // Also the proof that the token was still there to refuse.
        try await session.destroy(object)
        try SelfTestError.demand(
            isRefused == [true, true], "The token lets its user set CKA_TRUSTED, which is the security officer's")
        return "user-cannot-trust"
    }

    private func refuses(_ act: () async throws -> Void) async throws -> Bool {
        do {
            try await session.insist(act)
            return false
        } catch let error as PKCS11Error where error.returnValue != nil {
            return true
        }
    }
}

extension TokenSelfTest {
    /// The first of a kind's ways to be wrapped in which the token does everything that it must.
    ///
    /// What the token does not list is not tried: keys would be made for nothing.
    ///
    /// - Throws: `CeremonyError` with what did not hold of each; `PKCS11Error` when the token was gone in the middle.
    static func way(for keySpec: KeySpec, on session: Session) async throws -> WrappingWay {
        let own = try RSAPrivateKey(bits: 2048)
        let listed = try session.slot.mechanisms()
        var reasons: [String] = []
        for way in keySpec.ways {
            guard listed.contains(way.mechanism) else {
                reasons.append("\(way.rawValue): it does not list \(way.mechanism)")
                continue
            }
            do {
                let profile = KeyProfile(of: keySpec, way: way)
                _ = try await session.insist {
                    try await KindSelfTest(session: session, profile: profile, own: own).run()
                }
                return way
            } catch let error as CeremonyError {
                reasons.append("\(way.rawValue): \(error.what)")
            } catch let error as PKCS11Error where error.isGone {
                throw error
            } catch let error as PKCS11Error {
                let said = error.returnValue.map { "\(error.function) answered \($0)" }
                reasons.append("\(way.rawValue): \(said ?? "\(error)")")
            }
        }
        throw CeremonyError(
            .environment,
            "The token cannot make keys of the kind \(keySpec.rawValue) and wrap them for KMS ("
                + reasons.joined(separator: "; ") + ")",
            remedy: "Leave such keys out of the definition, or use a token that can. No key was generated")
    }
}

extension WrappingWay {
    /// The mechanism that it stands or falls with.
    fileprivate var mechanism: MechanismType {
        switch self {
        case .direct: .rsaOAEP
        case .byToken: .rsaAESKeyWrap
        case .composed: .aesKeyWrapPad
        }
    }
}
