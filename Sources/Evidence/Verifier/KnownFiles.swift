/// The files that a ceremony folder may have, by what its record says: anything else is refused, whoever listed it.
struct KnownFiles {
    private let files: Set<String>
    private let attempts: Set<String>
    private let members: Set<String>
    private let isSealed: Bool

    /// - Parameter isSealed: Whether the folder is looked at as its close would seal it.
    init(_ record: Record, rosters: RosterChain, isSealed: Bool = false) {
        let statements = record.transcript.lines.compactMap { line in
            if case .gateOpened(let statement) = line.event { statement } else { nil }
        }
        var files: Set<String> = [
            Plan.path, Roster.allowedSignersPath, Transcript.path, Manifest.path,
        ]
        files.formUnion(rosters.files.keys)
        files.formUnion(statements.map(\.path))
        files.formUnion(record.exhibits.map(\.path))
        let handovers = record.turns.received + (record.turns.carried == nil ? 0 : 1)
        for number in 0..<handovers {
            files.formUnion([Handover.path(number + 1), Handover.signaturePath(number + 1)])
        }
        // The close does not list its own approvals: they must be just those that the transcript recorded.
        let close = record.gates.statement(of: .close)
        for decision in record.gates.decisions where decision.gate == .close && decision.attempt == close?.attempt {
            let path = Approval.path(decision.gate, decision.attempt, decision.name)
            files.formUnion([path, path + ".sig"])
        }
        // What can only come after the close, which does not list it.
        if record.closed { files.formUnion(Manifest.pathsAfterClose) }
        self.files = files
        attempts = Set(statements.filter { $0 != close }.map { "\($0.gate.rawValue)-\($0.attempt)" })
        members = Set(record.roster.members.map(\.name))
        self.isSealed = isSealed || close != nil
    }

    /// Whether the folder may have this file.
    func contains(_ path: String) -> Bool {
        if files.contains(path) { return true }
        let names = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch (names.first, names.count) {
        // One that lies there before its line was written was left by a run that was killed between the two.
        case ("exhibits", 2): return !isSealed && Plan.isFileName(names[1])
        case ("wrapped", 2), ("tokens", 2): return !isSealed
        case ("approvals", 3):
            return attempts.contains(names[1])
                && members.contains { [$0 + ".json", $0 + ".json.sig"].contains(names[2]) }
        default: return false
        }
    }
}

extension Record {
    /// What lies in a folder and is no file of its ceremony: once a close has sealed it, nobody could verify the folder again.
    ///
    /// - Parameters:
    ///   - files: The paths of all files.
    ///   - rosters: From the first roster to the one that the ceremony is held by.
    /// - Returns: Their paths, sorted.
    package func strangers(among files: [String], rosters: RosterChain) -> [String] {
        let known = KnownFiles(self, rosters: rosters, isSealed: true)
        return files.filter { !known.contains($0) }.sorted()
    }
}
