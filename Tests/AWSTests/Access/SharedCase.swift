import AWS
import CryptoPrimitives
import Foundation
import TestSupport
import Testing

/// What AWS's variables and shared files come down to.
struct Reading: Codable, Equatable, Sendable {
    var key = "AKIAFILE"
    var secret = "file/secret"
    var token: String?
    var region: String? = "eu-central-1"
    var kms: String? = "https://kms.eu-central-1.amazonaws.com"
    var sts: String? = "https://sts.eu-central-1.amazonaws.com"
    /// The path of a file of CA certificates.
    var ca: String?
}

/// Two files, an environment, and what is read from them. `{}` stands for the folder of the files.
struct SharedCase: Sendable, CustomTestStringConvertible {
    enum Expected: Sendable {
        case reading(Reading)
        /// Keyrite refuses, with these words; so does botocore, or it goes on to what only Keyrite does not know.
        case refused(String)
    }

    let name: String
    var config = ""
    var credentials = ""
    var environment: [String: String] = [:]
    var expected = Expected.reading(Reading())
    /// Whether botocore, too, refuses what Keyrite refuses.
    var botocoreRefuses = true

    var testDescription: String { name }

    /// Writes the files and gives the environment in which they are found.
    func lay(in scratch: Scratch) throws -> [String: String] {
        let folder = scratch.folder.path
        for (file, text) in [("config", config), ("credentials", credentials)] where !text.isEmpty {
            try Data(text.replacing("{}", with: folder).utf8).write(to: scratch.folder.appending(path: file))
        }
        let own = [
            "HOME": folder, "PATH": "/usr/bin:/bin", "AWS_CONFIG_FILE": folder + "/config",
            "AWS_SHARED_CREDENTIALS_FILE": folder + "/credentials", "AWS_EC2_METADATA_DISABLED": "true",
        ]
        return own.merging(environment.mapValues { $0.replacing("{}", with: folder) }) { _, given in given }
    }
}

extension Reading {
    /// What Keyrite reads.
    static func keyrite(_ environment: [String: String]) async throws -> Reading {
        let settings = try SharedSettings(Variables(environment).environment)
        let found = try await settings.credentials(.init(processTimeout: 30)).credentials(at: Date())
        guard let region = try settings.region() else { throw AWSError.configuration("no region") }
        let variant = try settings.variant()
        return Reading(
            key: found.accessKeyID, secret: found.secretAccessKey.revealed, token: found.sessionToken?.revealed,
            region: region.name,
            kms: try (settings.endpoint(for: "kms") ?? region.endpoint(for: "kms", variant)).description,
            sts: try (settings.endpoint(for: "sts") ?? region.endpoint(for: "sts", variant)).description,
            ca: try settings.caFile())
    }
}

extension SecretBytes {
    /// A test's secret, to be compared.
    var revealed: String { withUnsafeBytes { String(decoding: $0, as: UTF8.self) } }
}
