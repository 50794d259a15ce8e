/// One call, or deed of a service, that a transcript says was made, and that AWS must have on record, too.
package struct CeremonyCall: Hashable, Sendable {
    /// The transcript's line with the result.
    package let line: Int
    /// The line with the intent.
    package let intent: Int
    package let operation: String
    /// Whose call it is by the transcript: an ARN as the plan has it.
    package let caller: String
    /// The key's ARN.
    package let key: String
    /// The alias, with `alias/`, where the call is about one.
    package let alias: String?
    /// KMS's id of the material, where the call is about one.
    package let material: String?
    package let importType: String?
    /// Until when KMS was to keep the material, where some was imported.
    package let expiry: Expiry?
    /// AWS's request id; nil where the outcome was found by looking, or a service acted by itself.
    package let request: String?
    /// Whether KMS did it by itself, because of a call.
    package let isServiceEvent: Bool
    /// AWS's name of the error, where KMS refused.
    package let error: String?
    /// Whether the transcript says only that it was intended: it may have been made or not.
    package let isUncertain: Bool
    /// When the same was intended first, with nothing known of what came of it.
    package let firstIntended: Timestamp
    /// Between which times the host says it was made.
    package let from: Timestamp
    package let until: Timestamp
}

extension CeremonyCall {
    /// The operations that change a key, its material, who may use it, or what an alias points to; and the one by which
    /// material is prepared for a key. Of these none may be on AWS's record that is not in the transcript.
    package static let watched: Set<String> = [
        "ImportKeyMaterial", "GetParametersForImport", "DeleteImportedKeyMaterial", "DeleteExpiredKeyMaterial",
        "RotateKeyOnDemand", "RotateKey", "EnableKeyRotation", "DisableKeyRotation",
        "CreateKey", "DeleteKey", "ScheduleKeyDeletion", "CancelKeyDeletion", "EnableKey", "DisableKey",
        "UpdateKeyDescription",
        "CreateAlias", "UpdateAlias", "DeleteAlias",
        "PutKeyPolicy", "CreateGrant", "RetireGrant", "RevokeGrant", "TagResource", "UntagResource",
        "ReplicateKey", "SynchronizeMultiRegionKey", "UpdatePrimaryRegion",
    ]
}
