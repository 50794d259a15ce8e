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

/// One key of a definition.
package struct DefinedKey: Hashable, Sendable {
    /// With `alias/`.
    package let alias: String
    package let strategy: Strategy
    package let proof: Bool

    package init(alias: String, strategy: Strategy, proof: Bool) {
        self.alias = alias
        self.strategy = strategy
        self.proof = proof
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
        var seen: Set<String> = []
        for key in keys {
            guard key.alias.hasPrefix("alias/"), (1...Plan.longestSlot).contains(key.slot.utf8.count),
                key.alias.utf8.allSatisfy(Self.isAliasByte),
                !key.alias.hasPrefix("alias/aws/")
            else {
                throw Self.invalid(
                    "\(PercentEncoding.encode(key.alias)) is no alias of a customer's key",
                    "Write alias/ and then letters, digits, / _ or -")
            }
            guard seen.insert(key.alias).inserted else {
                throw Self.invalid("\(key.alias) stands twice", "Keep it once")
            }
        }
    }

    /// KMS's characters of an alias: `a-zA-Z0-9/_-`.
    private static func isAliasByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func invalid(_ what: String, _ remedy: String) -> CeremonyError {
        CeremonyError(.invalidInput, what, remedy: remedy)
    }
}

extension DefinedKey {
    /// The slot's name: the alias without `alias/`, fit for a file name. No alias has a dot, so no two collide.
    package var slot: String {
        String(alias.dropFirst("alias/".count).map { $0 == "/" ? "." : $0 })
    }
}
