package import CryptoPrimitives

/// How the HSM key of one slot is held: what may wrap it, and what becomes of it afterwards.
package struct Custody: Hashable, Sendable {
    /// Whether the security officer must mark each wrapping key as trusted, from another console.
    package let trustedWrapping: Bool
    package let retention: Retention
    /// The name of the exhibit that shows a restored backup, for a key that is not retained.
    package let backup: String?

    package init(trustedWrapping: Bool = false, retention: Retention = .retain, backup: String? = nil) {
        self.trustedWrapping = trustedWrapping
        self.retention = retention
        self.backup = backup
    }
}

extension Plan {
    /// What the HSM's key of a slot must be, and is read back against.
    package func attributes(of slot: PlanSlot) -> [AttributeSetting]? {
        profile(of: slot).map { KeyAttributes.held($0.attributes, trustedWrapping: slot.trustedWrapping) }
    }
}

extension PlanSlot {
    /// The whole description of the exception that lets the HSM key not be retained; nil for one that is.
    package var exceptionToRetain: String? {
        retention == .retain ? nil : "\(retention.rawValue) \(slot)"
    }
}

extension Record {
    /// What is missing on record before a slot's key may be locked or destroyed, in words; nil when nothing is.
    package func missingForRetention(of planned: PlanSlot) -> String? {
        guard let exception = planned.exceptionToRetain, let backup = planned.backup else { return nil }
        guard exhibits.contains(where: { $0.name == backup }) else {
            return "the exhibit \(backup), which shows a restored backup of the key"
        }
        guard exceptions.contains(where: { Array($0.stated.exception.what.utf8) == Array(exception.utf8) }) else {
            return "an exception that says what is done, in just these words: \(exception)"
        }
        return nil
    }

    /// The digest of the exhibit that shows the backup of a slot's key.
    package func backup(of planned: PlanSlot) -> SHA256Digest? {
        planned.backup.flatMap { name in exhibits.first { $0.name == name }?.file }
    }
}
