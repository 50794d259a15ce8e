import Ceremony
import Evidence
import Foundation
import Room
import TestSupport

/// A host's clock that is not the machine's.
struct ShiftedClock: ClockPort {
    let seconds: Int

    func now() -> Timestamp { SystemClock().now().advanced(bySeconds: Int64(seconds)) }
    func wait(milliseconds: Int) async throws { try await SystemClock().wait(milliseconds: milliseconds) }

    /// What a program is started with, to have it; the build puts the library beside the tests.
    var environment: [String: String] {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        let library = tests.deletingLastPathComponent().appending(path: "libShiftedClock.so").path
        return ["LD_PRELOAD": library, "KEYRITE_CLOCK_OFFSET": "\(seconds)"]
    }
}
