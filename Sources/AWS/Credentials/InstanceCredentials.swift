import CryptoPrimitives
import Foundation
import NIOHTTP1

/// Credentials of an EC2 instance's own role, by its metadata service, version 2 alone: version 1 answers whoever can
/// make a program here fetch a URL.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html>
struct InstanceCredentials: Sendable {
    /// Where the instance's own service is, over plain HTTP that leaves no machine.
    private static let hosts = ["ipv4": "169.254.169.254", "ipv6": "fd00:ec2::254"]
    private static let place = "/latest/meta-data/iam/security-credentials/"
    /// Six hours, in seconds: the longest.
    private static let tokenLifetime = "21600"

    private let server: MetadataServer

    /// - Parameter setting: A setting by its variable and its name in the profile; nil where neither says it.
    /// - Throws: `AWSError.configuration` for settings that are none, or where the service is not to be asked.
    init(_ variables: EnvironmentVariables, setting: (_ variable: String, _ name: String) -> String?) throws {
        guard !Self.areDisabled(variables) else {
            throw AWSError.configuration(
                "AWS_EC2_METADATA_DISABLED is set, and the credentials are to come from the instance's metadata; unset it, or "
                    + "take other credentials")
        }
        func number(_ variable: String, _ name: String) throws -> Int {
            guard let text = setting(variable, name) else { return 1 }
            guard let number = Int(text), (1...60).contains(number) else {
                throw AWSError.configuration("\(variable) must be a number from 1 to 60; correct it")
            }
            return number
        }
        server = MetadataServer(
            endpoint: try Self.endpoint(setting),
            timeout: Double(try number("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout")),
            attempts: try number("AWS_METADATA_SERVICE_NUM_ATTEMPTS", "metadata_service_num_attempts"), pause: 0)
    }

    /// Whether the environment says that there is no such service.
    static func areDisabled(_ variables: EnvironmentVariables) -> Bool {
        variables.text("AWS_EC2_METADATA_DISABLED")?.lowercased() == "true"
    }

    private static func endpoint(_ setting: (String, String) -> String?) throws -> Endpoint {
        let variable = "AWS_EC2_METADATA_SERVICE_ENDPOINT"
        let mode = setting(variable + "_MODE", "ec2_metadata_service_endpoint_mode")?.lowercased() ?? "ipv4"
        guard let own = hosts[mode] else {
            throw AWSError.configuration("\(variable)_MODE must be ipv4 or ipv6; correct it")
        }
        guard let url = setting(variable, "ec2_metadata_service_endpoint") else {
            return Endpoint(selfProving: .http, host: own, port: nil)
        }
        guard let parts = URLComponents(string: url), parts.scheme == "http", parts.port == nil, parts.user == nil,
            ["", "/"].contains(parts.path), parts.query == nil, parts.fragment == nil,
            let host = parts.host.map(HostName.bare), hosts.values.contains(host)
            // Anything else is held to what every endpoint is: TLS, or this very machine.
        else { return try Endpoint(url) }
        return Endpoint(selfProving: .http, host: host, port: nil)
    }

    /// Asks for a session's token, the role's name and its credentials.
    ///
    /// - Throws: `AWSError.configuration` telling what became of it; `CryptoError` when memory cannot be locked.
    func credentials(at now: Date) async throws -> Credentials {
        let source = "the instance's metadata service at \(server.endpoint)"
        do {
            let token = try await server.answer(
                .PUT, "/latest/api/token", [.init("X-aws-ec2-metadata-token-ttl-seconds", Self.tokenLifetime)],
                isBrief: true)
            let header = SigningRequest.Header(
                "X-aws-ec2-metadata-token", token.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })
            let role = try await server.answer(.GET, Self.place, [header], isBrief: true)
            let name = role.withUnsafeBytes { PercentEncoding.encode(Array($0), keeping: "+=,@") }
            let body = try await server.answer(.GET, Self.place + name, [header])
            return try MetadataAnswer.read(body, from: source, at: now)
        } catch let failure as MetadataServer.Failure {
            throw AWSError.configuration("\(source) \(failure)")
        }
    }
}
