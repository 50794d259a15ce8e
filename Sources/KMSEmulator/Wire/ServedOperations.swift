import AWS

/// The names of everything that the emulator answers to signed calls.
enum ServedOperations {
    static let all = Set(KMSFrontend.operations + ofSTS + [LookupEvents.name])
    private static let ofSTS = [AssumeRole.name, GetCallerIdentity.name]
    /// The names of events of KMS: of its operations, and of what it does by itself.
    static let recordedOfKMS = Set(KMSFrontend.operations + ServiceEvent.names)
    static let recorded = recordedOfKMS.union(ofSTS)
}
