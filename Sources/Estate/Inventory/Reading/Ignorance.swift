package import AWS
import Synchronization

/// That a service does not know an operation, which is newer than what it is, or none of its partition; or that it fails at
/// it, whatever it is asked about. It is not asked on, then.
package final class Ignorance: Sendable {
    private struct State {
        var said: AWSError?
        /// Failures without a good answer between them.
        var failures = 0
    }

    private let state = Mutex(State())

    package init() {}

    /// What it said; nil while it may know the operation.
    package var error: AWSError? { state.withLock(\.said) }

    /// Takes in that a call was answered.
    package func takeAnswer() { state.withLock { $0.failures = 0 } }

    /// Takes in what came of a call.
    package func take(_ error: AWSError) {
        guard case .service(let refusal) = error else { return }
        state.withLock { state in
            if refusal.status >= Self.fault { state.failures += 1 }
            if Self.tellsOfNone(refusal) || state.failures >= Self.patience { state.said = state.said ?? error }
        }
    }

    private static func tellsOfNone(_ refusal: ServiceError) -> Bool {
        codes.contains(refusal.code.rawValue) || refusal.code == .unnamed && statuses.contains(refusal.status)
    }

    /// The service's own fault: it was asked again already, as often as the retry rule has it.
    private static let fault = 500
    /// So many faults in a row are not of what it was asked about.
    private static let patience = 3
    /// Of a service that gives no code for what it does not know; a proxy's 502 is not one of these.
    private static let statuses: Set = [400, 404, 501]
    private static let codes: Set = ["UnknownOperationException", "UnknownOperation", "InvalidAction"]
}
