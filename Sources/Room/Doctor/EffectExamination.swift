import AWS
import Ceremony
import Evidence

/// Says what can be said of permissions that cannot be tried without their effect: KMS has no dry run for them.
///
/// Where roles are apart each is asked about what it does; who looks is who asks IAM.
struct EffectExamination {
    let iam: IAMClient?
    /// The ARNs of the callers, as far as STS said. One that does everything stands at `look`.
    let callers: [CallerRole: String]
    /// Whether roles are apart.
    let isApart: Bool
    /// As it was named, if one was.
    let key: String?
    /// Its ARN, if it was found.
    let arn: String?

    private static let atKey = ["ImportKeyMaterial", "RotateKeyOnDemand", "DeleteImportedKeyMaterial", "TagResource"]
    private static let atKeyAndAlias = ["CreateAlias", "UpdateAlias"]
    private static let anywhere = ["CreateKey"]
    private static let roles: [String: CallerRole] = [
        "ImportKeyMaterial": .import, "RotateKeyOnDemand": .activate, "TagResource": .create, "CreateKey": .create,
        "CreateAlias": .activate, "UpdateAlias": .activate, "DeleteImportedKeyMaterial": .activate,
    ]

    func run() async -> [Finding] {
        let calls = Self.atKey + Self.anywhere + Self.atKeyAndAlias
        guard isApart else { return await run(calls, by: .look) }
        var findings: [Finding] = []
        for role in [CallerRole.import, .activate, .create] where role != .create || callers[role] != nil {
            findings += await run(calls.filter { Self.roles[$0] == role }, by: role)
        }
        return findings
    }

    private func run(_ calls: [String], by role: CallerRole) async -> [Finding] {
        do {
            guard let caller = callers[role] else { throw PolicySimulation.Untold(reason: "the caller is not known") }
            let answers = try await PolicySimulation(iam: iam, caller: caller).run(questions(of: calls))
            return calls.map { finding($0, answers["kms:" + $0]) }
        } catch {
            let untold = Finding(
                isApart ? "simulation: \(role.rawValue)" : "simulation", .unknown, "\(error)",
                remedy: isApart
                    ? "Let the caller that looks call iam:SimulatePrincipalPolicy for this one, or compare the policies"
                    : "Let the caller call iam:SimulatePrincipalPolicy for itself, or compare the policies")
            return [untold] + calls.map { finding($0, nil) }
        }
    }

    private func questions(of calls: [String]) -> [(resource: String, actions: [String])] {
        func actions(_ among: [String]) -> [String] { among.filter(calls.contains).map { "kms:" + $0 } }
        var questions = [("*", actions(Self.anywhere))]
        if let arn {
            questions.append((arn, actions(Self.atKey + Self.atKeyAndAlias)))
            if let alias { questions.append((alias, actions(Self.atKeyAndAlias))) }
        }
        return questions.filter { !$0.1.isEmpty }
    }

    /// The alias's ARN, beside that of its key, if an alias was named.
    private var alias: String? {
        guard let key, let name = key.firstRange(of: "alias/"), let arn, let end = arn.firstRange(of: ":key/")
        else { return nil }
        return "\(arn[..<end.lowerBound]):\(key[name.lowerBound...])"
    }

    private func finding(_ call: String, _ answer: PolicySimulation.Answer?) -> Finding {
        let check = "permission: \(call)"
        guard let answer else {
            return Finding(
                check, .unknown, "not simulated, and trying it would have its effect",
                remedy: "Compare the identity's policies and the key policy")
        }
        guard answer.decision == .allowed else {
            return Finding(
                check, .warn, "simulated: \(answer.decision.rawValue) at \(answer.resource)",
                remedy: "Give the caller what it lacks, unless the key policy does")
        }
        return Finding(
            check, .simulated, "the identity's policies allow it at \(answer.resource); the key policy is not in it",
            remedy: "Compare the key policy, which must allow it or leave it to IAM")
    }
}
