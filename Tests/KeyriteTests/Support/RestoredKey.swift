import CryptoPrimitives
import Foundation
import PKCS11
import Room
import Testing

extension RehearsalSite {
    /// Has a key that an earlier ceremony left be as in a new HSM into which a backup of it was restored: of the same names, with the
    /// same material, and not made by the token.
    ///
    /// - Parameter more: What it is to be beside what a ceremony leaves it as, or otherwise.
    func restoreFromBackup(_ kept: KeptKey, as more: [Attribute] = []) async throws {
        let path: String? =
            switch site.module {
            case .socket(let path): path
            case .library(_, _, _, let socket): socket
            case nil: nil
            }
        let slot = try Module.remote(socket: try #require(path)).slot(of: try PKCS11URI(parsing: site.token))
        let session = try slot.openSession()
        try await session.login(pin: RehearsalTokens.pin(for: try slot.tokenInfo()))
        let id = try #require(Hex.decode(kept.id))
        let found = try await session.findObjects([.objectClass(.secretKey), .label(kept.label), .id(id)])
        let key = try #require(found.first)
        // The backup, which in a test is nobody's secret.
        let safe = try RSAPrivateKey(bits: 2048)
        let wrapping = try await session.createWrappingKey(safe.publicKey, label: "backup", id: [1])
        let material = try safe.decryptOAEP(try await session.wrap(key, under: wrapping), hash: .sha256)
        try await session.destroy(key)
        try await session.destroy(wrapping)
        let others = more.map(\.type) + KeyTemplates.withoutChecks.map(\.type)
        let template = KeyTemplates.aes256(label: kept.label, id: id).filter { !others.contains($0.type) }
        _ = try await session.create(
            [
                .objectClass(.secretKey), .keyType(.aes),
                Attribute(.value, bytes: material.withUnsafeBytes { Array($0) }),
            ] + template + more + KeyTemplates.withoutChecks)
        try await session.logout()
        try await session.close()
    }
}
