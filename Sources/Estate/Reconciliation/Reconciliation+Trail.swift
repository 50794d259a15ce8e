package import AWS
package import Evidence
import Foundation

extension Reconciliation {
    /// Takes in what CloudTrail itself says of the ceremony's time, operation by operation, so that what others use keys
    /// for a million times is not asked for. LookupEvents reaches back 90 days, and answers twice a second.
    ///
    /// - Parameters:
    ///   - said: Up to when somebody says that AWS's record is seen; nil for now.
    ///   - progress: Is told of each operation before it is looked up.
    /// - Returns: What was read; `newest` is when the lookup began, by AWS's clock.
    /// - Throws: `AWSError`; `EstateError` where AWS's answer has no date, where `said` lies after it, and where the
    ///   ceremony began before what LookupEvents still tells of.
    package mutating func read(
        _ trail: CloudTrailClient, asOf said: Evidence.Timestamp?, progress: (String) -> Void
    ) async throws -> EventsRead {
        let first = try await trail.lookupEvents(LookupEvents.Input(maxResults: 1))
        guard let now = first.serverDate.map({ Evidence.Timestamp(epochSeconds: Int64($0.timeIntervalSince1970)) })
        else {
            throw EstateError(trail.endpoint.description, "its answer has no Date; look whether this is CloudTrail")
        }
        var read = EventsRead(of: period, asked: now)
        _ = try read.asOf(said, now: now)
        try demandReach(of: trail, at: now)
        let until = max(now, period.upperBound)
        for operation in watched.sorted() {
            progress(operation)
            let question = LookupEvents.Input(
                attribute: LookupAttribute(.eventName, operation),
                startTime: AWS.Timestamp(secondsSinceEpoch: Double(period.lowerBound.epochSeconds)),
                endTime: AWS.Timestamp(secondsSinceEpoch: Double(until.epochSeconds)))
            try await trail.eachPage(of: question) { for event in $0 { try take(event, &read) } }
        }
        return read
    }

    /// What lies further back is not missing from AWS's record: nobody can look it up.
    private func demandReach(of trail: CloudTrailClient, at now: Evidence.Timestamp) throws {
        let earliest = now.advanced(bySeconds: -LookupEvents.reach)
        guard period.lowerBound < earliest else { return }
        throw EstateError(
            trail.endpoint.description,
            "LookupEvents tells of nothing before \(earliest), 90 days back, and the ceremony's time begins at "
                + "\(period.lowerBound); give the events that a trail keeps in its bucket, with --events")
    }

    private mutating func take(_ event: LookedUpEvent, _ read: inout EventsRead) throws {
        read.count()
        // Other services have operations of the same names.
        guard event.source == AWSEvent.kms else { return }
        do {
            try keep(try AWSEvent(Array(event.text.utf8)))
        } catch let error as AWSEvent.Malformed {
            try read.add(EstateError("CloudTrail", "event \(event.id): \(error.reason)"))
        }
    }
}
