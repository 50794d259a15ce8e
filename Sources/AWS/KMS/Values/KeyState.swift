/// What a key can be used for at the moment.
///
/// <https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html>
package struct KeyState: ExtensibleString {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package static let creating = KeyState(rawValue: "Creating")
    package static let enabled = KeyState(rawValue: "Enabled")
    package static let disabled = KeyState(rawValue: "Disabled")
    package static let pendingDeletion = KeyState(rawValue: "PendingDeletion")
    package static let pendingImport = KeyState(rawValue: "PendingImport")
    package static let pendingReplicaDeletion = KeyState(rawValue: "PendingReplicaDeletion")
    package static let unavailable = KeyState(rawValue: "Unavailable")
    package static let updating = KeyState(rawValue: "Updating")
}
