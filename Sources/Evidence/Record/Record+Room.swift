import CryptoPrimitives

extension Record {
    /// The gate that opens next: of a ceremony that was aborted, the close alone.
    package var nextGate: Gate? {
        guard aborted != nil else { return plan.gates.first { !gates.isPassed($0) } }
        return gates.isPassed(.close) ? nil : .close
    }

    /// Takes in what people in the room put on record.
    mutating func admitFromRoom(_ line: JournalLine, digest: SHA256Digest, folder: some EvidenceFolder) throws {
        switch line.event {
        case .note(let note):
            try demandPerson(note.by)
            try demandText(note.text)
            // The close seals the lines before it: one that comes while it is open needs a new attempt.
            if gates.open?.statement.gate == .close { gates.void() }
        case .exception(let deviation):
            try demandPerson(deviation.by)
            for text in [deviation.what, deviation.why, deviation.remedy] { try demandText(text) }
            if let machine = deviation.machine { try admit(machine, by: deviation.by, on: line) }
            exceptions.append((StatedException(seq: line.seq, exception: deviation), digest))
            gates.void()
        case .exhibit(let exhibit): try admit(exhibit, folder: folder)
        case .aborted(let body):
            try demandPerson(body.by)
            try demandText(body.reason)
            try demand(aborted == nil, "a second abort")
            aborted = body
            // What was intended last may have had its effect, or not: the people who close sign that they know.
            unsettled = unknownEffect
            openIntent = nil
            gates.void()
        default: throw RecordViolation(reason: "nothing that people say")
        }
    }

    private mutating func admit(_ exhibit: Exhibit, folder: some EvidenceFolder) throws {
        try demandPerson(exhibit.by)
        try demandText(exhibit.what)
        try demand(exhibit.isFit, "the exhibit's name is not fit for a file")
        try demand(!exhibits.contains { $0.name == exhibit.name }, "a second exhibit named \(exhibit.name)")
        guard SHA256Digest(of: try folder.read(exhibit.path)) == exhibit.file else {
            throw EvidenceError(exhibit.path, "it is not the file that the transcript recorded")
        }
        exhibits.append(exhibit)
        gates.void()
    }

    private func demandPerson(_ name: String) throws {
        try demand(roster.member(named: name) != nil, "it was said by nobody on the roster")
    }

    func demandText(_ text: String) throws {
        try demand(!text.isEmpty, "it says nothing")
        do { _ = try PercentEncoding.decode(text) } catch { throw RecordViolation(reason: "\(error)") }
    }
}
