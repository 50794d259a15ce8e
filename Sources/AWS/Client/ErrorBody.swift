import Foundation

/// What a service's error says, in either of the two ways services write it.
struct ErrorBody: Equatable, Sendable {
    var code: String?
    var message: String?
    var requestID: String?

    /// - Parameter errorType: The header `x-amzn-ErrorType`, which names the error where the body does not.
    init(_ body: [UInt8], format: ServiceRequest.ErrorFormat, errorType: String?) {
        switch format {
        case .json: readJSON(body)
        case .xml: readXML(String(decoding: body, as: UTF8.self))
        }
        code = (code ?? errorType).map(Self.bareName).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// AWS JSON: `__type`, and `message` in either case.
    private mutating func readJSON(_ body: [UInt8]) {
        guard let fields = try? JSONSerialization.jsonObject(with: Data(body)) as? [String: Any] else { return }
        code = fields["__type"] as? String ?? fields["code"] as? String
        message = fields["message"] as? String ?? fields["Message"] as? String
    }

    private mutating func readXML(_ text: String) {
        code = XMLText.element("Code", in: text)
        message = XMLText.element("Message", in: text)
        // EC2 has a spelling of its own.
        requestID = XMLText.element("RequestId", in: text) ?? XMLText.element("RequestID", in: text)
    }

    /// `com.amazonaws.kms#NotFoundException:http://...` is a NotFoundException.
    private static func bareName(_ code: String) -> String {
        let afterNamespace = code.split(separator: "#", omittingEmptySubsequences: false).last.map(String.init) ?? code
        return Printable.text(String(afterNamespace.prefix { $0 != ":" }), limit: 128)
    }
}
