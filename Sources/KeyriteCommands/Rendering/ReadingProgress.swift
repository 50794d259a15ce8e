package import Estate
import Foundation
import Glibc
import Synchronization

/// How far an inventory is, in one line of the terminal that is written again and again; nothing where there is none.
package final class ReadingProgress: Sendable {
    private let total: Int
    private let isShown: Bool
    private let start = ContinuousClock.now
    private let done = Mutex(0)

    /// - Parameter total: Units that are to be read.
    package init(of total: Int) {
        self.total = total
        isShown = isatty(STDERR_FILENO) == 1
        show(0, nil)
    }

    /// A unit is done.
    package func did(_ unit: InventoryUnit) {
        done.withLock { done in
            done += 1
            show(done, unit)
        }
    }

    /// Takes the line away.
    package func end() {
        if isShown { Self.write("\r\u{1B}[K") }
    }

    private func show(_ done: Int, _ unit: InventoryUnit?) {
        guard isShown else { return }
        let line = Self.line(done, of: total, after: ContinuousClock.now - start, last: unit, columns: Self.columns)
        Self.write("\r\(line)\u{1B}[K")
    }

    /// The line, which is shorter than the terminal is wide.
    ///
    /// - Parameters:
    ///   - elapsed: Since the first unit was begun.
    ///   - last: The unit that was done last.
    package static func line(
        _ done: Int, of total: Int, after elapsed: Duration, last: InventoryUnit?, columns: Int
    ) -> String {
        let count = "\(done) of \(total) read"
        let left = remaining(done, of: total, after: elapsed).map { ", \($0) left" } ?? ""
        let what = last.map { ": \($0.service) \($0.account) \($0.region)" } ?? ""
        let fitting = [count + left + what, count + left, "\(done)/\(total)"].first { $0.count < columns }
        return fitting ?? ""
    }

    /// As long for each of the rest as for each so far.
    private static func remaining(_ done: Int, of total: Int, after elapsed: Duration) -> String? {
        guard done > 0, done < total else { return nil }
        let seconds = elapsed.components.seconds * Int64(total - done) / Int64(done)
        return switch seconds {
        case ..<90: "about \(max(seconds, 1)) s"
        case ..<5_400: "about \((seconds + 30) / 60) min"
        default: "about \((seconds + 1_800) / 3_600) h"
        }
    }

    private static var columns: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    private static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
