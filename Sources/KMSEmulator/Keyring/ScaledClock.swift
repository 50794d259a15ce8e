import Foundation

/// A clock that goes faster than the host's from some moment on.
struct ScaledClock: Sendable {
    /// How many of its seconds pass in one of the host's.
    private(set) var scale = 1.0
    private var start = Date.distantPast

    /// Has it show the host's time now, and go on from there.
    mutating func start(host: Date, scale: Double) {
        start = host
        self.scale = scale
    }

    func time(host: Date) -> Date {
        scale == 1 ? host : start.addingTimeInterval(host.timeIntervalSince(start) * scale)
    }
}
