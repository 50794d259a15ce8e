import AWS
import CryptoPrimitives
import Foundation
import Synchronization

extension SecretBytes {
    /// A secret of a test, which is none.
    static func example(_ text: String) throws -> SecretBytes {
        try Array(text.utf8).withUnsafeBytes { try SecretBytes(copying: $0) }
    }
}

extension Credentials {
    static let exampleSecret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
    static let exampleToken = "FwoGZXIvYXdzEXAMPLE//////////+Token=="

    static func example(
        _ accessKeyID: String = "AKIAIOSFODNN7EXAMPLE", _ secret: String = exampleSecret, _ token: String? = nil
    ) throws -> Credentials {
        Credentials(
            accessKeyID: accessKeyID, secretAccessKey: try .example(secret),
            sessionToken: try token.map { try .example($0) })
    }
}

/// A clock that stands still, waits that take no time and are remembered, and no chance.
final class TestTime: Sendable {
    /// 2026-07-01T12:00:00Z.
    static let start = Date(timeIntervalSince1970: 1_782_907_200)

    private let remembered = Mutex<[Double]>([])
    var waits: [Double] { remembered.withLock { $0 } }

    var keeper: Timekeeper {
        Timekeeper(
            now: { Self.start }, wait: { seconds in self.remembered.withLock { $0.append(seconds) } }, jitter: { 1 })
    }
}

extension AWSClient.Configuration {
    /// For a server of the test: nothing of it waits, and a connection outlives the longest pause of a busy machine.
    static func example(
        _ endpoint: Endpoint, time: TestTime = TestTime(), token: String? = nil, caFile: String? = nil
    ) throws -> AWSClient.Configuration {
        var configuration = AWSClient.Configuration(
            credentials: try Credentials.example("AKIAIOSFODNN7EXAMPLE", Credentials.exampleSecret, token),
            region: try Region("eu-central-1"), endpoint: endpoint,
            authorities: try caFile.map(CertificateAuthorities.init(pemFile:)))
        configuration.timekeeper = time.keeper
        configuration.idleTimeout = 3600
        return configuration
    }
}
