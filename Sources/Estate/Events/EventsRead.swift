package import Evidence

/// What was seen while events were read.
package struct EventsRead: Sendable {
    /// How many records there were.
    package private(set) var records = 0
    /// Up to when there are records; nil where they do not say.
    package private(set) var newest: Timestamp?
    /// Records that may be about the ceremony and could not be read: where they lie, and why.
    package private(set) var unreadable: [EstateError] = []

    init(newest: Timestamp? = nil) {
        self.newest = newest
    }

    mutating func count() { records += 1 }

    mutating func add(_ error: EstateError) { unreadable.append(error) }

    func upTo(_ newest: Timestamp?) -> EventsRead {
        var read = self
        read.newest = newest
        return read
    }
}
