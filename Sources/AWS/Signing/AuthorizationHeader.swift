/// The `Authorization` header of SigV4, read and written.
package struct AuthorizationHeader: Hashable, Sendable, CustomStringConvertible {
    private static let algorithm = "AWS4-HMAC-SHA256"

    package let accessKeyID: String
    package let scope: CredentialScope
    /// Lowercase and sorted, as they are signed.
    package let signedHeaders: [String]
    /// 64 lowercase hex digits, if the sender keeps to the standard.
    package let signature: String

    package init(accessKeyID: String, scope: CredentialScope, signedHeaders: [String], signature: String) {
        self.accessKeyID = accessKeyID
        self.scope = scope
        self.signedHeaders = signedHeaders
        self.signature = signature
    }

    /// - Parameter value: The header's value; nil unless it is of SigV4, with each of its three parts once.
    package init?(_ value: String) {
        guard value.hasPrefix(Self.algorithm + " ") else { return nil }
        var parts: [String: String] = [:]
        for part in value.dropFirst(Self.algorithm.count + 1).split(separator: ",", omittingEmptySubsequences: false) {
            let pair = part.drop { $0 == " " }.split(separator: "=", maxSplits: 1).map(String.init)
            guard pair.count == 2, parts.updateValue(pair[1], forKey: pair[0]) == nil else { return nil }
        }
        guard parts.count == 3, let credential = parts["Credential"], let signed = parts["SignedHeaders"],
            let signature = parts["Signature"]
        else { return nil }
        let scope = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard scope.count == 5, scope[4] == "aws4_request", scope.allSatisfy({ !$0.isEmpty }) else { return nil }
        accessKeyID = scope[0]
        self.scope = CredentialScope(day: scope[1], region: scope[2], service: scope[3])
        signedHeaders = signed.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
        self.signature = signature
    }

    /// The header's value.
    package var description: String {
        "\(Self.algorithm) Credential=\(accessKeyID)/\(scope), "
            + "SignedHeaders=\(signedHeaders.joined(separator: ";")), Signature=\(signature)"
    }
}
