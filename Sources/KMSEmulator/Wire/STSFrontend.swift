import AWS
import CryptoPrimitives
import Foundation

/// STS as far as it tells who is calling, and gives sessions of roles, in its query protocol: a form in, XML out.
///
/// Every role of the account trusts whoever is known here.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>,
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html>
struct STSFrontend: Sendable {
    static let service = "sts"
    /// As events name it.
    static let source = "sts.amazonaws.com"
    private static let namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
    private static let contentType = "text/xml"

    let caller: TrailCaller
    let sessions: RoleSessions

    /// The form's field `Action`; nil if the body is no such form.
    static func action(of request: WireRequest) -> String? {
        guard request.mediaType == "application/x-www-form-urlencoded" else { return nil }
        return fields(of: request.body)["Action"]
    }

    /// - Throws: `KMSFault` with STS's name for what it would refuse.
    func answer(_ request: WireRequest, requestID: String, now: Date) throws -> WireAnswer {
        let fields = Self.fields(of: request.body)
        let action = fields["Action"]
        guard fields["Version"] == GetCallerIdentity.version else { throw Self.unknown }
        let result: String
        switch action {
        case GetCallerIdentity.name:
            result = """
                    <Arn>\(Self.escaped(caller.arn))</Arn>
                    <UserId>\(Self.escaped(caller.principalID))</UserId>
                    <Account>\(Self.escaped(caller.account))</Account>
                """
        case AssumeRole.name: result = Self.result(try assume(fields, now: now))
        default: throw Self.unknown
        }
        let name = action ?? ""
        let body = """
            <\(name)Response xmlns="\(Self.namespace)">
              <\(name)Result>
            \(result)
              </\(name)Result>
              <ResponseMetadata>
                <RequestId>\(requestID)</RequestId>
              </ResponseMetadata>
            </\(name)Response>

            """
        return WireAnswer(status: 200, contentType: Self.contentType, body: Array(body.utf8))
    }

    private static let unknown = KMSFault(
        "InvalidAction",
        "The emulator serves \(GetCallerIdentity.name) and \(AssumeRole.name) of \(GetCallerIdentity.version) only.")
    /// In seconds; of a session that is begun with another, the most.
    private static let hour = 3600

    private func assume(_ fields: [String: String], now: Date) throws -> RoleSessions.Session {
        guard let role = fields["RoleArn"], let name = fields["RoleSessionName"],
            name.wholeMatch(of: /[\w+=,.@\-]{2,64}/.asciiOnlyWordCharacters()) != nil,
            let seconds = fields["DurationSeconds"].map({ Int($0) }) ?? Self.hour, (900...43_200).contains(seconds)
        else {
            throw KMSFault(
                "ValidationError", "RoleArn, RoleSessionName or DurationSeconds is missing, or is not as AWS has it.")
        }
        guard caller.roleARN == nil || seconds <= Self.hour else {
            throw KMSFault(
                "ValidationError",
                "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining")
        }
        guard fields["SerialNumber"] == nil, fields["TokenCode"] == nil else {
            throw KMSFault(
                "AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code. ", status: 403)
        }
        let form = /arn:aws:iam::([0-9]{12}):role\/[\w+=,.@\/\-]{1,576}/.asciiOnlyWordCharacters()
        guard role.wholeMatch(of: form)?.output.1 == caller.account[...], !role.hasSuffix("/") else {
            throw KMSFault(
                "AccessDenied",
                "User: \(caller.arn) is not authorized to perform: sts:AssumeRole on resource: \(role)", status: 403)
        }
        return try sessions.begin(role: role, name: name, account: caller.account, for: seconds, now: now)
    }

    private static func result(_ session: RoleSessions.Session) -> String {
        func text(_ secret: SecretBytes?) -> String {
            secret?.withUnsafeBytes { escaped(String(decoding: $0, as: UTF8.self)) } ?? ""
        }
        return """
                <AssumedRoleUser>
                  <AssumedRoleId>\(escaped(session.caller.principalID))</AssumedRoleId>
                  <Arn>\(escaped(session.caller.arn))</Arn>
                </AssumedRoleUser>
                <Credentials>
                  <AccessKeyId>\(session.credentials.accessKeyID)</AccessKeyId>
                  <SecretAccessKey>\(text(session.credentials.secretAccessKey))</SecretAccessKey>
                  <SessionToken>\(text(session.credentials.sessionToken))</SessionToken>
                  <Expiration>\(EventTime.iso(session.expiration))</Expiration>
                </Credentials>
            """
    }

    /// What an event has of a request for a session: nothing of what was given.
    static func recorded(_ request: WireRequest) -> JSONValue {
        let fields = fields(of: request.body)
        var members: [String: JSONValue] = [:]
        members["roleArn"] = fields["RoleArn"].map { .text($0) }
        members["roleSessionName"] = fields["RoleSessionName"].map { .text($0) }
        members["externalId"] = fields["ExternalId"].map { .text($0) }
        members["durationSeconds"] = fields["DurationSeconds"].flatMap(Int.init).map { .integer($0) }
        // STS takes 50.
        let tags = (1...50).compactMap { index -> JSONValue? in
            guard let key = fields["Tags.member.\(index).Key"] else { return nil }
            return .object(["key": .text(key), "value": .text(fields["Tags.member.\(index).Value"] ?? "")])
        }
        if !tags.isEmpty { members["tags"] = .array(tags) }
        return .object(members)
    }

    static func answer(refusing fault: KMSFault, requestID: String) -> WireAnswer {
        let (code, status) = name(of: fault)
        let body = """
            <ErrorResponse xmlns="\(namespace)">
              <Error>
                <Type>\(status < 500 ? "Sender" : "Receiver")</Type>
                <Code>\(escaped(code))</Code>
                <Message>\(escaped(fault.message ?? ""))</Message>
              </Error>
              <RequestId>\(requestID)</RequestId>
            </ErrorResponse>

            """
        return WireAnswer(status: status, contentType: contentType, body: Array(body.utf8))
    }

    /// STS and KMS name the same refusals of a signature differently
    /// (docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html).
    private static func name(of fault: KMSFault) -> (code: String, status: Int) {
        switch fault.code {
        case "MissingAuthenticationTokenException": ("MissingAuthenticationToken", 403)
        case "IncompleteSignatureException": ("IncompleteSignature", 400)
        case "UnrecognizedClientException": ("InvalidClientTokenId", 403)
        case "InvalidSignatureException": ("SignatureDoesNotMatch", 403)
        case "ExpiredTokenException": ("ExpiredToken", 403)
        default: (fault.code, fault.status)
        }
    }

    private static func fields(of body: [UInt8]) -> [String: String] {
        var components = URLComponents()
        components.percentEncodedQuery = String(decoding: body, as: UTF8.self).replacing("+", with: "%20")
        let pairs = (components.queryItems ?? []).map { ($0.name, $0.value ?? "") }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
