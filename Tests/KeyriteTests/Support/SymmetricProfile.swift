import Evidence

extension KeyProfile {
    /// Of the keys that most tests make.
    static let symmetric = KeyProfile(of: .symmetric, way: .direct)
}
