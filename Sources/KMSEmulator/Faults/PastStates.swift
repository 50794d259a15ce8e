import Foundation

/// How the keys stood before each of the last changes.
struct PastStates {
    private struct Moment {
        /// When the state ended, and after how many calls.
        let end: Date
        let calls: Int
        let state: KeyringState
    }

    /// Nobody's answers lag behind by more changes.
    private static let longest = 1024

    private var moments: [Moment] = []
    private var opened: KeyringState?
    /// How many calls were answered.
    var calls = 0

    /// A change begins, unless one has already.
    mutating func open(before state: KeyringState) {
        if opened == nil { opened = state }
    }

    /// The change that had begun, if one had, is made.
    mutating func close(at now: Date) {
        guard let state = opened else { return }
        opened = nil
        moments.append(Moment(end: now, calls: calls, state: state))
        if moments.count > Self.longest { moments.removeFirst(Self.longest / 2) }
    }

    /// - Returns: How the keys stood so long ago; nil if they have not changed since.
    func state(_ lag: Lag, now: Date) -> KeyringState? {
        switch lag {
        case .seconds(let seconds): moments.first { $0.end > now.addingTimeInterval(-seconds) }?.state
        case .calls(let count): moments.first { $0.calls >= calls - count }?.state
        }
    }
}
