/// AWS IAM, as far as one needs it to ask what one may do.
package struct IAMClient: Sendable {
    private let client: AWSClient

    package init(_ configuration: AWSClient.Configuration) throws {
        client = try AWSClient(service: "iam", configuration: configuration)
    }

    package var endpoint: Endpoint { client.endpoint }

    /// What the policies say to each action.
    ///
    /// - Throws: `AWSError`; `.unanswered` when the answer leaves an action out, has one twice or has no end.
    package func simulatePrincipalPolicy(
        _ input: SimulatePrincipalPolicy.Input
    ) async throws -> [String: SimulatePrincipalPolicy.Decision] {
        var decisions: [String: SimulatePrincipalPolicy.Decision] = [:]
        var seen: Set<String> = []
        var marker: String?
        while true {
            let request = request(input, after: marker)
            let document = String(decoding: try await client.send(request).body, as: UTF8.self)
            guard let actions = XMLText.elements("EvalActionName", in: document),
                let found = XMLText.elements("EvalDecision", in: document), actions.count == found.count
            else { throw client.lost(request, "the answer has not one decision for each action") }
            // Both stand once in each result, and results one after another.
            for (action, decision) in zip(actions, found) {
                guard decisions.updateValue(.init(rawValue: Printable.text(decision, limit: 64)), forKey: action) == nil
                else { throw client.lost(request, "the answer decides on one action twice") }
            }
            guard XMLText.element("IsTruncated", in: document) == "true" else {
                guard Set(decisions.keys) == Set(input.actions) else {
                    throw client.lost(request, "the answer decides on other actions than those asked for")
                }
                return decisions
            }
            guard let next = XMLText.element("Marker", in: document), seen.insert(next).inserted else {
                throw client.lost(request, "a page that is not the last leads nowhere new")
            }
            marker = next
        }
    }

    private func request(_ input: SimulatePrincipalPolicy.Input, after marker: String?) -> ServiceRequest {
        var fields = [
            ("Action", SimulatePrincipalPolicy.name), ("Version", SimulatePrincipalPolicy.version),
            ("PolicySourceArn", input.policySource), ("ResourceArns.member.1", input.resource),
        ]
        fields += input.actions.enumerated().map { ("ActionNames.member.\($0 + 1)", $1) }
        fields += marker.map { [("Marker", $0)] } ?? []
        let form = fields.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
        return ServiceRequest(
            operation: SimulatePrincipalPolicy.name, isIdempotent: true,
            headers: [.init("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
            body: Array(form.utf8), errorFormat: .xml)
    }
}
