package import Evidence

extension StrictJSON {
    /// No policy and no grant nests deeper than 7.
    private static let deepest = 16

    /// Reads what is to be a policy or a list of grants.
    ///
    /// - Parameters:
    ///   - bytes: One document.
    ///   - limit: The most bytes that are looked at.
    /// - Throws: `PolicyError` naming the byte.
    package init(policy bytes: [UInt8], limit: Int) throws(PolicyError) {
        guard bytes.count <= limit else {
            throw PolicyError("$", "it has \(bytes.count) bytes, more than the \(limit) that are read")
        }
        do { try self.init(bytes, deepest: Self.deepest) } catch {
            let reason =
                switch error.reason {
                case .malformed(let what): what
                case .tooDeep(let most): "it nests deeper than \(most)"
                case .twice(let name): "the name \(name.prefix(64)) stands twice in one object"
                }
            throw PolicyError("byte \(error.position)", reason)
        }
    }
}
