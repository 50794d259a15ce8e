import Estate
import Evidence
import Foundation
import Testing

/// Of policies that nobody thought of, the review must miss nobody.
@Suite("Whoever can do something by a key policy")
struct PolicySoundnessTests {
    private static let own = PolicyExamples.account
    private static let other = "444455556666"

    private static let principals = [
        "\"Principal\":\"*\"", "\"Principal\":{\"AWS\":\"*\"}", "\"Principal\":{\"AWS\":\"\(own)\"}",
        "\"Principal\":{\"AWS\":\"arn:aws:iam::\(other):root\"}",
        "\"Principal\":{\"AWS\":\"arn:aws:iam::\(own):role/app\"}",
        "\"Principal\":{\"AWS\":[\"arn:aws:iam::\(own):role/AppX\",\"arn:aws:iam::\(other):user/app\"]}",
        "\"NotPrincipal\":{\"AWS\":\"arn:aws:iam::\(own):role/app\"}",
        "\"NotPrincipal\":{\"AWS\":[\"arn:aws:iam::\(own):root\",\"arn:aws:iam::\(own):role/AppX\"]}",
        "\"Principal\":{\"Service\":\"s3.amazonaws.com\"}",
    ]
    private static let actions = [
        "\"Action\":\"kms:*\"", "\"Action\":\"*\"", "\"Action\":\"KMS:d?crypt\"",
        "\"Action\":[\"kms:Import*\",\"kms:Put*\"]",
        "\"NotAction\":\"kms:Decrypt\"", "\"NotAction\":[\"kms:I*\",\"kms:Sched*\"]", "\"Action\":\"kms:*Key*\"",
    ]
    private static let conditions = [
        "", "", "", "\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::*:role/App*\"}",
        "\"ArnNotLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::\(own):role/A*\"}",
        "\"ArnNotEquals\":{\"AWS:principalarn\":\"arn:aws:iam::\(own):role/app\"}",
        "\"StringLike\":{\"aws:PrincipalArn\":\"*role/?pp*\"}",
        "\"StringNotLike\":{\"aws:PrincipalArn\":[\"*role/A*\",\"*user*\"]}",
        "\"StringLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::44*:role/App?\"}",
        "\"StringEquals\":{\"aws:PrincipalAccount\":[\"\(other)\",\"777788889999\"]}",
        "\"ArnNotLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::*:role/*e*\"}",
        "\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::*:*e*\"}", "\"StringLike\":{\"aws:PrincipalArn\":\"*X\"}",
        "\"StringNotLike\":{\"kms:CallerAccount\":\"0*\"}", "\"StringLike\":{\"kms:CallerAccount\":\"*6\"}",
        "\"StringNotEquals\":{\"kms:CallerAccount\":\"\(own)\"}", "\"StringLike\":{\"kms:CallerAccount\":\"77*\"}",
        "\"StringEqualsIfExists\":{\"aws:PrincipalOrgID\":\"o-1\"}",
        "\"StringNotEquals\":{\"aws:PrincipalOrgID\":\"o-1\"}",
        "\"Null\":{\"aws:PrincipalOrgID\":\"true\"}", "\"Bool\":{\"aws:MultiFactorAuthPresent\":\"true\"}",
        "\"BoolIfExists\":{\"aws:MultiFactorAuthPresent\":false}",
        "\"ForAllValues:StringEquals\":{\"aws:TagKeys\":\"a\"}", "\"ForAnyValue:StringEquals\":{\"aws:TagKeys\":\"a\"}",
        "\"DateLessThan\":{\"aws:CurrentTime\":\"2026-12-01T00:00:00Z\"}",
        "\"DateGreaterThanEquals\":{\"aws:CurrentTime\":\"2026-12-01T00:00:00Z\"}",
        "\"StringEquals\":{\"kms:ExpirationModel\":\"KEY_MATERIAL_EXPIRES\"}",
    ]
    /// Conditions on who of the own account calls, which pass some of them over.
    private static let sparing = [
        "\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::\(own):role/*\"}",
        "\"ArnLike\":{\"aws:PrincipalArn\":[\"arn:aws:iam::\(own):role/a\",\"arn:aws:iam::\(own):role/ak*\"]}",
        "\"ArnLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::\(own):role/k*\"}",
        "\"ArnEquals\":{\"aws:PrincipalArn\":[\"arn:aws:iam::\(own):role/*\",\"arn:aws:iam::\(own):user/*\"]}",
        "\"StringLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::\(own):role/a*\"}",
        "\"StringLike\":{\"aws:PrincipalArn\":[\"*root\",\"*:role/*\"]}",
        "\"ArnNotLike\":{\"aws:PrincipalArn\":\"arn:aws:iam::\(own):*\"}",
        "\"StringNotEquals\":{\"aws:PrincipalArn\":\"arn:aws:iam::\(own):root\"}",
        "\"StringEqualsIgnoreCase\":{\"aws:PrincipalArn\":\"arn:aws:iam::\(own):role/APP\"}",
        "\"NumericLessThan\":{\"kms:CallerAccount\":\"222222222222\"}",
    ]
    private static let callers = [
        "arn:aws:iam::\(own):role/app", "arn:aws:iam::\(own):role/AppX", "arn:aws:iam::\(own):role/zed",
        "arn:aws:iam::\(other):user/app", "arn:aws:iam::\(other):role/AppX", "arn:aws:iam::777788889999:role/App1",
        "arn:aws:iam::121212121212:role/zed", "arn:aws:iam::\(own):role/a", "arn:aws:iam::\(own):role/ab",
        "arn:aws:iam::\(own):role/akx", "arn:aws:iam::\(own):role/k", "arn:aws:iam::\(own):user/a",
        "arn:aws:iam::\(own):root", "arn:aws:iam::\(other):root", "arn:aws:sts::\(own):federated-user/a",
    ]

