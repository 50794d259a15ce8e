import AWS
import Foundation

/// STS as far as it tells who is calling, in its query protocol: a form in, XML out.
///
/// <https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html>
struct STSFrontend: Sendable {
    static let service = "sts"
    /// As events name it.
    static let source = "sts.amazonaws.com"
    private static let namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
    private static let contentType = "text/xml"

    let identity: GetCallerIdentity.Output

    /// The form's field `Action`; nil if the body is no such form.
    static func action(of request: WireRequest) -> String? {
        guard request.mediaType == "application/x-www-form-urlencoded" else { return nil }
        return fields(of: request.body)["Action"]
    }

    /// - Throws: `KMSFault` with STS's name for what it would refuse.
    func answer(_ request: WireRequest, requestID: String) throws -> WireAnswer {
        let fields = Self.fields(of: request.body)
        guard fields["Action"] == GetCallerIdentity.name, fields["Version"] == GetCallerIdentity.version else {
            throw KMSFault(
                "InvalidAction", "The emulator serves \(GetCallerIdentity.name) of \(GetCallerIdentity.version) only.")
        }
        let body = """
            <GetCallerIdentityResponse xmlns="\(Self.namespace)">
              <GetCallerIdentityResult>
                <Arn>\(Self.escaped(identity.arn))</Arn>
                <UserId>\(Self.escaped(identity.userID))</UserId>
                <Account>\(Self.escaped(identity.account))</Account>
              </GetCallerIdentityResult>
              <ResponseMetadata>
                <RequestId>\(requestID)</RequestId>
              </ResponseMetadata>
            </GetCallerIdentityResponse>

            """
        return WireAnswer(status: 200, contentType: Self.contentType, body: Array(body.utf8))
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
