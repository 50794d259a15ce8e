package import CryptoPrimitives
package import Foundation

/// An AWS access key. Its description names the key and nothing that is secret.
package struct Credentials: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Not secret: it stands in CloudTrail and in every signed request.
    package let accessKeyID: String
    package let secretAccessKey: SecretBytes
    /// Of temporary credentials. It travels with each request, so a copy of it lives as long as the request does.
    package let sessionToken: SecretBytes?
    /// When AWS stops accepting them; nil for those that last, or that do not say.
    package let expiration: Date?

    package init(
        accessKeyID: String, secretAccessKey: SecretBytes, sessionToken: SecretBytes? = nil, expiration: Date? = nil
    ) {
        self.accessKeyID = accessKeyID
        self.secretAccessKey = secretAccessKey
        self.sessionToken = sessionToken
        self.expiration = expiration
    }

    package var description: String {
        "access key \(accessKeyID)\(sessionToken == nil ? "" : " (temporary)")"
    }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}

extension Credentials {
    /// `text` with the session token taken out, wherever it stands. The secret key is never sent, so nobody quotes it.
    func redacting(_ text: String) -> String {
        guard let token = sessionToken, token.count > 0 else { return text }
        return token.withUnsafeBytes { text.replacing(String(decoding: $0, as: UTF8.self), with: "(session token)") }
    }

    /// - Throws: `AWSError.configuration` if the token or the key id holds what no header can carry, or the secret what
    ///   no secret holds.
    func requireSendable() throws {
        let visible: (UInt8) -> Bool = { (0x21...0x7E).contains($0) }
        guard secretAccessKey.withUnsafeBytes({ !$0.isEmpty && $0.allSatisfy(visible) }) else {
            throw AWSError.configuration(
                "the secret access key of \(Printable.text(accessKeyID, limit: 128)) holds characters that no secret "
                    + "access key has; copy it again")
        }
        let isToken = sessionToken?.withUnsafeBytes { !$0.isEmpty && $0.allSatisfy(visible) } ?? true
        guard isToken else { throw AWSError.configuration("the session token holds white space or control characters") }
        guard !accessKeyID.isEmpty, accessKeyID.utf8.allSatisfy({ visible($0) && $0 != UInt8(ascii: "/") }) else {
            throw AWSError.configuration("the access key id is not one")
        }
    }
}
