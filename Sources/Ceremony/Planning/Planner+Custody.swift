import Evidence

extension Planner {
    /// How the HSM key is to be held, if its kind allows that.
    static func custody(of key: DefinedKey, _ spec: KeySpec, isMultiRegion: Bool = false) throws -> Custody {
        guard !key.custody.trustedWrapping || spec.ways == [.direct] else {
            throw key.place["trustedWrapping"].error(
                "\(key.shownName) is \(spec.rawValue), which is wrapped under a key that the token makes for it",
                remedy: "No security officer can trust that one beforehand: leave trustedWrapping out")
        }
        guard key.custody.retention == .retain || !isMultiRegion else {
            throw key.place["retention"].error(
                "\(key.shownName) is to be multi-Region, and its HSM key not retained",
                remedy: "Every replica made later needs the same material again: retain it")
        }
        return key.custody
    }
}
