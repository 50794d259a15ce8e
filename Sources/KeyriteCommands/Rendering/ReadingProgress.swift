package import Estate
import Foundation
import Glibc
import Synchronization

/// How far an inventory is, in one line of the terminal that is written again and again; nothing where there is none.
package final class ReadingProgress: Sendable {
    private struct Stage {
        let total: Int
        let start = ContinuousClock.now
        var done = 0
    }

    private let isShown: Bool
    private let stage: Mutex<Stage>

    /// - Parameter total: Units that are to be read.
    package init(of total: Int) {
        stage = Mutex(Stage(total: total))
        isShown = isatty(STDERR_FILENO) == 1
        stage.withLock { show($0, nil) }
    }

    /// Others come after all of before.
    package func expect(_ total: Int) {
        stage.withLock { stage in
            stage = Stage(total: total)
            show(stage, nil)
        }
    }

    /// A unit is done.
    package func did(_ unit: InventoryUnit) {
        stage.withLock { stage in
            stage.done += 1
            show(stage, unit)
        }
    }

    /// Takes the line away.
    package func end() {
        if isShown { Self.write("\r\u{1B}[K") }
    }

    private func show(_ stage: Stage, _ unit: InventoryUnit?) {
        guard isShown else { return }
        let line = Self.line(
            stage.done, of: stage.total, after: ContinuousClock.now - stage.start, last: unit, columns: Self.columns)
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
