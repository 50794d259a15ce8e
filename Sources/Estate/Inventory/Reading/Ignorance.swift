import AWS
import Synchronization

/// That a service does not know an operation: newer than what it is, or none of its partition. It is asked once, then.
final class Ignorance: Sendable {
    private let said = Mutex<AWSError?>(nil)

    /// What it said; nil while it may know the operation.
    var error: AWSError? { said.withLock { $0 } }

    /// Takes in what came of a call.
    func take(_ error: AWSError) {
        guard case .service(let refusal) = error,
            Self.codes.contains(refusal.code.rawValue)
                || refusal.code == .unnamed && Self.statuses.contains(refusal.status)
        else { return }
        said.withLock { $0 = $0 ?? error }
    }

    /// Of a service that gives no code for what it does not know; a proxy's 502 is not one of these.
    private static let statuses: Set = [400, 404, 501]
    private static let codes: Set = ["UnknownOperationException", "UnknownOperation", "InvalidAction"]
}
