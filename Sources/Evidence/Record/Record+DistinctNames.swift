import CryptoPrimitives

extension Record {
    /// Demands of what KMS named that it is what KMS gives, and no one thing for two: material that it names by 32 bytes, a
    /// token for each fetch, which lives for 24 hours, a request id for each call. That a wrapping key is another each time is
    /// nothing that AWS says (API reference, GetParametersForImport).
    ///
    /// - Throws: `EvidenceError` naming the line.
    func demandDistinctNames() throws {
        var seen = SeenNames()
        for line in transcript.lines {
            if let fault = seen.fault(of: line, in: self) {
                throw EvidenceError(Transcript.path, line: line.seq, fault)
            }
        }
    }

    /// Whether people's words stand on record, which nobody's signature ties to them.
    var hasWordsOfPeople: Bool {
        transcript.lines.contains { [.note, .exception, .exhibit, .aborted].contains($0.event.kind) }
    }
}

extension Fetched {
    /// For how many seconds KMS takes a wrapping key and its token.
    /// <https://docs.aws.amazon.com/kms/latest/APIReference/API_GetParametersForImport.html>
    private static let lifetime: Int64 = 24 * 3600

    /// Until when a pair is good at most of which KMS's answer is on record at this time: as long as KMS gives, and how far
    /// two clocks may be apart.
    package static func latestEnd(at time: Timestamp) -> Timestamp {
        time.advanced(bySeconds: lifetime + TimeStampFiles.clockTolerance)
    }
}

extension Event {
    /// AWS's id of the call whose answer this is; nil where there was no answer, or none that had one.
    fileprivate var request: String? {
        let request: String? =
            switch self {
            case .fetched(let body): body.request
            case .created(let body): body.learned.request
            case .imported(let body): body.learned.request
            case .proved(let body): body.learned.request
            case .rotated(let body): body.learned.request
            case .aliasSet(let body): body.learned.request
            case .revoked(let body): body.learned.request
            case .refused(let body): body.request
            default: nil
            }
        return request == Learned.unknownRequest ? nil : request
    }
}

/// What of each kind was named, and for which slot.
private struct SeenNames {
    private var tokens: Set<SHA256Digest> = []
    private var materials: [String: String] = [:]
    private var requests: Set<String> = []

    /// What is wrong with what a line names; nil for nothing.
    mutating func fault(of line: JournalLine, in record: Record) -> String? {
        if let fault = fault(of: line.event, at: line.at, in: record) { return fault }
        guard let request = line.event.request, !requests.insert(request).inserted else { return nil }
        return "one request id for two calls"
    }

    private mutating func fault(of event: Event, at time: Timestamp, in record: Record) -> String? {
        switch event {
        case .fetched(let body):
            guard tokens.insert(body.token).inserted else { return "one import token for two fetches" }
            return body.validUntil > Fetched.latestEnd(at: time)
                ? "an import token for longer than the 24 hours that KMS gives" : nil
        case .imported(let body):
            guard let planned = record.plannedSlots[body.slot], planned.keySpec.keepsMaterials,
                planned.reimported == nil
            else { return nil }
            if Hex.decode(body.material)?.count != 32 { return "material with an id that KMS gives none" }
            if body.material == planned.currentMaterial { return "new material with the id of the current one" }
            let owner = materials.updateValue(body.slot, forKey: body.material)
            return owner ?? body.slot != body.slot ? "one material id for two keys" : nil
        default: return nil
        }
    }
}
