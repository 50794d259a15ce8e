package import Evidence
import Foundation

extension Reconciliation {
    /// Takes in exported events.
    ///
    /// - Throws: `EstateError` for a file that is none of CloudTrail's, or not whole; for more than can be kept.
    package mutating func read(_ files: EventFiles) throws -> EventsRead {
        let names = watched
        let places = [AWSEvent.kms, aws.region, aws.account]
        var read = EventsRead()
        for file in files.leftOut { try read.add(file) }
        try files.read { record, path, number in
            read.count()
            let glance = RecordGlance(record)
            // Times of one form compare as texts do; of another form, who decodes the record complains.
            if let time = glance.time, read.isNewer(time), glance.holds(places) { read.reaches(Timestamp(time)) }
            guard glance.canBe(names) else { return }
            let bytes = AWSEvent.bytes(exported: Array(record))
            guard AWSEvent.canBeOfKMS(bytes) else { return }
            do {
                let event = try AWSEvent(bytes)
                if isHere(event) { read.reaches(event.at) }
                try keep(event)
            } catch let error as AWSEvent.Malformed {
                try read.add(EstateError(path, "record \(number): \(error.reason)"))
            }
        }
        return read
    }

    /// Takes in an event.
    ///
    /// - Throws: `EstateError` when there are more about the ceremony than anybody would look at.
    mutating func keep(_ event: AWSEvent) throws {
        do { try take(event) } catch {
            throw EstateError(
                "CloudTrail",
                "over \(Self.mostKept) events are about the ceremony's keys; find out who makes them, first")
        }
    }

    private func isHere(_ event: AWSEvent) -> Bool { event.region == aws.region && event.account == aws.account }
}

extension AWSEvent {
    /// Whether bytes are an event of KMS, or no event at all, which whoever reads it strictly says.
    package static func canBeOfKMS(_ bytes: [UInt8]) -> Bool {
        struct Head: Decodable {
            let eventSource: String
        }
        guard let head = try? JSONDecoder().decode(Head.self, from: Data(bytes)) else { return true }
        return head.eventSource == kms
    }

    /// The event that lies in a file by itself, or in what LookupEvents answered.
    package static func bytes(exported bytes: [UInt8]) -> [UInt8] {
        guard let wrapper = try? JSONDecoder().decode(ListedEvent.self, from: Data(bytes)) else { return bytes }
        return Array(wrapper.event.utf8)
    }
}

/// An event as LookupEvents answers it: a text among other members.
private struct ListedEvent: Decodable {
    private enum CodingKeys: String, CodingKey {
        case event = "CloudTrailEvent"
    }
    let event: String
}
