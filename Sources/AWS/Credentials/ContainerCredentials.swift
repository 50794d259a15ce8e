import CryptoPrimitives
package import Foundation
import NIOHTTP1

/// Credentials that a container's host gives to what runs in the container: Amazon ECS, EKS Pod Identity.
///
/// <https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html>
package struct ContainerCredentials: Sendable {
    private static let relative = "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
    private static let full = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
    /// Where Amazon ECS and EKS answer, over plain HTTP that leaves no machine.
    private static let hosts: Set = ["169.254.170.2", "169.254.170.23", "fd00:ec2::23"]

    private let variables: EnvironmentVariables
    private let server: MetadataServer
    private let path: String

    /// Whether the environment names a server of a container's host.
    static func areThere(_ variables: EnvironmentVariables) -> Bool {
        variables.text(relative) != nil || variables.text(full) != nil
    }

    /// What is asked.
    package var url: String { "\(server.endpoint)\(path)" }

    /// - Parameters:
    ///   - variables: Where the address stands, as a container's host sets it.
    ///   - timeout: Seconds that each of three attempts may take.
    /// - Throws: `AWSError.configuration` for an address where no container's host is.
    package init(_ variables: EnvironmentVariables, timeout: Double = 2) throws {
        self.variables = variables
        let endpoint: Endpoint
        if let text = variables.text(Self.relative) {
            endpoint = Endpoint(selfProving: .http, host: "169.254.170.2", port: nil)
            path = text
        } else {
            guard let text = variables.text(Self.full), let parts = URLComponents(string: text),
                let scheme = parts.scheme.flatMap(Endpoint.Scheme.init(rawValue:)), parts.user == nil,
                parts.password == nil, parts.fragment == nil,
                let host = parts.host.map(HostName.bare), HostName.isPlausible(host),
                (1...65_535).contains(parts.port ?? 80)
            else { throw AWSError.configuration("\(Self.full) is no URL that credentials can come from; correct it") }
            endpoint = Endpoint(selfProving: scheme, host: host, port: parts.port)
            guard scheme == .https || endpoint.isLoopback || Self.hosts.contains(host) else {
                throw AWSError.configuration(
                    "\(Self.full) names \(host): over plain HTTP, credentials come from this machine's loopback addresses, "
                        + "\(Self.hosts.sorted().joined(separator: " or ")) alone")
            }
            path =
                (parts.percentEncodedPath.isEmpty ? "/" : parts.percentEncodedPath)
                + (parts.percentEncodedQuery.map { "?" + $0 } ?? "")
        }
        guard path.hasPrefix("/"), path.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") })
        else {
            throw AWSError.configuration("\(Self.relative) must start with / and be a path; correct it")
        }
        server = MetadataServer(endpoint: endpoint, timeout: timeout, attempts: 3, pause: 1)
    }

    /// Asks. The token that allows it is read anew each time.
    ///
    /// - Throws: `AWSError.configuration` telling what became of it; `CryptoError` when memory cannot be locked.
    package func credentials(at now: Date) async throws -> Credentials {
        let source = "the container's host at \(server.endpoint)"
        let headers = [.init("Accept", "application/json")] + (try authorization())
        do {
            let body = try await server.answer(.GET, path, headers)
            return try MetadataAnswer.read(body, from: source, at: now)
        } catch let failure as MetadataServer.Failure {
            throw AWSError.configuration("\(source) \(failure)")
        }
    }

    private func authorization() throws -> [SigningRequest.Header] {
        let name = "AWS_CONTAINER_AUTHORIZATION_TOKEN"
        if let file = variables.text(name + "_FILE") {
            let token = try SecretFile.token(at: file, of: "the container's authorization token")
            return [.init("Authorization", token.withUnsafeBytes { String(decoding: $0, as: UTF8.self) })]
        }
        guard let token = variables.text(name) else { return [] }
        guard token.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw AWSError.configuration("\(name) holds what no header can carry; correct it")
        }
        return [.init("Authorization", token)]
    }
}
