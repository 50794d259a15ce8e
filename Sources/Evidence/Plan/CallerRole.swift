/// A part in which KMS is called: each may have a caller of its own.
package enum CallerRole: String, Codable, Hashable, Sendable, CaseIterable {
    /// Whatever has no effect: descriptions, lists, policies, and keys tried by use.
    case look
    /// CreateKey, with tags.
    case create
    /// GetParametersForImport.
    case fetch
    /// ImportKeyMaterial, of the proof, too.
    case `import`
    /// RotateKeyOnDemand, CreateAlias, UpdateAlias and DeleteImportedKeyMaterial.
    case activate
}

/// Who calls for what has an effect, where those who look, fetch, import and activate are kept apart.
package struct RoleCallers: Codable, Hashable, Sendable {
    /// Absent where no key may be made.
    package let create: String?
    package let fetch: String
    package let `import`: String
    package let activate: String

    /// - Parameters: Callers' ARNs as sts:GetCallerIdentity gives them, percent-encoded.
    package init(create: String?, fetch: String, import importing: String, activate: String) {
        self.create = create
        self.fetch = fetch
        self.import = importing
        self.activate = activate
    }
}

extension AWSEnvironment {
    /// Who calls in a role; nil for nobody.
    package func caller(of role: CallerRole) -> String? {
        guard let callers else { return caller }
        return switch role {
        case .look: caller
        case .create: callers.create
        case .fetch: callers.fetch
        case .import: callers.import
        case .activate: callers.activate
        }
    }

    /// What is wrong with the callers: each is one of the account, and where roles are apart no two are one user, or sessions
    /// of one IAM role; nil if nothing is.
    package var problemOfCallers: String? {
        let known = callers == nil ? [caller] : CallerRole.allCases.compactMap(caller)
        let ours = ["iam", "sts"].map { "arn:\(partition):\($0)::\(account):" }
        guard known.allSatisfy({ caller in ours.contains(where: caller.hasPrefix) }) else {
            return "a caller is none of its account"
        }
        guard Set(known.map(Self.principal)).count == known.count else { return "two of its roles have one caller" }
        return nil
    }

    /// A caller without the name of its session, under which the same role could be assumed twice.
    private static func principal(_ caller: String) -> String {
        let parts = caller.split(separator: "/", omittingEmptySubsequences: false)
        guard parts[0].hasSuffix(":assumed-role") else { return caller }
        return parts.prefix(2).joined(separator: "/")
    }
}
