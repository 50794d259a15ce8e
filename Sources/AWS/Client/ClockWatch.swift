package import Foundation
import Synchronization

/// Holds the Date of every answer to this host's clock: one for all clients of a run.
///
/// What it found stays: an answer with a wrong Date is not made good by a later one.
/// Answers without a Date say nothing.
package final class ClockWatch: Sendable {
    /// Both times, when an answer came.
    package struct Difference: Hashable, Sendable {
        package let service: Date
        package let host: Date

        package init(service: Date, host: Date) {
            self.service = service
            self.host = host
        }
    }

    /// What both may differ by, in seconds: AWS takes no signature beyond it.
    package static let tolerance = 300.0

    private let found = Mutex<Difference?>(nil)

    package init() {}

    /// The first that was more than the tolerance.
    package var difference: Difference? { found.withLock { $0 } }

    /// Forgets what it found, for a run that begins by comparing both anew.
    package func begin() { found.withLock { $0 = nil } }

    /// - Parameters:
    ///   - service: What an answer says that the time is.
    ///   - host: What this host says.
    package func heard(_ service: Date, at host: Date) {
        guard abs(service.timeIntervalSince(host)) > Self.tolerance else { return }
        found.withLock { $0 = $0 ?? Difference(service: service, host: host) }
    }
}
