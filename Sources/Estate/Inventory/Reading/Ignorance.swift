import AWS
import Synchronization

/// That a service does not know an operation: newer than what it is, or none of its partition. It is asked once, then.
final class Ignorance: Sendable {
    private let said = Mutex<AWSError?>(nil)

    /// What it said; nil while it may know the operation.
    var error: AWSError? { said.withLock { $0 } }

    /// Takes in what came of a call.
    func take(_ error: AWSError) {
        guard let code = error.code, code == .unnamed || Self.codes.contains(code.rawValue) else { return }
        said.withLock { $0 = $0 ?? error }
    }

    private static let codes: Set = ["UnknownOperationException", "UnknownOperation", "InvalidAction"]
}
