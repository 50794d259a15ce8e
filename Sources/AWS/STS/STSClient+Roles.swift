import CryptoPrimitives
package import Foundation

extension STSClient {
    /// A session of a role that trusts the caller.
    ///
    /// - Parameter now: When the session must be good.
    /// - Throws: `AWSError`; `.answerLost` only where a code was spent on it. `CryptoError` when memory cannot be locked.
    package func assumeRole(_ input: AssumeRole.Input, at now: Date) async throws -> AWSAnswer<RoleSession> {
        var fields = [
            Field("RoleArn", input.roleARN), Field("RoleSessionName", input.sessionName.description),
            Field("DurationSeconds", input.duration.map(String.init)), Field("ExternalId", input.externalID),
            Field("SerialNumber", input.mfa?.serial), Field("TokenCode", input.mfa?.code),
        ]
        for (index, tag) in input.tags.enumerated() {
            fields += [
                Field("Tags.member.\(index + 1).Key", tag.key), Field("Tags.member.\(index + 1).Value", tag.value),
            ]
        }
        // A code is good once: asked a second time, STS refuses it, whatever became of the first.
        var request = Self.request(AssumeRole.name, fields, isIdempotent: input.mfa == nil)
        request.secrets = input.mfa.map { [$0.code] } ?? []
        return try await session(request, at: now)
    }

    /// A session of a role that trusts the token's issuer.
    ///
    /// - Parameter now: When the session must be good.
    /// - Throws: `AWSError`; `CryptoError` when memory cannot be locked.
    package func assumeRoleWithWebIdentity(
        _ input: AssumeRoleWithWebIdentity.Input, at now: Date
    ) async throws -> AWSAnswer<RoleSession> {
        let fields = [
            Field("RoleArn", input.roleARN), Field("RoleSessionName", input.sessionName.description),
            Field("WebIdentityToken", input.token),
        ]
        var request = Self.request(AssumeRoleWithWebIdentity.name, fields, isIdempotent: true)
        request.isSigned = false
        request.secrets = [input.token]
        return try await session(request, at: now)
    }

    private struct Field {
        let name: String
        /// Percent-encoded; nil for a field that is left out.
        let value: [UInt8]?

        init(_ name: String, _ value: String?) {
            self.name = name
            self.value = value.map { PercentEncoding.encoded($0.utf8) }
        }

        init(_ name: String, _ secret: SecretBytes?) {
            self.name = name
            value = secret?.withUnsafeBytes { PercentEncoding.encoded($0) }
        }
    }

    private static func request(_ operation: String, _ fields: [Field], isIdempotent: Bool) -> ServiceRequest {
        var form = Array("Action=\(operation)&Version=\(GetCallerIdentity.version)".utf8)
        for field in fields {
            if let value = field.value { form += Array("&\(field.name)=".utf8) + value }
        }
        return ServiceRequest(
            operation: operation, isIdempotent: isIdempotent,
            headers: [.init("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")], body: form,
            errorFormat: .xml, isForSecrets: true)
    }

    private func session(_ request: ServiceRequest, at now: Date) async throws -> AWSAnswer<RoleSession> {
        let answer = try await client.send(request)
        do {
            let xml = try SecretXML(parsing: answer.secret ?? SecretBytes(capacity: 0) { _ in 0 })
            let whole = "\(request.operation)Response/"
            let result = "\(whole)\(request.operation)Result/"
            guard let keyID = try xml.text(result + "Credentials/AccessKeyId"),
                let secret = try xml.secret(result + "Credentials/SecretAccessKey"),
                let token = try xml.secret(result + "Credentials/SessionToken"),
                let expiration = try xml.text(result + "Credentials/Expiration").flatMap(ISOTime.parse),
                let arn = try xml.text(result + "AssumedRoleUser/Arn")
            else { throw SecretXML.Malformed(reason: "it lacks a part of the credentials, or the role's ARN") }
            let credentials = Credentials(
                accessKeyID: keyID, secretAccessKey: secret, sessionToken: token, expiration: expiration)
            try credentials.require(from: "\(request.operation)'s AccessKeyId", at: now)
            return AWSAnswer(
                output: RoleSession(credentials: credentials, arn: arn),
                requestID: try answer.requestID ?? xml.text(whole + "ResponseMetadata/RequestId"),
                serverDate: answer.date, tlsLeafSHA256: answer.tlsLeafSHA256)
        } catch let malformed as SecretXML.Malformed {
            throw client.lost(request, "the answer cannot be read: \(malformed.reason)")
        }
    }
}
