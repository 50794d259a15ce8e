/// How a service is asked, and how it answers.
///
/// <https://smithy.io/2.0/aws/protocols/index.html>
package enum WireProtocol: Hashable, Sendable {
    /// AWS JSON: `targetPrefix` stands before the operation in `X-Amz-Target`.
    case json(version: JSONVersion, targetPrefix: String)
    /// A form is asked with, XML is answered; `version` is the one that goes with the actions.
    case query(version: String)
    /// As the former, with other names of lists, and without an element around the result.
    case ec2(version: String)
    /// GET with path and query; answered in XML.
    case restXML
    /// GET with path and query; answered in JSON.
    case restJSON

    /// As it stands in the Content-Type, `application/x-amz-json-…`.
    package enum JSONVersion: String, Hashable, Sendable {
        case v10 = "1.0"
        case v11 = "1.1"
    }

    var errorFormat: ServiceRequest.ErrorFormat {
        switch self {
        case .json, .restJSON: .json
        case .query, .ec2, .restXML: .xml
        }
    }
}
