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

    init(newest: Timestamp? = nil) {
        self.newest = newest
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
