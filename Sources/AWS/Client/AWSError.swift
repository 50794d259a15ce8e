/// Why a call to AWS has no good answer.
package enum AWSError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Settings from which no call can be made; nothing was sent.
    case configuration(String)
    /// No connection came about; nothing was sent.
    case unreachable(operation: String, endpoint: Endpoint, reason: String)
    /// The server did not prove to be the one it should be; nothing was sent.
    case untrusted(operation: String, endpoint: Endpoint, reason: String)
    /// The service refused.
    case service(ServiceError)
    /// The question may have arrived and no usable answer came back: **the call may have taken effect**. Read the
    /// state before asking again.
    case answerLost(operation: String, endpoint: Endpoint, reason: String)
    /// A call that may be asked again safely brought no answer that can be read, however often it was asked.
    case unanswered(operation: String, endpoint: Endpoint, reason: String)
    /// The same, which brought no answer, or not all of one: the time was up, or the connection ended.
    case noAnswer(operation: String, endpoint: Endpoint, reason: String)

    /// The service's code, if the service refused.
    package var code: ServiceError.Code? {
        if case .service(let error) = self { error.code } else { nil }
    }

    package var description: String {
        switch self {
        case .configuration(let reason): reason
        case .unreachable(let operation, let endpoint, let reason):
            "\(operation) was not sent: \(endpoint) cannot be reached (\(reason)). Check network and endpoint."
        case .untrusted(let operation, let endpoint, let reason):
            "\(operation) was not sent: \(endpoint) did not prove its identity (\(reason)). "
                + "Check the endpoint and the CA certificates; do not go on if neither is wrong."
        case .service(let error): error.description
        case .answerLost(let operation, let endpoint, let reason):
            "\(operation) was sent to \(endpoint) and its answer was lost (\(reason)). It may have taken effect: "
                + "read the state before trying again."
        case .unanswered(let operation, let endpoint, let reason):
            "\(operation) brought no usable answer from \(endpoint) (\(reason)). Try again: that does no harm. If it stays so, something "
                + "else answers there: check endpoint and proxy."
        case .noAnswer(let operation, let endpoint, let reason):
            "\(operation) brought no answer from \(endpoint) (\(reason)). Check network and endpoint, then try again: that does no "
                + "harm."
        }
    }
}
