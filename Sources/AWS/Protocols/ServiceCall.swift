/// One question to a service that changes nothing there, however often it is asked, and the shape of its answer.
///
/// Names and shapes are those of AWS's service models. What a service may leave out is optional in `Output`; unknown
/// members are passed over, and a wrong type is an error.
package struct ServiceCall<Output: Decodable & Sendable>: Sendable {
    package let service: Service
    /// `DescribeDBInstances`.
    package let operation: String
    /// By their names on the wire.
    package var parameters: [String: CallValue]
    /// Of REST alone: encoded, as it stands in the request line.
    package let path: String
    /// Of S3 alone: whose question it is.
    package let bucket: String?
    /// The element that a REST answer or one of EC2 is in.
    package let root: String?

    /// - Parameters:
    ///   - parameters: By their names on the wire; of REST, those of the query.
    ///   - path: Of REST alone, encoded.
    ///   - bucket: Of S3 alone.
    ///   - root: The element that the answer is in, where that is not named after the operation.
    package init(
        _ service: Service, _ operation: String, _ parameters: [String: CallValue] = [:], path: String = "/",
        bucket: String? = nil, root: String? = nil, answers: Output.Type = Output.self
    ) {
        self.service = service
        self.operation = operation
        self.parameters = parameters
        self.path = path
        self.bucket = bucket
        self.root = root
    }

    /// The same question with one parameter more.
    func with(_ name: String, _ value: String) -> Self {
        var call = self
        call.parameters[name] = .text(value)
        return call
    }
}

/// What a parameter of a call can be.
package enum CallValue: Hashable, Sendable {
    case text(String)
    case number(Int)
    case flag(Bool)
    case list([String])
    /// A name without a value, as S3 names what of a bucket is asked for.
    case bare
}
