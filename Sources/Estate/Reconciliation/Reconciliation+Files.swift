package import Evidence

extension Reconciliation {
    /// Takes in exported events.
    ///
    /// - Throws: `EstateError` for a file that is none of CloudTrail's, or not whole; for more than can be kept.
    package mutating func read(_ files: EventFiles) throws -> EventsRead {
        let names = watched
        let place: KeyValuePairs<StaticString, String> = [
            "eventSource": AWSEvent.kms, "awsRegion": aws.region, "recipientAccountId": aws.account,
        ]
        var read = EventsRead(of: period)
        for file in files.leftOut { try read.add(file) }
        let unread = try files.read { record, path, number in
            read.count()
            let glance = RecordGlance(record)
            // Times of one form compare as texts do; of another form, who decodes the record complains.
            if let time = glance.time, read.isNews(time), glance.holds(place) { read.reaches(Timestamp(time)) }
            guard glance.canBe(names) else { return }
            for bytes in AWSEvent.texts(exported: Array(record)) where AWSEvent.canBeOfKMS(bytes) {
                do {
                    let event = try AWSEvent(bytes)
                    if isHere(event) { read.reaches(event.at) }
                    try keep(event)
                } catch let error as AWSEvent.Malformed {
                    try read.add(EstateError(path, "record \(number): \(error.reason)"))
                }
            }
        }
        for file in unread { try read.add(file) }
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
    /// AWS nests some six deep.
    private static let deepest = 64

    /// Whether bytes are an event of KMS, or no event at all, which whoever reads it strictly says. Where a name stands twice,
    /// any value can be the one that counts.
    package static func canBeOfKMS(_ bytes: [UInt8]) -> Bool {
        do throws(StrictJSONFlaw) {
            return try StrictJSON(bytes, deepest: deepest)["eventSource"]?.string.map { $0 == kms } ?? true
        } catch {
            guard case .twice = error.reason else { return true }
            return bytes.withUnsafeBytes { RecordGlance($0).canName(kms) }
        }
    }

    /// The event that lies in a file by itself, or as a text in what LookupEvents answered; both where a record is both.
    package static func texts(exported bytes: [UInt8]) -> [[UInt8]] {
        guard let json = try? StrictJSON(bytes, deepest: deepest), let event = json["CloudTrailEvent"]?.string else {
            return [bytes]
        }
        return (json["eventSource"] == nil ? [] : [bytes]) + [Array(event.utf8)]
    }
}
