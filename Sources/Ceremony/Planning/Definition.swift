package import Evidence

/// What the ceremony administrator wants: which keys, by which strategy, when. The plan is frozen from it.
package struct Definition: Hashable, Sendable {
    /// What the ceremony is for, in free text.
    package let title: String
    /// How long the plan's window is, in hours, from the moment it is frozen.
    package let windowHours: Int
    package let wrapping: Wrapping
    package let keys: [DefinedKey]
    /// What is asked of the quorum beyond the roster.
    package let policy: QuorumPolicy
    /// The file it was read from.
    private let place: InputPlace

    /// - Parameter place: The file it was read from, if it was.
    package init(
        title: String, windowHours: Int, wrapping: Wrapping, keys: [DefinedKey],
        policy: QuorumPolicy = QuorumPolicy(), place: InputPlace = InputPlace()
    ) {
        self.title = title
        self.windowHours = windowHours
        self.wrapping = wrapping
        self.keys = keys.enumerated().map { $1.placed(at: place["keys[\($0)]"]) }
        self.policy = policy
        self.place = place
    }
}

extension Definition {
    /// Checks what can be checked without looking at HSM or KMS.
    ///
    /// - Throws: `CeremonyError` naming the value and where it stands.
    package func validate() throws {
        guard !title.isEmpty else {
            throw place["title"].error("it is empty", remedy: "Say what the ceremony is for: people sign it")
        }
        guard !keys.isEmpty else { throw place["keys"].error("it is empty", remedy: "Add at least one key") }
        guard wrapping.modulusBits != nil else {
            throw place["wrappingKeySpec"].error(
                "\(PercentEncoding.encode(wrapping.keySpec)) is no wrapping key spec",
                remedy: "Use RSA_2048, RSA_3072 or RSA_4096")
        }
        guard (1...Int(Plan.longestWindow)).contains(windowHours) else {
            throw place["windowHours"].error(
                "a window of \(windowHours) hours", remedy: "Choose between 1 and \(Plan.longestWindow) hours")
        }
        for key in keys { try key.validate() }
        try refuseTwins()
        try validateRevocation()
        try validateReimport()
    }

    /// An emergency stop waits for nothing else.
    private func validateRevocation() throws {
        guard keys.contains(where: { $0.strategy == .revoke }) else { return }
        guard keys.allSatisfy({ $0.strategy == .revoke }) else {
            throw place["keys"].error(
                "keys to revoke stand beside others", remedy: "Hold a ceremony of its own for what is to be deleted")
        }
        guard !policy.foldsActivate else {
            throw place["policy"]["foldsActivate"].error(
                "what deletes material has no release that could be signed for it",
                remedy: "Leave it out: activate is signed before anything is deleted")
        }
    }

    /// Nothing is activated once material is there again, and no gate opens for it.
    private func validateReimport() throws {
        guard keys.contains(where: { $0.strategy == .reimport }) else { return }
        guard keys.allSatisfy({ $0.strategy == .reimport }) else {
            throw place["keys"].error(
                "keys to reimport stand beside others",
                remedy: "Hold a ceremony of its own for them: it has no gate activate")
        }
        guard !policy.namesActivate else {
            throw place["policy"].error(
                "it asks for people at the gate activate, and what is imported again takes effect at the import",
                remedy: "Ask for them at release, the last gate before it")
        }
    }

    /// Checks that the roster's people can keep what is asked of the quorum.
    ///
    /// - Parameter now: When the plan's window begins.
    /// - Throws: `CeremonyError` naming the value and where it stands.
    func validatePolicy(for roster: Roster, at now: Timestamp) throws {
        let window = Validity(from: now, until: now.advanced(bySeconds: Int64(windowHours) * 3600))
        guard let flaw = policy.flaw(for: roster) ?? policy.flaw(for: roster, in: window) else { return }
        throw place["policy"][flaw.part].error(flaw.problem, remedy: flaw.remedy)
    }

    private func refuseTwins() throws {
        var seen: [String: DefinedKey] = [:]
        for key in keys {
            guard let twin = seen.updateValue(key, forKey: PlanSlot.fileName(of: key.slot)) else { continue }
            if let alias = key.alias, alias == twin.alias {
                throw key.place["alias"].error("\(alias) stands here and before", remedy: "Keep it once")
            }
            guard twin.slot == key.slot else {
                throw key.namingPlace.error(
                    "\(twin.shownName) and \(key.shownName) differ in capitals alone, and so would their files, which a USB stick "
                        + "(vfat) takes for one",
                    remedy: "Take one of the two into another ceremony")
            }
            throw key.namingPlace.error(
                "the keys \(twin.shownName) and \(key.shownName) would have one name in the plan",
                remedy: "Name one of the two by another alias")
        }
    }

    /// A plan that was made of it is too long to be signed.
    func tooLong(_ size: Int) -> CeremonyError {
        place["keys"].error(
            "their plan has \(size) bytes, more than people's statements can carry",
            remedy: "Take fewer keys to replace into one ceremony: each has two key policies in the plan")
    }
}
