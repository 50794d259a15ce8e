package import Evidence

/// What was seen while events were read.
package struct EventsRead: Sendable {
    /// Who reads on after so many has other files than CloudTrail's.
    private static let mostUnreadable = 1000

    /// How many records there were.
    package private(set) var records = 0
    /// Up to when there are records of KMS in the ceremony's account and Region; nil where there are none.
    package private(set) var newest: Timestamp?
    /// What may be about the ceremony and could not be read: where it lies, and why.
    package private(set) var unreadable: [EstateError] = []
    private var newestText = ""
    /// When it was asked, by AWS's clock; nil of exported events.
    private let asked: Timestamp?

    /// - Parameter asked: When AWS was asked, by its own clock; nil of exported events.
    init(asked: Timestamp? = nil) {
        newest = asked
        self.asked = asked
    }

    /// Up to when AWS's record was seen: as somebody says, or as far as the events themselves reach.
    ///
    /// - Parameters:
    ///   - said: When the events were exported, if somebody says so.
    ///   - now: By this host's clock, which counts where AWS gave no time of its own.
    /// - Returns: nil where nothing tells.
    /// - Throws: `EstateError` for what is yet to come: of what nobody could have seen nothing is missing.
    package func asOf(_ said: Timestamp?, now: Timestamp) throws -> Timestamp? {
        guard let asOf = said ?? newest else { return nil }
        if let asked, asOf > asked {
            throw EstateError("--as-of", "\(asOf) is yet to come: CloudTrail was asked at \(asked); leave it out")
        }
        if asked == nil, asOf > now.advanced(bySeconds: TimeStampFiles.clockTolerance) {
            let what = said == nil ? "the newest event's time, \(asOf)," : "\(asOf)"
            throw EstateError(
                said == nil ? "--events" : "--as-of",
                "\(what) is yet to come: by this host's clock it is \(now); look which of them is wrong")
        }
        return asOf
    }

    mutating func count() { records += 1 }

    /// Whether a time, as events write it, lies after all before it.
    func isNewer(_ time: String) -> Bool { time > newestText }

    mutating func reaches(_ time: Timestamp?) {
        guard let time, time >= newest ?? time else { return }
        newest = time
        newestText = time.description
    }

    /// - Throws: `EstateError` for one too many.
    mutating func add(_ error: EstateError) throws {
        guard unreadable.count < Self.mostUnreadable else {
            throw EstateError(
                error.path, "over \(Self.mostUnreadable) records cannot be read; is it what CloudTrail wrote?")
        }
        unreadable.append(error)
    }
}
