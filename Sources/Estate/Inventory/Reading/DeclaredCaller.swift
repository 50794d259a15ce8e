package import AWS

/// Asks a service what was said that it is asked, and nothing else: by that a policy allows a reader all that it needs.
package struct DeclaredCaller: ServiceCaller {
    private let operations: Set<String>
    private let caller: any ServiceCaller

    package init(asking operations: Set<String>, by caller: any ServiceCaller) {
        (self.operations, self.caller) = (operations, caller)
    }

    package var endpoint: Endpoint { caller.endpoint }

    package func answer<Output>(to call: ServiceCall<Output>) async throws -> Output {
        guard operations.contains(call.operation) else {
            throw AWSError.configuration(
                "\(call.operation) is not among what an inventory asks; report this: it is Keyrite's fault")
        }
        return try await caller.answer(to: call)
    }
}
