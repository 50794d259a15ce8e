import CryptoPrimitives

extension Record {
    /// Demands of what KMS named that it is what KMS gives, and no one thing for two: material that it names by 32 bytes, a
    /// token for each import.
    ///
    /// - Throws: `EvidenceError` naming the line.
    func demandDistinctNames() throws {
        var seen = SeenNames()
        for line in transcript.lines {
            if let fault = seen.fault(of: line.event, in: self) {
                throw EvidenceError(Transcript.path, line: line.seq, fault)
            }
        }
    }

    /// Whether people's words stand on record, which nobody's signature ties to them.
    var hasWordsOfPeople: Bool {
        transcript.lines.contains { [.note, .exception, .exhibit, .aborted].contains($0.event.kind) }
    }
}

/// What of one kind was named for which slot, and for which of its purposes.
private struct SeenNames {
    private var tokens: [SHA256Digest: String] = [:]
    private var materials: [String: String] = [:]

    /// What is wrong with what a line names; nil for nothing.
    mutating func fault(of event: Event, in record: Record) -> String? {
        switch event {
        case .fetched(let body):
            let owner = "\(body.slot)/\(body.purpose.rawValue)"
            return tokens.updateValue(owner, forKey: body.token) ?? owner != owner
                ? "one import token for two imports" : nil
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
