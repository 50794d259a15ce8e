package import CryptoPrimitives

/// Every roster from the first, which all its members accepted, to the current, each changed by the quorum of the one
/// before it and accepted by the newcomers.
package struct RosterChain: Sendable {
    /// From the first to the current; never empty.
    private let editions: [RosterEdition]
    /// Every file that it is made of, by its path.
    package let files: [String: [UInt8]]

    package var current: RosterEdition { editions[editions.count - 1] }
    package var count: Int { editions.count }

    /// Reads the chain forward, and checks every signature.
    ///
    /// - Parameter isOpen: Whether signatures over the current roster may still be missing.
    /// - Throws: `RosterFault` for the first file that does not hold.
    package init(reading folder: some EvidenceFolder, isOpen: Bool = false) throws {
        var reader = RosterChainReader(folder: folder)
        let sequence = try reader.roster(at: .current).sequence
        var editions: [RosterEdition] = []
        for number in 1..<sequence {
            editions.append(try reader.edition(at: .earlier(number), after: editions.last, isOpen: false))
        }
        editions.append(try reader.edition(at: .current, after: editions.last, isOpen: isOpen))
        self.editions = editions
        files = reader.files
    }

    /// The number of the roster with this digest.
    package func number(of digest: SHA256Digest) -> Int? {
        editions.first { $0.digest == digest }?.roster.sequence
    }

    /// The roster whose members all signed it.
    package var first: RosterEdition { editions[0] }
    /// Those that changed the one before them, in their order.
    package var changes: ArraySlice<RosterEdition> { editions.dropFirst() }

    /// What the folder of the roster that follows this chain begins with: the same files, in the places of earlier ones.
    package var filesBeforeNext: [String: [UInt8]] {
        let place = RosterPlace.earlier(count)
        return Dictionary(
            uniqueKeysWithValues: files.map { path, bytes in (RosterPlace.current.moved(path, to: place), bytes) })
    }

    /// Refuses what lies among the chain's signatures and rosters, and is none of them. What is being written is left alone.
    ///
    /// - Throws: `RosterFault` naming the file.
    package func requireNoOthers(in folder: some EvidenceFolder) throws {
        let others = try folder.files().filter { path in
            (path.hasPrefix("roster/") || path.hasPrefix("rosters/")) && files[path] == nil
                && !path.hasSuffix(Manifest.partialSuffix)
        }
        guard let path = others.min() else { return }
        throw RosterFault(
            path: path,
            cause: RosterError(
                problem: "it is signed by nobody who may sign a roster of this chain, and is none of its rosters",
                remedy: "take it away, and find out who put it there"))
    }

    /// The digests of the rosters that lie in a folder, whether they hold or not.
    package static func digests(in folder: some EvidenceFolder) throws -> [SHA256Digest] {
        var digests = [SHA256Digest(of: try folder.read(Roster.path))]
        // Nothing is wrong with a chain that ends.
        while let bytes = try? folder.read(RosterPlace.earlier(digests.count).file) {
            digests.append(SHA256Digest(of: bytes))
        }
        return digests
    }
}

/// The file of a chain of rosters that does not hold, and why.
package struct RosterFault: Error, CustomStringConvertible {
    package let path: String
    /// `EvidenceError`, `CanonicalJSONError` or `RosterError`.
    package let cause: any Error

    package var description: String { evidence.description }

    /// The same as of evidence.
    package var evidence: EvidenceError {
        switch cause {
        case let error as EvidenceError: error
        case let error as RosterError: EvidenceError(path, "\(error.problem); \(error.remedy)")
        default: EvidenceError(path, "it is no roster in canonical form; at \(cause)")
        }
    }
}

private struct RosterChainReader<Folder: EvidenceFolder> {
    let folder: Folder
    private(set) var files: [String: [UInt8]] = [:]
    private var listing: Set<String>?

    init(folder: Folder) { self.folder = folder }

    func roster(at place: RosterPlace) throws -> Roster {
        try naming(place.file) { try Roster(json: try folder.read(place.file)) }
    }

    mutating func edition(
        at place: RosterPlace, after last: RosterEdition?, isOpen: Bool
    ) throws -> RosterEdition {
        let roster = try roster(at: place)
        let bytes = try read(place.file)
        var edition = try naming(place.file) { try RosterEdition(roster, bytes: bytes, after: last) }
        for member in edition.accepting {
            let path = place.acceptance(of: member)
            guard try !isOpen || isPresent(path) else { continue }
            let signature = try read(path)
            try naming(path) { try edition.accept(by: member, signature: signature) }
        }
        for member in edition.consenting {
            let path = place.consent(of: member)
            guard try isPresent(path) else { continue }
            let signature = try read(path)
            try naming(path) { try edition.consent(by: member, signature: signature) }
        }
        if !isOpen { try naming(place.file) { try edition.requireQuorum() } }
        return edition
    }

    /// Lists the folder once, and not at all for a roster that everybody on it must have signed.
    private mutating func isPresent(_ path: String) throws -> Bool {
        let listing = try self.listing ?? naming(path) { Set(try folder.files()) }
        self.listing = listing
        return listing.contains(path)
    }

    private mutating func read(_ path: String) throws -> [UInt8] {
        let bytes = try naming(path) { try folder.read(path) }
        files[path] = bytes
        return bytes
    }
}

/// Names the file in what a reader of it finds wrong with it. That it cannot be read just then says nothing of it.
private func naming<T>(_ path: String, _ body: () throws -> T) throws -> T {
    do { return try body() } catch  where error is EvidenceError || error is CanonicalJSONError || error is RosterError
    {
        throw RosterFault(path: path, cause: error)
    }
}
