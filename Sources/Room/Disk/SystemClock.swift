import Ceremony
package import Evidence
import Glibc

/// This host's clock.
package struct SystemClock: ClockPort {
    package init() {}

    package func now() -> Timestamp {
        Timestamp(epochSeconds: Int64(time(nil)))
    }

    package func wait(milliseconds: Int) async throws {
        try await Task.sleep(for: .milliseconds(milliseconds))
    }
}
