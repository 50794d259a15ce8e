package import Ceremony
import CryptoPrimitives
import Evidence

/// Tries what a ceremony needs of AWS, as the identity that would hold it.
///
/// Only what harms nothing is called. AWS can neither try nor tell whether the rest is allowed.
package struct ServiceExamination: Sendable {
    private let kms: any KMSPort
    private let clock: any ClockPort

    package init(kms: any KMSPort, clock: any ClockPort) {
        self.kms = kms
        self.clock = clock
    }

    /// - Parameters:
    ///   - key: A key or an alias to try permissions at; nil if none was named.
    ///   - wrappingKeySpec: The size of the wrapping key to ask for, such as `RSA_4096`.
    package func run(key: String?, wrappingKeySpec: String) async -> [Finding] {
        var findings: [Finding] = []
        do {
            let caller = try await kms.callerIdentity()
            findings.append(Finding("identity", .pass, caller.arn))
            findings.append(skew(service: caller.time))
        } catch {
            findings.append(
                Finding("identity", .fail, "\(error)", remedy: "Look at the endpoint, the network and the credentials"))
        }
        findings += await permissions(at: key, wrappingKeySpec)
        let effects = ["ImportKeyMaterial", "RotateKeyOnDemand", "CreateKey", "CreateAlias", "UpdateAlias"]
        findings += effects.map { call in
            Finding(
                "permission: \(call)", .unknown, "KMS has no dry run for it, and trying it would have its effect",
                remedy: "Compare the identity's policies and the key policy")
        }
        return findings
    }

    /// Times in evidence are this host's; AWS refuses what is signed more than five minutes off.
    private func skew(service: Evidence.Timestamp?) -> Finding {
        let check = "clock"
        guard let service else {
            return Finding(check, .unknown, "the service sent no Date", remedy: "Compare this host's clock by hand")
        }
        let seconds = clock.now().epochSeconds - service.epochSeconds
        let detail = "\(abs(seconds)) s \(seconds < 0 ? "behind" : "ahead of") the service"
        let remedy = "Set this host's clock: evidence has its times"
        return switch abs(seconds) {
        case ...5: Finding(check, .pass, detail)
        case ...60: Finding(check, .warn, detail, remedy: remedy)
        default: Finding(check, .fail, detail, remedy: remedy)
        }
    }

    private func permissions(at key: String?, _ wrappingKeySpec: String) async -> [Finding] {
        let further = ["GetKeyPolicy", "ListKeyRotations", "GetParametersForImport"]
        func untried(_ calls: [String], _ why: String) -> [Finding] {
            calls.map { Finding("permission: \($0)", .unknown, why, remedy: "Name a key with --key to try it") }
        }
        guard let key else { return untried(["DescribeKey"] + further, "no key was named") }
        var arn = key
        let found = await attempt("DescribeKey") {
            let found = try await kms.describe(key)
            arn = found.arn
            return "\(found.arn) is \(found.state), \(found.origin), \(found.spec)"
        }
        guard found.result == .pass else { return [found] + untried(further, "there is no key to try it at") }
        return [
            found,
            await attempt(further[0]) { "its SHA-256 is \(try await kms.policy(of: arn).digest.hex)" },
            await attempt(further[1]) { "materials: \(try await kms.materials(of: arn).count)" },
            await attempt(further[2]) {
                let answer = try await kms.importParameters(
                    of: arn, algorithm: .oaep, keySpec: wrappingKeySpec)
                return "a wrapping key of \(wrappingKeySpec), valid until \(answer.validUntil); it was not used"
            },
        ]
    }

    private func attempt(_ call: String, _ body: () async throws -> String) async -> Finding {
        do { return Finding("permission: \(call)", .pass, try await body()) } catch {
            return Finding(
                "permission: \(call)", .fail, "\(error)", remedy: "Give the caller what it lacks, or name another key")
        }
    }
}
