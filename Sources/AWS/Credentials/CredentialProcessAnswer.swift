import CryptoPrimitives
import Foundation

/// What a `credential_process` prints, version 1.
enum CredentialProcessAnswer {
    /// - Parameters:
    ///   - source: Who printed it, for errors.
    ///   - now: What may not be past the expiration.
    /// - Throws: `SecretJSON.Malformed`, or `AWSError.configuration` for another version, a missing part or an
    ///   expiration in the past; `CryptoError` when memory cannot be locked.
    static func read(_ output: SecretBytes, from source: String, at now: Date) throws -> Credentials {
        let answer = try SecretJSON(parsing: output)
        guard answer.number("Version") == "1" else {
            throw AWSError.configuration("\(source) printed no \"Version\": 1, the only one that there is")
        }
        guard let keyID = answer.text("AccessKeyId"), let secret = try answer.secret("SecretAccessKey") else {
            throw AWSError.configuration("\(source) printed no AccessKeyId or no SecretAccessKey")
        }
        guard answer.isTextOrAbsent("SessionToken"), answer.isTextOrAbsent("Expiration") else {
            throw AWSError.configuration("\(source) printed a SessionToken or an Expiration that is no text")
        }
        let expiration = try answer.text("Expiration").map { text in
            guard let time = ISOTime.parse(text) else {
                throw AWSError.configuration(
                    "\(source) printed an Expiration that is no time such as 2026-07-01T12:00:00Z")
            }
            return time
        }
        let token = try answer.secret("SessionToken")
        let credentials = Credentials(
            accessKeyID: keyID, secretAccessKey: secret, sessionToken: token.flatMap { $0.count > 0 ? $0 : nil },
            expiration: expiration)
        try credentials.require(from: source, "AccessKeyId", at: now)
        return credentials
    }
}
