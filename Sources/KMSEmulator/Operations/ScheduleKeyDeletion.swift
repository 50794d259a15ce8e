package import AWS
import Foundation

/// <https://docs.aws.amazon.com/kms/latest/APIReference/API_ScheduleKeyDeletion.html>
extension ScheduleKeyDeletion: KeyringOperation {
    package static func serve(
        _ input: Input, on keyring: isolated Keyring, in region: String
    ) async throws -> Output {
        let window = input.pendingWindowInDays ?? 30
        guard (7...30).contains(window) else {
            throw KMSFault.validation("PendingWindowInDays must be between 7 and 30, inclusive.")
        }
        var key = try keyring.key(input.keyID, in: region, aliases: false)
        try key.requireNotPendingDeletion()
        // A primary is deleted only after its last replica (developerguide/multi-region-keys-delete.html).
        let waits = key.isPrimary && keyring.related(to: key).contains(where: \.isReplica)
        let date = waits ? nil : keyring.now.addingTimeInterval(Double(window) * day)
        key.deletion = ManagedKey.Deletion(window: window, date: date)
        keyring.store(key)
        return Output(
            keyID: key.arn, keyState: key.state, deletionDate: date.map { Timestamp($0) }, pendingWindowInDays: window)
    }

    package static func keyIdentifier(of input: Input, _ output: Output?) -> String? { input.keyID }

    /// Seconds.
    static let day: TimeInterval = 24 * 60 * 60
}
