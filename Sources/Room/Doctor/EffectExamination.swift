import AWS
import Ceremony

/// Says what can be said of permissions that cannot be tried without their effect: KMS has no dry run for them.
struct EffectExamination {
    let iam: IAMClient?
    /// The ARN of the caller; nil if STS did not say.
    let caller: String?
    /// As it was named, if one was.
    let key: String?
    /// Its ARN, if it was found.
    let arn: String?

    private static let atKey = ["ImportKeyMaterial", "RotateKeyOnDemand", "TagResource"]
    private static let atKeyAndAlias = ["CreateAlias", "UpdateAlias"]
    private static let anywhere = ["CreateKey"]

    func run() async -> [Finding] {
        let calls = Self.atKey + Self.anywhere + Self.atKeyAndAlias
        do {
            guard let caller else { throw PolicySimulation.Untold(reason: "the caller is not known") }
            let answers = try await PolicySimulation(iam: iam, caller: caller).run(questions)
            return calls.map { finding($0, answers["kms:" + $0]) }
        } catch {
            let untold = Finding(
                "simulation", .unknown, "\(error)",
                remedy: "Let the caller call iam:SimulatePrincipalPolicy for itself, or compare the policies")
            return [untold] + calls.map { finding($0, nil) }
        }
    }

    private var questions: [(resource: String, actions: [String])] {
        func actions(_ calls: [String]) -> [String] { calls.map { "kms:" + $0 } }
        var questions = [("*", actions(Self.anywhere))]
        guard let arn else { return questions }
        questions.append((arn, actions(Self.atKey + Self.atKeyAndAlias)))
        if let alias { questions.append((alias, actions(Self.atKeyAndAlias))) }
        return questions
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
