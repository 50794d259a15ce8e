import AWS
import Foundation

/// Makes an event of a call and its answer.
struct CallRecorder: Sendable {
    let trail: EventTrail
    /// The one user that there is.
    let user: TrailCaller

    /// A call that was made.
    struct Call: Sendable {
        /// Such as `kms.amazonaws.com`.
        let source: String
        let operation: String
        let caller: TrailCaller
        let region: String
        let requestID: String
        let request: WireRequest
        /// Its number, which it had when it came.
        let number: Int
        /// ARNs of aliases and keys that it named, before it had an effect.
        var named: [String] = []
    }

    /// - Parameters:
    ///   - answer: What the service had to say, whether or not that reached the caller.
    ///   - now: The service's time.
    func record(_ call: Call, answer: WireAnswer, now: Date) {
        trail.countCall()
        guard ServedOperations.all.contains(call.operation) else { return }
        var record = EventRecord(
            id: UUID().uuidString.lowercased(), name: call.operation, source: call.source, region: call.region,
            account: call.caller.account, time: now, isReadOnly: RecordedOperation.isReadOnly(call.operation),
            origin: .call(
                requestID: call.requestID, caller: call.caller, address: call.request.address,
                userAgent: call.request.header("User-Agent") ?? ""),
            resources: call.named)
        if call.source == ServiceEvent.source { describe(call, answer, in: &record) }
        if call.operation == AssumeRole.name { record.requestParameters = STSFrontend.recorded(call.request) }
        trail.record(record, sequence: call.number, now: now)
    }

    private func describe(_ call: Call, _ answer: WireAnswer, in record: inout EventRecord) {
        record.requestParameters = RecordedOperation.requestParameters(
            call.operation, RecordedMembers(in: call.request.body))
        guard answer.status == 200 else {
            let refusal = (try? KMSWire.decode([String: String].self, from: answer.body)) ?? [:]
            // That is how CloudTrail calls it.
            record.errorCode = refusal["__type"].map { $0 == "AccessDeniedException" ? "AccessDenied" : $0 }
            record.errorMessage = refusal["message"]
            return
        }
        guard call.named.isEmpty || RecordedOperation.isRecordedWithAnswer(call.operation) else { return }
        let answered = RecordedMembers(in: answer.body)
        let keys = Self.keys(answered)
        if call.named.isEmpty || call.operation == ReEncrypt.name { record.resources = keys }
        record.responseElements = RecordedOperation.responseElements(
            call.operation, answered, key: record.resources.last)
        record.additionalData = RecordedOperation.additionalData(call.operation, answered, body: answer.body)
    }

    /// ARNs of the keys that an answer names; of two, the source first.
    private static func keys(_ answered: RecordedMembers) -> [String] {
        [answered["sourceKeyId"], answered["keyId"], answered.members["keyMetadata"]?["arn"]?.string]
            .compactMap(\.self).filter { $0.hasPrefix("arn:") }
    }
}
