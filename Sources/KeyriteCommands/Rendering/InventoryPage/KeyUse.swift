import Estate
import Evidence

/// One row of the map: a resource's setting that names a key, or somebody who calls KMS by the key.
struct KeyUse {
    /// What becomes of it when an alias is moved.
    enum How: String {
        case follows
        case pinned
        case byDefault = "default"
    }

    let how: How
    let service: String
    let account: String
    let region: String
    /// The ARN, whole.
    let arn: String
    /// How it comes to the key.
    let words: String
    /// Its setting, or its calls.
    let detail: String

    init(_ reference: KeyReference) {
        how = reference.form == .serviceDefault ? .byDefault : reference.followsAlias ? .follows : .pinned
        service = reference.service
        (account, region) = (reference.account, reference.region)
        arn = reference.resource.text
        words =
            switch how {
            case .follows: "follows \(reference.names?.text ?? "")"
            case .pinned: "pinned"
            case .byDefault: "the service's own"
            }
        detail = reference.setting
    }

    init(_ caller: InventoryCaller) {
        how = .pinned
        service = "kms"
        (account, region) = (caller.account, caller.region)
        arn = caller.caller.text
        words = caller.form == .keyID ? "calls by key id" : "calls by key ARN"
        let operations = caller.operations.map(\.text).joined(separator: ", ")
        detail = "\(caller.calls) \(caller.calls == 1 ? "call" : "calls") until \(caller.last): \(operations)"
    }

    /// What is left of the ARN without what stands beside it anyway.
    var name: String {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        return parts.count == 6 && parts[0] == "arn" ? String(parts[5]) : arn
    }
}
