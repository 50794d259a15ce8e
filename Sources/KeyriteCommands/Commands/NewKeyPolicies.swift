import Ceremony
import Estate
import Evidence

extension Plan {
    /// Refuses a new key whose policy nobody could change any more: KMS is told to take it as it is.
    ///
    /// - Throws: `CeremonyError` naming the key.
    func requireMendablePolicies() throws { try requireMendablePolicies(of: slots) }

    fileprivate func requireMendablePolicies(of slots: [PlanSlot]) throws {
        let access = CeremonyAccess(of: self)
        // Many keys mostly have few policies.
        var mendable: Set<[String]> = []
        for slot in slots {
            guard let new = slot.new, mendable.insert(["\(new.multiRegion)", new.policy]).inserted else { continue }
            try Self.require(new, of: slot, in: access)
        }
    }

    private static func require(_ new: KeySettings, of slot: PlanSlot, in access: CeremonyAccess) throws {
        let policy: NewKeyPolicy
        do { policy = try NewKeyPolicy(of: new, in: access) } catch let error as PolicyError {
            throw CeremonyError(
                .invalidInput, "\(slot.shownName): the key policy of its new key cannot be read: \(error)",
                remedy: remedy)
        }
        guard policy.canBeMended else {
            throw CeremonyError(
                .invalidInput,
                "\(slot.shownName): by the key policy of its new key nobody of the account \(access.account) could ever "
                    + "change that policy",
                remedy: "Let the account's root use kms:PutKeyPolicy there. " + remedy)
        }
    }

    private static let remedy =
        "Write the new key's policy to a file, name that in the definition, as policyFile, and plan with it: without one it "
        + "is the old key's"
}

extension Record {
    /// The same of the keys that are still to be created.
    ///
    /// - Throws: `CeremonyError` naming the key.
    func requireMendablePolicies() throws {
        try plan.requireMendablePolicies(of: plan.slots.filter { key(of: $0) == nil })
    }
}
