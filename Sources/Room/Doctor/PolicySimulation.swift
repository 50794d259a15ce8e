import AWS

/// Has IAM compute what the caller's own policies say to calls that nobody can try without their effect.
///
/// Neither key policies nor conditions on the call are in it, so that what is allowed here is never more than simulated.
struct PolicySimulation {
    let iam: IAMClient?
    /// The ARN of the caller, as STS has it.
    let caller: String

    /// - Returns: The worst decision for each action over the resources it is asked at.
    /// - Throws: `AWSError`, or `Untold`.
    func run(_ questions: [(resource: String, actions: [String])]) async throws -> [String: Answer] {
        guard let iam else { throw Untold(reason: "IAM's address is not known here") }
        guard let source = Self.policySource(of: caller) else {
            throw Untold(reason: "IAM simulates users and roles, and the caller is neither")
        }
        var answers: [String: Answer] = [:]
        for (resource, actions) in questions {
            let decisions = try await iam.simulatePrincipalPolicy(
                .init(policySource: source, actions: actions, resource: resource))
            for (action, decision) in decisions where answers[action].map({ $0.decision == .allowed }) != false {
                answers[action] = Answer(decision: decision, resource: resource)
            }
        }
        return answers
    }

    struct Answer {
        let decision: SimulatePrincipalPolicy.Decision
        let resource: String
    }

    struct Untold: Error, CustomStringConvertible {
        let reason: String
        var description: String { reason }
    }

    /// The user, or the role behind a session. A session's ARN leaves out its role's path: IAM does not find such a role.
    static func policySource(of caller: String) -> String? {
        let parts = caller.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn" else { return nil }
        if parts[2] == "iam", parts[5].hasPrefix("user/") { return caller }
        let names = parts[5].split(separator: "/", omittingEmptySubsequences: false)
        guard parts[2] == "sts", names.count == 3, names[0] == "assumed-role" else { return nil }
        return "arn:\(parts[1]):iam::\(parts[4]):role/\(names[1])"
    }
}
