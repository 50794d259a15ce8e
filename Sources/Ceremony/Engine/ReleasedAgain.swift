package import Evidence

extension Record {
    /// Why the release that is open is signed once more, where it is for other wrapping keys than the one before.
    package var whyReleasedAgain: String? {
        guard let open = gates.open?.statement, case .release(let wanted) = open.subject else { return nil }
        for case .gateOpened(let earlier) in transcript.lines.reversed().map(\.event) {
            guard earlier.attempt < open.attempt, case .release(let release) = earlier.subject else { continue }
            guard release.deadline < wanted.deadline else { return nil }
            return "The wrapping keys of attempt \(earlier.attempt) are good until \(release.deadline) only. "
                + "Others were fetched, and this attempt is for them; nothing else is done again."
        }
        return nil
    }
}
