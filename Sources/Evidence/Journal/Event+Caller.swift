extension Event {
    /// In which role an intent calls KMS, and as whom it says; nil of every other line.
    ///
    /// Of a plan of the first format nobody is named.
    package var call: (role: CallerRole, caller: String?)? {
        switch self {
        case .createIntended(let body): (.create, body.caller)
        case .fetchIntended(let body): (.fetch, body.caller)
        case .importIntended(let body): (.import, body.caller)
        case .proveIntended(let body): (.import, body.caller)
        case .rotateIntended(let body): (.activate, body.caller)
        case .aliasIntended(let body): (.activate, body.caller)
        case .revokeIntended(let body): (.activate, body.caller)
        default: nil
        }
    }
}
