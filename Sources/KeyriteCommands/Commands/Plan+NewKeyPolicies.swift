import Ceremony
import Estate
import Evidence

extension Plan {
    /// Refuses a new key whose policy nobody could change any more: KMS is told to take it as it is.
    ///
    /// - Throws: `CeremonyError` naming the key.
    func requireMendablePolicies() throws {
        let access = CeremonyAccess(of: self)
        for slot in slots {
            guard let new = slot.new else { continue }
            let policy: NewKeyPolicy
            do { policy = try NewKeyPolicy(of: new, in: access) } catch let error as PolicyError {
                throw CeremonyError(
                    .invalidInput, "\(slot.shownName): the key policy of its new key cannot be read: \(error)",
                    remedy: Self.remedy)
            }
            guard policy.canBeMended else {
                throw CeremonyError(
                    .invalidInput,
                    "\(slot.shownName): by the key policy of its new key nobody of the account \(access.account) could "
                        + "ever change that policy",
                    remedy: "Let the account's root use kms:PutKeyPolicy there. " + Self.remedy)
            }
        }
    }

    private static let remedy =
        "Write the new key's policy to a file, and name that in the definition, as policyFile: without one it is the old "
        + "key's"
}
