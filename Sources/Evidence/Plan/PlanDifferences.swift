extension Plan {
    /// In what the new keys will be otherwise than the old ones that they replace: what people are shown to authorize.
    ///
    /// It follows from the plan alone, so that every reader can make it again. `planned` is what the new key gets,
    /// `observed` what the old key has.
    package var differences: [Difference] {
        slots.flatMap { slot in
            guard let new = slot.new, let old = slot.old else { return [Difference]() }
            return KeyComparison(slot: slot.slot, new: new, old: old).differences
        }
    }
}

/// Compares a new key with the old one.
private struct KeyComparison {
    let slot: String
    let new: KeySettings
    let old: KeySettings

    var differences: [Difference] {
        Difference.ofPolicy("key policy", slot: slot, planned: new.policyText, observed: old.policyText)
            + differing("description", new.description, old.description) + tags
            + differing("multi-Region", "\(new.multiRegion)", "\(old.multiRegion)")
    }

    private var tags: [Difference] {
        let ours = Dictionary(new.tags.map { ($0.key, $0.value) }) { first, _ in first }
        let theirs = Dictionary(old.tags.map { ($0.key, $0.value) }) { first, _ in first }
        let keys = Set(ours.keys).union(theirs.keys).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        return keys.flatMap { key -> [Difference] in
            switch (ours[key], theirs[key]) {
            case (let ours?, let theirs?): differing("tag \(key)", ours, theirs)
            case (let ours?, nil): [Difference(slot: slot, what: "tag \(key), added", planned: ours, observed: "")]
            case (nil, let theirs?):
                [Difference(slot: slot, what: "tag \(key), left out", planned: "", observed: theirs)]
            case (nil, nil): []
            }
        }
    }

    private func differing(_ what: String, _ planned: String, _ observed: String) -> [Difference] {
        planned == observed ? [] : [Difference(slot: slot, what: what, planned: planned, observed: observed)]
    }
}
