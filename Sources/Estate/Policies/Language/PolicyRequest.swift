/// A call, as policies see it.
package struct PolicyRequest: Sendable {
    /// Such as `kms:Decrypt`.
    package let action: String
    /// An ARN, or `*` where the action has none; nil for a key whose ARN is not known.
    package let resource: String?
    package let context: PolicyContext

    package init(_ action: String, _ resource: String?, _ context: PolicyContext) {
        self.action = action
        self.resource = resource
        self.context = context
    }
}

extension PolicyStatement {
    /// Whether it is about a request, whoever makes it.
    package func concerns(_ request: PolicyRequest) -> Holds {
        guard actions.meansAction(request.action) else { return .no }
        let holds = request.context.satisfies(conditions)
        guard let resource = request.resource else {
            return holds != .no && resources != PolicyNames(["*"]) ? .maybe : holds
        }
        // Of what is filled in when a call is made nobody knows here what it means.
        guard !resources.patterns.contains(where: { $0.contains("${") }) else { return holds == .no ? .no : .maybe }
        return resources.meansResource(resource) ? holds : .no
    }
}

extension PolicyDocument {
    /// Whether a role to which it is attached may make a call, as far as its policies go: allowed, and not denied.
    package func allows(_ request: PolicyRequest) -> Bool {
        let concerned = statements.filter { $0.concerns(request) != .no }
        return concerned.contains { $0.effect == .allow && $0.concerns(request) == .yes }
            && !concerned.contains { $0.effect == .deny }
    }
}