    private static func policy(_ random: inout SeededNumbers) throws -> PolicyDocument {
        let statements = (0...random.below(5)).map { _ -> String in
            let conditions = Set(
                (0..<random.below(3)).map { _ in
                    random.one(of: random.below(2) == 0 ? Self.conditions : Self.sparing)
                }
            ).filter {
                !$0.isEmpty
            }
            // An operator stands once.
            var seen: Set<Substring> = []
            let once = conditions.sorted().filter { seen.insert($0.prefix { $0 != ":" }).inserted }
            return "{\"Effect\":\"\(random.below(3) == 0 ? "Deny" : "Allow")\",\(random.one(of: principals)),"
                + "\(random.one(of: actions)),\"Resource\":\"*\",\"Condition\":{\(once.joined(separator: ","))}}"
        }
        return try PolicyDocument(Array("{\"Statement\":[\(statements.joined(separator: ","))]}".utf8), .key)
    }

    private static func isNamed(_ caller: String, by holder: PowerHolder) -> Bool {
        switch holder.subject {
        case .anyone: true
        case .account(let account): caller.contains("::\(account):")
        case .named(let arn): arn == caller
        case .like(let pattern, _, _):
            PolicyPattern.matches(pattern.lowercased(), caller.lowercased())
                || PolicyPattern.matches(
                    pattern, caller.split(separator: ":").dropFirst(3).first.map(String.init) ?? "")
        case .service, .outsider, .unknown: false
        }
    }

    /// How many policies are made up; `scripts/test --long` asks for more.
    private static let policies =
        (ProcessInfo.processInfo.environment["KEYRITE_TEST_SEEDS"].flatMap(Int.init) ?? 1) * 20

    @Test("is among those whom the review names")
    func sound() throws {
        var allowed = 0
        for seed in 0..<Self.policies {
            var random = SeededNumbers(state: UInt64(seed))
            let policy = try Self.policy(&random)
            let report = PolicyReview(
                policy, grants: [],
                against: PolicyIntent(
                    partition: "aws", account: Self.own, keyARN: nil, people: PolicyExamples.people)
            ).report()
            for caller in Self.callers {
                let isOfOther = !caller.contains(Self.own)
                // What KMS takes from other accounts, too.
                for power in isOfOther ? [KeyPower.decrypt, .use] : [.decrypt, .use, .import, .policy, .delete] {
                    let context = [
                        "aws:PrincipalOrgID": random.one(of: [[], ["o-1"], ["o-2"]]),
                        "aws:MultiFactorAuthPresent": random.one(of: [[], ["true"], ["false"]]),
                        "aws:TagKeys": random.one(of: [[], ["a"], ["a", "b"]]),
                        "aws:CurrentTime": random.one(of: [["2026-11-30T00:00:00Z"], ["2026-12-01T00:00:00Z"]]),
                        "kms:ExpirationModel": power == .import ? ["KEY_MATERIAL_EXPIRES"] : [],
                    ]
                    let oracle = PolicyOracle(caller: caller, context: context)
                    guard oracle.lets(power.actions[0], by: policy) else { continue }
                    allowed += 1
                    let text = try policy.text()
                    #expect(
                        report.holders.contains { $0.power == power && Self.isNamed(caller, by: $0) },
                        "seed \(seed): \(caller) can \(power) by \(text)")
                    // None of them is meant to.
                    guard [.import, .delete].contains(power) || isOfOther else { continue }
                    #expect(
                        report.findings.contains { $0.words.contains(power.words) },
                        "seed \(seed): \(caller) can \(power) by \(text)")
                }
            }
        }
        // That anybody can is what makes it a test.
        #expect(allowed > Self.policies)
    }
}

/// SplitMix64: the same in every run.
private struct SeededNumbers {
    var state: UInt64

    mutating func below(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((z ^ (z >> 31)) % UInt64(bound))
    }

    mutating func one<Element>(of all: [Element]) -> Element { all[below(all.count)] }
}
