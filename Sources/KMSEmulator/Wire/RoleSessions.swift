import AWS
import CryptoPrimitives
import Foundation
import Synchronization

/// The sessions of roles that this emulator's STS gave, until they are over or it ends.
final class RoleSessions: Sendable {
    struct Session: Sendable {
        let credentials: Credentials
        let caller: TrailCaller
        let expiration: Date
    }

    /// A rehearsal with five roles takes five an hour.
    private static let most = 1000
    /// How long one that is over is told from one that never was, in seconds.
    private static let remembered: TimeInterval = 3600
    private let sessions = Mutex<[String: Session]>([:])

    /// The session that an access key belongs to, over or not.
    func session(of accessKeyID: String) -> Session? { sessions.withLock { $0[accessKeyID] } }

    /// Begins one.
    ///
    /// - Parameters:
    ///   - role: The role's ARN.
    ///   - seconds: How long it lasts.
    /// - Throws: `KMSFault` when there are too many.
    func begin(role: String, name: String, account: String, for seconds: Int, now: Date) throws -> Session {
        let own = role.split(separator: "/").last ?? ""
        let id = try Self.text("ASIA", bytes: 8)
        let expiration = now.addingTimeInterval(TimeInterval(seconds))
        let session = Session(
            credentials: Credentials(
                accessKeyID: id, secretAccessKey: try Self.secret(bytes: 20), sessionToken: try Self.secret(bytes: 64),
                expiration: expiration),
            caller: TrailCaller(
                account: account, arn: "arn:aws:sts::\(account):assumed-role/\(own)/\(name)",
                principalID: "AROA\(SHA256Digest(of: Array(role.utf8)).hex.uppercased().prefix(17)):\(name)",
                accessKeyID: id, sessionStart: EventTime.iso(now)),
            expiration: expiration)
        try sessions.withLock { sessions in
            sessions = sessions.filter { $0.value.expiration.addingTimeInterval(Self.remembered) > now }
            guard sessions.count < Self.most else { throw KMSFault("Throttling", "Rate exceeded") }
            sessions[id] = session
        }
        return session
    }

    private static func text(_ prefix: String, bytes count: Int) throws -> String {
        prefix + Hex.encode(try SecureRandom.bytes(count: count)).uppercased()
    }

    private static func secret(bytes count: Int) throws -> SecretBytes {
        try Array(text("", bytes: count).utf8).withUnsafeBytes { try SecretBytes(copying: $0) }
    }
}
