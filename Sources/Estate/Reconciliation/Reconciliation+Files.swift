import Evidence
import Foundation

extension Reconciliation {
    /// Takes in exported events.
    ///
    /// - Throws: `EstateError` for a file that is none of CloudTrail's, or not whole.
    package mutating func read(_ files: EventFiles) throws -> EventsRead {
        let names = watched
        var read = EventsRead()
        var newest = ""
        try files.read { record, path, number in
            read.count()
            let glance = RecordGlance(record)
            // Times of one form compare as texts do; of another form, who decodes the record complains.
            if let time = glance.time, time > newest, let time = Timestamp(time) { newest = time.description }
            guard glance.canBe(names) else { return }
            do {
                let event = try AWSEvent(exported: Array(record))
                newest = max(newest, event.at.description)
                take(event)
            } catch let error as AWSEvent.Malformed {
                guard read.unreadable.count < Self.mostUnreadable else {
                    throw EstateError(
                        path, "over \(Self.mostUnreadable) records cannot be read; is it what CloudTrail wrote?")
                }
                read.add(EstateError(path, "record \(number): \(error.reason)"))
            }
        }
        return read.upTo(Timestamp(newest))
    }

    private static let mostUnreadable = 1000
}

extension AWSEvent {
    /// Reads an event that lies in a file by itself, or in what LookupEvents answered.
    ///
    /// - Throws: `Malformed`.
    package init(exported bytes: [UInt8]) throws {
        if let wrapper = try? JSONDecoder().decode(LookedUpEvent.self, from: Data(bytes)) {
            try self.init(Array(wrapper.event.utf8))
        } else {
            try self.init(bytes)
        }
    }
}

/// An event as LookupEvents answers it: a text among other members.
private struct LookedUpEvent: Decodable {
    private enum CodingKeys: String, CodingKey {
        case event = "CloudTrailEvent"
    }
    let event: String
}
