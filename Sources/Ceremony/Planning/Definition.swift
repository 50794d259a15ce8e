package import Evidence

/// What the ceremony administrator wants: which keys, by which strategy, when. The plan is frozen from it.
package struct Definition: Hashable, Sendable {
    /// What the ceremony is for, in free text.
    package let title: String
    /// How long the plan's window is, in hours, from the moment it is frozen.
    package let windowHours: Int
    package let wrapping: Wrapping
    package let keys: [DefinedKey]

    package init(title: String, windowHours: Int, wrapping: Wrapping, keys: [DefinedKey]) {
        self.title = title
        self.windowHours = windowHours
        self.wrapping = wrapping
        self.keys = keys
    }
}

extension Definition {
    /// Checks what can be checked without looking at HSM or KMS.
    ///
    /// - Throws: `CeremonyError` naming the key or value.
    package func validate() throws {
        guard !keys.isEmpty else { throw Self.invalid("The definition names no keys", "Add at least one under keys") }
        guard wrapping.modulusBits != nil else {
            throw Self.invalid("\(wrapping.keySpec) is no wrapping key spec", "Use RSA_2048, RSA_3072 or RSA_4096")
        }
        guard (1...Int(Plan.longestWindow)).contains(windowHours) else {
            throw Self.invalid("A window of \(windowHours) hours", "Choose between 1 and \(Plan.longestWindow) hours")
        }
        for key in keys { try key.validate() }
        for (names, what) in [(keys.compactMap(\.alias), "alias"), (keys.map(\.slot), "slot")] {
            var seen: Set<String> = []
            if let twice = names.first(where: { !seen.insert($0).inserted }) {
                throw Self.invalid(
                    "\(what == "alias" ? "" : "The slot ")\(twice) stands twice", "Keep it once")
            }
        }
    }

    static func invalid(_ what: String, _ remedy: String) -> CeremonyError {
        CeremonyError(.invalidInput, what, remedy: remedy)
    }
}
