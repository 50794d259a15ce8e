import AWS
import Foundation
import TestSupport
import Testing

/// Variables and files that lead to credentials by roles and servers. `{}` stands for the folder of the files, `{server}`
/// for the server's URL.
struct RoleCase: Sendable, CustomTestStringConvertible {
    enum Expected: Sendable {
        /// The key that comes of it.
        case key(String)
        /// Keyrite refuses, with these words.
        case refused(String)
    }

    let name: String
    var config = ""
    var credentials = ""
    var environment: [String: String] = [:]
    /// Named in so many words.
    var profile: String?
    /// Of a file `token`.
    var token = CredentialServer.webIdentity
    let expected: Expected
    /// Whether botocore, too, refuses what Keyrite refuses.
    var botocoreRefuses = true

    var testDescription: String { name }

    /// Writes the files and gives the environment in which they are found.
    func lay(in scratch: Scratch, _ server: ScriptedServer) throws -> [String: String] {
        func placed(_ text: String) -> String { text.replacing("{server}", with: server.endpoint.description) }
        try Data(token.utf8).write(to: scratch.folder.appending(path: "token"))
        let own = ["AWS_DEFAULT_REGION": "eu-central-1", "AWS_ENDPOINT_URL_STS": "{server}"]
        return try SharedCase(
            name: name, config: placed(config), credentials: placed(credentials),
            environment: own.merging(environment) { _, given in given }.mapValues(placed)
        ).lay(in: scratch)
    }

    /// What Keyrite comes to.
    func keyrite(_ environment: [String: String]) async throws -> Found {
        let settings = try SharedSettings(Variables(environment).environment, choosing: .init(profile: profile))
        let sts = AWSClient.Configuration(
            credentials: NoCredentials(), region: try #require(try settings.region()),
            endpoint: try settings.endpoint(for: "sts"))
        let means = CredentialMeans(
            processTimeout: 30, sts: sts, sessionName: "keyrite-test", mfaCode: { _ in try .example("123456") })
        let found = try await settings.credentials(means).credentials(at: Date())
        return Found(
            key: found.accessKeyID, secret: found.secretAccessKey.revealed, token: found.sessionToken?.revealed)
    }

    struct Found: Codable, Equatable, Sendable {
        let key: String
        let secret: String
        let token: String?

        init(key: String, secret: String, token: String?) {
            (self.key, self.secret, self.token) = (key, secret, token)
        }

        /// What the server gives with a key.
        init(key: String) {
            self.init(
                key: key, secret: CredentialServer.secret(of: key), token: CredentialServer.token(of: key))
        }
    }
}
