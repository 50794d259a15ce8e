import Foundation

extension ServiceCall {
    /// Reads what the service answered.
    ///
    /// - Throws: `DecodingError`, `XMLAnswer.Unexpected`; XMLParser's own error.
    package func output(from body: [UInt8]) throws -> Output {
        switch service.wire {
        case .json, .restJSON: try KMSWire.decode(Output.self, from: body)
        case .query:
            try XMLAnswer.decode(QueryAnswer<Output>.self, from: body, root: "\(operation)Response", operation).result
        case .ec2: try XMLAnswer.decode(Output.self, from: body, root: root ?? "\(operation)Response", operation)
        case .restXML: try XMLAnswer.decode(Output.self, from: body, root: root ?? "\(operation)Result", operation)
        }
    }
}

/// What is wrong with an answer; it quotes none of it.
enum AnswerComplaint {
    static func words(_ error: any Error) -> String {
        switch error {
        case let error as XMLAnswer.Unexpected: error.description
        case is DecodingError: KMSWire.complaint(error).replacing("is not JSON", with: "cannot be read")
        default: "cannot be read"
        }
    }
}
