import AWS

/// The names of everything that the emulator answers to signed calls.
enum ServedOperations {
    static let all = Set(KMSFrontend.operations + [GetCallerIdentity.name, LookupEvents.name])
}
