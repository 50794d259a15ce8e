import CryptoPrimitives

extension Record {
    /// Checks a hand-over that the last line announced: its document, its signature, and the files that it lists.
    ///
    /// - Throws: `EvidenceError` naming the file that does not hold.
    @discardableResult
    package func check(_ announced: AnnouncedHandover, folder: some EvidenceFolder) throws -> Handover {
        let (path, signature) = (Handover.path(announced.number), Handover.signaturePath(announced.number))
        let handover = try Handover.check(
            try folder.read(path), signature: try folder.read(signature), announced: announced, plan: plan)
        try checkFiles(of: handover, folder: folder)
        return handover
    }

    /// What stays as it is must lie in the folder as it was handed over; of all else, only what may come and go is listed.
    ///
    /// - Throws: `EvidenceError` naming the file that does not hold.
    package func checkFiles(of handover: Handover, folder: some EvidenceFolder) throws {
        let path = Handover.path(handover.number)
        let lasting = try lastingFiles(before: handover.number, in: folder)
        let listed = Dictionary(uniqueKeysWithValues: handover.files.map { ($0.path, $0.sha256) })
        for file in lasting.sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
            guard let digest = listed[file] else { throw EvidenceError(file, "\(path) does not list it") }
            guard SHA256Digest(of: try folder.read(file)) == digest else {
                throw EvidenceError(file, "it is not the file that \(path) lists")
            }
        }
        if let stranger = handover.files.first(where: { !lasting.contains($0.path) && !mayBeHanded($0.path) }) {
            throw EvidenceError(path, "it lists \(stranger.path), which was no file of the ceremony then")
        }
    }

    /// The files of which nothing that follows changes a byte.
    private func lastingFiles(before number: Int, in folder: some EvidenceFolder) throws -> Set<String> {
        var files: Set<String> = [Plan.path, Roster.path, Roster.allowedSignersPath]
        files.formUnion(try folder.files().filter { $0.hasPrefix("roster/") || $0.hasPrefix("rosters/") })
        files.formUnion(statementPaths)
        files.formUnion(
            gates.decisions.map { Approval.path($0.gate, $0.attempt, $0.name) }.flatMap { [$0, $0 + ".sig"] })
        files.formUnion(exhibits.map(\.path))
        files.formUnion((1..<number).flatMap { [Handover.path($0), Handover.signaturePath($0)] })
        return files
    }

    /// Blobs and tokens, which go; the manifest of a close that did not come about; what was not put on record yet.
    private func mayBeHanded(_ path: String) -> Bool {
        let names = path.split(separator: "/", omittingEmptySubsequences: false)
        switch (names.first, names.count) {
        case (_, 1): return path == Manifest.path
        case ("exhibits", 2), ("wrapped", 2), ("tokens", 2): return Plan.isFileName(names[1])
        case ("approvals", 3):
            return statementPaths.contains("statements/\(names[1]).json")
                && roster.members.contains { ["\($0.name).json", "\($0.name).json.sig"].contains(String(names[2])) }
        default: return false
        }
    }

    private var statementPaths: Set<String> {
        Set(
            transcript.lines.compactMap {
                if case .gateOpened(let statement) = $0.event { statement.path } else { nil }
            })
    }
}
